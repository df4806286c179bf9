"""Checks for every page: no accessibility faults, nothing outside the window, no layout shift, no console message."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# 1280 pixels at 400 %, as WCAG 1.4.10 asks for it.
NARROW = {"width": 320, "height": 800}
# Only violations, without loading anything for the check.
BRIEF = {"resultTypes": ["violations"], "preload": False}
# A share of the window too small to see: a hundredth of what counts as good.
UNSEEN = 0.001
# Every width between a phone's and a desktop's, in steps smaller than any range in which one layout was found too wide.
WIDTHS = range(320, 1441, 56)
TABLET = {"width": 768, "height": 1000}
WIDE = {"width": 1280, "height": 850}
WATCH = """
  window.shifts = [];
  new PerformanceObserver((list) => { for (const one of list.getEntries()) if (!one.hadRecentInput)
    window.shifts.push([one.value, one.sources.map((s) => s.node?.outerHTML?.slice(0, 120))]);
  }).observe({ type: "layout-shift", buffered: true });
"""
SETTLED = """() => Promise.race([new Promise((done) => setTimeout(done, 500)),
  document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
    .then(() => Promise.allSettled(document.getAnimations().map((one) => one.finished)))])"""
# Elements outside the window although the page does not scroll: cut off, and in no scrolling region.
OUTSIDE = """() => {
  const wide = document.documentElement.scrollWidth - innerWidth;
  const scrolls = (node) => { for (let at = node.parentElement; at && at !== document.body; at = at.parentElement)
    if (["auto", "scroll"].includes(getComputedStyle(at).overflowX)) return true; return false; };
  const shown = (node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const outside = ({ width, height, right }) => width > 1 && height > 1 && right > innerWidth + 1;
  const found = [...document.querySelectorAll("body *")].filter((one) => shown(one) && outside(one.getBoundingClientRect()));
  const lost = found.filter((one) => !scrolls(one) && !one.closest("svg, .skip, .sr, .away"));
  return [...(wide > 0 ? [`scrolls ${wide} px sideways`] : []), ...lost.slice(0, 4).map((one) => one.outerHTML.slice(0, 120))];
}"""
MOVING = """() => document.getAnimations().filter((one) => { const { duration, iterations } = one.effect.getComputedTiming();
  return one.playState === "running" && (duration > 20 || iterations === Infinity); }).length"""


class Eyes:
    """Checks pages of one browser and collects the problems found."""

    def __init__(self, context: Any) -> None:
        self.axe: str = pytest.importorskip("axe_playwright_python.base").AXE_SCRIPT
        self.wrong: list[tuple[Any, ...]] = []
        self.where = ""
        context.add_init_script(WATCH)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.wrong.append((self.where, "script", str(error.error))))
        self.expected: tuple[str, ...] = ("favicon.ico",)
        self.impacts = {"minor", "moderate", "serious", "critical"}

    def _hear(self, message: Any) -> None:
        known = any(text in message.text or text in str(message.location) for text in self.expected)
        if message.type in {"error", "warning"} and not known:
            self.wrong.append((self.where, "console", message.text))

    @contextmanager
    def refused(self, status: int) -> Iterator[None]:
        """Expect a response with this status, which browsers log on the console."""
        before, self.expected = self.expected, (*self.expected, f"status of {status}")
        yield
        self.expected = before

    def look(self, page: Any, where: str, *, shifts: bool = True) -> None:
        """Check a page as it is now: at 400 %, at every width, on a tablet and in a wide window; then its colors in dark mode."""
        self.where = where
        page.evaluate(SETTLED)
        if shifts:
            self._note(where, "moved", [shift for shift in page.evaluate("window.shifts") if shift[0] > UNSEEN])
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        before = page.viewport_size
        page.set_viewport_size(NARROW)
        self._note(where, "outside", page.evaluate(OUTSIDE))
        self._note(where, "still moves", [page.evaluate(MOVING)] if page.evaluate(MOVING) else [])
        self._axe(page, where, RULES)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            self._note(where, f"scrolls sideways at {width}", [wide] if wide > 0 else [])
        for size in (TABLET, WIDE):
            page.set_viewport_size(size)
            self._note(where, f"outside at {size['width']}", page.evaluate(OUTSIDE))
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        page.evaluate(SETTLED)
        self._axe(page, f"{where}, in the dark", {"runOnly": {"type": "rule", "values": ["color-contrast"]}})
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.set_viewport_size(before)

    def _axe(self, page: Any, where: str, rules: dict[str, Any]) -> None:
        if not page.evaluate("'axe' in window"):
            page.evaluate(self.axe)
        for one in page.evaluate("async (rules) => (await axe.run(document, rules)).violations", {**rules, **BRIEF}):
            if one["impact"] in self.impacts:
                self.wrong.extend((where, one["id"], one["impact"], node["html"][:200]) for node in one["nodes"][:3])

    def _note(self, where: str, what: str, found: list[Any]) -> None:
        self.wrong.extend((where, what, one) for one in found)

    def close(self) -> None:
        """Fail if there was any problem."""
        assert not self.wrong, "\n" + "\n".join(map(str, self.wrong))
