"""The design system in a real browser: accessible, no policy violations, and the small script's comforts."""

import pytest

from portals.design.views import SCREENS
from tests.browser.looking import BRIEF, RULES, SETTLED

pytestmark = [pytest.mark.browser, pytest.mark.urls("portals.urls"), pytest.mark.django_db(transaction=True)]
PATHS = ["/design/", *(f"/design/{name}" for name in SCREENS if name != "mail")]


@pytest.fixture
def visit(page, live_server):
    """Give a function that opens a path; the test fails on anything the browser complained of."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def go(path):
        page.goto(live_server.url + path)
        return page

    yield go
    assert [text for text in complaints if "favicon" not in text and "404" not in text] == []


@pytest.mark.parametrize("path", PATHS)
def test_pages_are_accessible_and_never_scroll_sideways(visit, path):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = visit(path)
    for width, mode in ((320, "light"), (768, "light"), (1280, "dark")):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        page.emulate_media(color_scheme=mode, reduced_motion="reduce")
        page.evaluate(SETTLED)
        if width != 768:
            found = axe.Axe().run(page, options={**RULES, **BRIEF}).response["violations"]
            assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


def test_checkout_names_the_chosen_plan_on_its_button(visit):
    page = visit("/design/checkout")
    button = page.locator("button[form=plan-form]")
    assert button.inner_text() == "Continue with 4 payments"
    assert page.get_by_text("When it ships").is_visible()
    page.get_by_role("radio", name="6 months").check()
    assert button.inner_text() == "Continue with 6 months"
    assert not page.get_by_text("When it ships").is_visible()
    assert page.get_by_text("Mon, Feb 22").is_visible()


def test_plans_open_without_script(browser, live_server):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{live_server.url}/design/checkout")
    page.get_by_text("In 30 days", exact=True).click()
    assert page.locator(".plan").nth(1).locator(".plan-body").is_visible()
    assert not page.locator(".plan").nth(0).locator(".plan-body").is_visible()
    assert page.locator("button[form=plan-form]").inner_text() == "Continue and pay in 30 days"
    context.close()


def test_the_code_field_draws_six_boxes_and_takes_a_pasted_code(visit):
    page = visit("/design/")
    field = page.get_by_label("The 6 digits we sent")
    field.focus()
    field.fill("123 456")
    assert field.input_value() == "123456"
    boxes = page.locator("[data-code]").first.locator(".code-boxes span")
    assert boxes.all_inner_texts() == list("123456")
    field.fill("")
    field.press_sequentially("9a8")
    assert boxes.all_inner_texts() == ["9", "8", "", "", "", ""]


def test_tabs_show_one_sample_and_move_by_arrow(visit):
    page = visit("/design/")
    page.get_by_role("tab", name="curl").press("ArrowRight")
    assert page.get_by_role("tab", name="Python").get_attribute("aria-selected") == "true"
    assert page.get_by_text("import requests").is_visible()
    assert not page.get_by_text("curl https").is_visible()


def test_the_dialog_opens_closes_and_gives_the_focus_back(visit):
    page = visit("/design/")
    opener = page.get_by_role("button", name="Open the dialog")
    opener.click()
    dialog = page.get_by_role("dialog", name="Void this order?")
    assert dialog.is_visible()
    dialog.get_by_role("button", name="Keep it").click()
    assert not dialog.is_visible()
    assert opener.evaluate("(button) => button === document.activeElement")


def test_everything_to_press_is_large_enough(visit):
    page = visit("/design/home")
    small = page.evaluate(
        """() => [...document.querySelectorAll('a.btn, button, .bottombar a, summary')]
          .filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect())
          .filter((box) => box.height < 44 || box.width < 44).map((box) => [box.width, box.height])"""
    )
    assert small == []
