"""The demo shop in four languages: every text that its pages show is said in each, with the same values."""

import ast
import re
from string import Formatter

import pytest

from tests.shop.conftest import SHOP

ROOMS = ("catalog.py", "customers.py", "till.py", "pages/frame.py", "pages/selling.py", "pages/paying.py", "pages/orders.py")
# What is no text for people: names, codes of places, classes of the style sheet, and headers.
NO_TEXT = re.compile(
    r"[A-Z]{2,3}|IPX6|[\W\d]*( ?([xlmckg]{1,2}|[\d.,]+))*|(wrap|grid|promises|banner|pill|field|button|door) .*"
    r"|width=.*|light dark|%s.*| UTC"
)
NAMES = {
    *(
        "Nordlys Lamps",
        "Trailhead Outdoor",
        "Havnens Cykler",
        "Anna Lindholm",
        "410 Larch Street",
        "Portland",
        "Freja Holm",
        "Strandvejen 12",
    ),
    *("Aarhus C", "Bo Madsen", "Kajgade 7", "København K"),
}


def texts_of(room: str) -> set[str]:
    """Return the sentences that stand in a module."""
    tree = ast.parse((SHOP / "storefront" / room).read_text())
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = {
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
    }
    return {text for text in found if (" " in text or text[:1].isupper()) and not NO_TEXT.fullmatch(text)} - NAMES


@pytest.mark.parametrize("room", ROOMS)
def test_every_sentence_is_said_in_every_language(storefront, room):
    from storefront.languages import texts

    assert texts_of(room) - set(texts()) == set()


def test_no_translation_is_empty_or_loses_a_value(storefront):
    from storefront.languages import texts

    def values(text: str) -> list[str]:
        return sorted(name for _, name, _, _ in Formatter().parse(text) if name)

    for english, others in texts().items():
        assert len(others) == 3
        assert all(one.strip() and values(one) == values(english) for one in others), english


@pytest.mark.parametrize(
    ("asked", "kept", "accepted", "chosen"),
    [
        ("", "", "", "en"),
        ("", "", "fr-FR,sv;q=0.8,da;q=0.9", "da"),
        ("", "de", "da", "de"),
        ("sv", "de", "da", "sv"),
        ("fr", "xx", "da-DK", "da"),
        ("", "", "da;q=nonsense,;;,de;q=0.1", "de"),
    ],
)
def test_the_language_is_the_one_chosen_else_kept_else_the_browsers(storefront, asked, kept, accepted, chosen):
    from storefront.languages import choose

    assert choose(asked, kept, accepted) == chosen


def test_a_page_says_which_language_it_is_in_and_keeps_what_was_chosen(street, customer):
    street.start("shop")
    page = customer.get("/trailhead/products/hede?lang=da")
    assert '<html lang="da">' in page.text
    assert page.headers["Content-Language"] == "da"
    assert "Hede tomandstelt" in page.text
    assert 'locale="da-DK"' in page.text
    assert "Læg i kurv" in customer.get("/trailhead/products/hede").text
    assert "Add to basket" in customer.get("/trailhead/products/hede?lang=en").text
