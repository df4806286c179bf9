"""The widget: its address, and what it shows on a shop's page in a real browser under a strict policy."""

import gzip

import pytest
from django.test import Client

from tests.shop.conftest import wait_for

PATH = "/widget/v1.js"
SHOWN = "node => [...(node.shadowRoot ?? node).childNodes].filter(one => one.nodeName !== 'DIALOG').map(one => one.textContent).join('')"


def shown(quote) -> str:
    """Return what the widget shows on the page; a browser counts a shadow tree as nobody's text."""
    return quote.evaluate(SHOWN)


def test_any_page_may_load_the_script_and_keep_it_for_an_hour():
    answer = Client().get(PATH)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer["Cache-Control"] == "public, max-age=3600"
    assert not answer.cookies
    again = Client().get(PATH, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    packed = Client().get(PATH, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.content) == answer.content
    assert len(packed.content) < 8_000
    assert Client().post(PATH).status_code == 405


def test_the_script_uses_nothing_that_a_strict_policy_forbids():
    script = Client().get(PATH).content.decode()
    for forbidden in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "Function(",
        "cookie ",
        "Storage",
        ".style",
    ):
        assert forbidden not in script, forbidden


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_product_page_offers_installments_and_shows_every_date(street, page):
    troubles = []
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    street.start("web", "shop")
    page.goto(f"{street.url}/nordlys/products/arc")
    quote = page.locator("pay-in-installments")
    quote.get_by_text("$57.25").first.wait_for()
    assert shown(quote) == "or 4 payments of $57.25 with kvart See the dates"

    quote.get_by_role("button", name="See the dates").click()
    dialog = page.get_by_role("dialog", name="Pay over time with kvart")
    dialog.wait_for()
    assert dialog.get_by_role("listitem").count() == 4
    assert dialog.get_by_role("listitem").first.inner_text().split("\n") == ["When it ships", "$57.25"]
    dialog.get_by_text("6 months").click()
    assert dialog.get_by_role("listitem").count() == 6
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    assert page.evaluate("document.activeElement.shadowRoot.activeElement.textContent") == "See the dates"

    page.get_by_label("Quantity").select_option("3")
    wait_for(lambda: shown(quote) == "or 4 payments of $171.75 with kvart See the dates")
    page.get_by_label("Quantity").select_option("1")
    wait_for(lambda: shown(quote) == "or 4 payments of $57.25 with kvart See the dates")

    quote.evaluate("node => node.setAttribute('amount', '5727')")
    wait_for(lambda: shown(quote) == "or 4 payments of up to $14.32 with kvart See the dates")
    page.goto(f"{street.url}/trailhead/products/kilde")
    quote.get_by_text("57,25\N{NO-BREAK SPACE}kr.").first.wait_for()
    assert troubles == []
    assert [cookie["name"] for cookie in page.context.cookies()] == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_page_sells_on_where_the_platform_is_away_or_says_no(street, page):
    street.start("web", "shop")
    page.goto(f"{street.url}/nordlys/products/arc")
    quote = page.locator("pay-in-installments")
    quote.get_by_text("$57.25").first.wait_for()
    for name, value in (("publishable-key", "pk_sandbox_unknown"), ("amount", "-1"), ("amount", "many"), ("currency", "DKK")):
        page.reload()
        quote.get_by_text("$57.25").first.wait_for()
        quote.evaluate("(node, [name, value]) => node.setAttribute(name, value)", [name, value])
        wait_for(lambda: not shown(quote))
    street.stop("web")
    page.reload()
    page.get_by_role("button", name="Add to basket").click()
    page.get_by_role("heading", name="Your basket").wait_for()
    assert shown(quote) == ""


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_what_the_shop_can_mend_stands_on_the_console_and_in_its_place(street, page):
    told = []
    page.on("console", lambda message: told.append(message.text) if message.type == "warning" else None)
    street.start("web", "shop")
    page.goto(f"{street.url}/nordlys/products/arc")
    quote = page.locator("pay-in-installments")
    quote.get_by_text("$57.25").first.wait_for()

    quote.evaluate("node => { node.removeAttribute('quantity-from'); node.setAttribute('quantity', '2'); }")
    wait_for(lambda: shown(quote) == "or 4 payments of $114.50 with kvart See the dates")
    with page.expect_console_message(lambda message: message.type == "warning"):
        quote.evaluate("node => node.setAttribute('currency', 'EUR')")
    wait_for(lambda: shown(quote) == "")
    quote.evaluate("node => node.setAttribute('data-design', '')")
    wait_for(lambda: shown(quote) == "<pay-in-installments>: currency: must be USD")
    quote.evaluate("node => { node.setAttribute('currency', 'USD'); node.setAttribute('quantity', 'x'); }")
    wait_for(lambda: "is missing" in shown(quote))
    quote.evaluate("node => { node.setAttribute('quantity', '1'); node.setAttribute('amount', '1'); }")
    wait_for(lambda: shown(quote) == "<pay-in-installments>: no plan for this amount")
    quote.evaluate("node => node.removeAttribute('data-design')")
    wait_for(lambda: shown(quote) == "")
    assert told == ["<pay-in-installments>: currency: must be USD"]
