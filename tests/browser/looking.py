"""What is looked at on every page: nothing to stumble over, nothing outside the window, nothing that moves, no complaint."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
COLORS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
# 1280 pixels at 400 %, as WCAG 1.4.10 asks for it.
NARROW = {"width": 320, "height": 800}
PHONE = {"width": 390, "height": 844}
WATCH = """
  window.shifts = [];
  new PerformanceObserver((list) => { for (const one of list.getEntries()) if (!one.hadRecentInput)
    window.shifts.push([one.value, one.sources.map((s) => s.node?.outerHTML?.slice(0, 120))]);
  }).observe({ type: "layout-shift", buffered: true });
"""
SETTLED = """() => Promise.race([new Promise((done) => setTimeout(done, 500)),
  document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
    .then(() => Promise.allSettled(document.getAnimations().map((one) => one.finished)))])"""
# What stands outside, though nothing scrolls: an element that is cut off, and belongs to no region that scrolls.
OUTSIDE = """() => {
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) return [`scrolls ${wide} px sideways`];
  const scrolls = (node) => { for (let at = node.parentElement; at; at = at.parentElement)
    if (["auto", "scroll"].includes(getComputedStyle(at).overflowX) && at !== document.body) return true; return false; };
  return [...document.querySelectorAll("main *")].filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
    .filter((one) => { const box = one.getBoundingClientRect(); return box.width > 1 && box.height > 1 && box.right > innerWidth + 1; })
    .filter((one) => !scrolls(one) && !one.closest("svg")).slice(0, 3).map((one) => one.outerHTML.slice(0, 120));
}"""
MOVING = """() => document.getAnimations().filter((one) => { const { duration, iterations } = one.effect.getComputedTiming();
  return one.playState === "running" && (duration > 20 || iterations === Infinity); }).length"""


class Eyes:
    """Looks at pages of one browser and remembers what is wrong with them."""

    def __init__(self, context: Any) -> None:
        self.axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
        self.wrong: list[tuple[Any, ...]] = []
        self.where = ""
        context.add_init_script(WATCH)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.wrong.append((self.where, "script", str(error.error))))
        self.expected: tuple[str, ...] = ("favicon.ico",)

    def _hear(self, message: Any) -> None:
        known = any(text in message.text or text in str(message.location) for text in self.expected)
        if message.type in {"error", "warning"} and not known:
            self.wrong.append((self.where, "console", message.text))

    @contextmanager
    def refused(self, status: int) -> Iterator[None]:
        """Expect an answer of a status, which browsers note on the console by themselves."""
        before, self.expected = self.expected, (*self.expected, f"status of {status}")
        yield
        self.expected = before

    def look(self, page: Any, where: str, *, shifts: bool = True) -> None:
        """Look at a page as it is now, on a phone and at 400 %, light and dark."""
        self.where = where
        page.evaluate(SETTLED)
        if shifts:
            self._note(where, "moved", page.evaluate("window.shifts"))
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        before = page.viewport_size
        page.set_viewport_size(NARROW)
        self._note(where, "outside", page.evaluate(OUTSIDE))
        self._note(where, "still moves", [page.evaluate(MOVING)] if page.evaluate(MOVING) else [])
        self._axe(page, where, RULES)
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        page.evaluate(SETTLED)
        self._axe(page, f"{where} in the dark", COLORS)
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.set_viewport_size(before)

    def _axe(self, page: Any, where: str, rules: dict[str, Any]) -> None:
        for one in self.axe.run(page, options=rules).response["violations"]:
            self.wrong.extend((where, one["id"], one["impact"], node["html"][:200]) for node in one["nodes"][:3])

    def _note(self, where: str, what: str, found: list[Any]) -> None:
        self.wrong.extend((where, what, one) for one in found)

    def close(self) -> None:
        """Fail where anything was wrong."""
        assert not self.wrong, "\n" + "\n".join(map(str, self.wrong))
