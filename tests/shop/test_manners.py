"""The demo shop is a stranger: it knows the public API and nothing else of the platform."""

import ast
import sys

import pytest

from tests.shop.conftest import SHOP

ALLOWED = {"requests", "standardwebhooks", "storefront"}


def test_the_shop_imports_nothing_of_the_platform():
    for path in SHOP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            tops = {name.split(".")[0] for name in names}
            assert tops <= ALLOWED | sys.stdlib_module_names, (path, tops)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (22_900, "USD", "$229.00"),
        (118_000, "USD", "$1,180.00"),
        (5, "USD", "$0.05"),
        (129_900, "DKK", "1.299,00\N{NO-BREAK SPACE}kr."),
        (-5_725, "USD", "-$57.25"),
    ],
)
def test_money_is_written_as_people_write_it(storefront, minor, currency, text):
    from storefront.money import write_money

    assert write_money(minor, currency) == text


def test_markup_escapes_what_is_not_markup(storefront):
    from storefront.markup import tag

    shown = tag("p", '<script>"', tag("b", "x"), None, 3, title='"&', hidden=True, class_="a", data_x=None)
    assert shown == '<p title="&quot;&amp;" hidden class="a">&lt;script&gt;&quot;<b>x</b>3</p>'


def test_every_product_has_a_drawing_and_a_price_that_installments_can_carry(storefront):
    from storefront.catalog import SHOPS

    for shop in SHOPS:
        assert len(shop.products) == 6
        for name in (*(product.slug for product in shop.products), "mark", "hero"):
            assert (SHOP / "static" / "art" / shop.slug / f"{name}.svg").exists()
        assert any(product.price > 100_000 for product in shop.products), "one order is held"
