"""The guides in a real browser: accessible, never wide, copied and switched by keyboard, and asking nobody outside."""

import pytest

from tests.browser.looking import BRIEF, RULES, SETTLED

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PATHS = ["/docs/", "/docs/consumer", "/docs/integrate", "/docs/installation", "/docs/search?q=refund"]


@pytest.mark.parametrize("path", PATHS)
def test_guides_are_accessible_never_wide_and_ask_nobody_outside(page, live_server, path):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_extra_http_headers({"Accept-Language": "de"})
    page.goto(live_server.url + path)
    for width, mode in ((320, "light"), (390, "dark"), (1280, "light")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=mode, reduced_motion="reduce")
        page.evaluate(SETTLED)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, width
    found = axe.Axe().run(page, options={**RULES, **BRIEF}).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    assert [url for url in asked if not url.startswith((live_server.url, "data:"))] == []


def test_a_sample_is_chosen_and_copied_by_keyboard(page, live_server):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{live_server.url}/docs/integrate")
    tabs = page.locator("[role=tablist]").first
    tabs.get_by_role("tab", name="curl").focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert tabs.get_by_role("tab", name="Python").get_attribute("aria-selected") == "true"
    panel = page.get_by_role("tabpanel", name="Python").first
    assert "requests.post(" in panel.inner_text()
    panel.get_by_role("button", name="Copy").press("Enter")
    panel.get_by_role("button", name="Copied").press("Enter")
    panel.get_by_role("button", name="Copy").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith("import os")
