"""The demo shop is a stranger: it knows the public API and nothing else of the platform."""

import ast
import json
import sys
from types import SimpleNamespace

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


@pytest.mark.parametrize(
    ("due", "said"),
    [
        ("2026-11-22", "We ship it within two days. Your first payment is taken when we do."),
        ("2026-12-22", "We ship it within two days. Nothing is taken then: your payments come later, as listed below."),
    ],
)
def test_what_is_taken_on_shipping_is_what_the_plan_says(storefront, due, said):
    from storefront.catalog import SHOPS
    from storefront.pages.frame import Scene
    from storefront.pages.orders import order_page
    from storefront.store import Purchase

    bought = Purchase("N-1", "t", "v", "nordlys", "USD", 22_900, [], {}, "k", "authorized", None, None, "ord_1", 0, 0, 1)
    rows = [{"due_date": due, "amount": 3_984, "status": "scheduled"}]
    order = {"captured": 0, "created_at": "2026-11-22T10:00:00Z", "plan": {"installments": rows}}
    page = order_page(Scene(SHOPS[0], "pk", "http://localhost", 0), bought, order, [])
    assert f'<p class="lead">{said}</p>' in page


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


def test_a_shop_of_another_brand_is_open_where_the_platform_has_it_and_asks_at_its_host(storefront, tmp_path):
    from storefront.config import Config, read_config, wait_for_keys

    def account(name):
        return {"name": name, "secret_key": f"sk_{name}", "publishable_key": f"pk_{name}"}

    path = tmp_path / "shop.json"
    told = {"merchants": [account("Nordlys Lamps"), account("Trailhead Outdoor")]}
    path.write_text(json.dumps(told))
    assert list(wait_for_keys(path, 0)) == ["nordlys", "trailhead"]
    bank = "http://fjordbank.localhost:8000"
    path.write_text(json.dumps(told | {"brands": [{"base_url": bank, "merchants": [account("Havnens Cykler")]}]}))
    config = read_config(["--demo-json", str(path)])
    assert isinstance(config, Config)
    assert [shop.slug for shop in config.shops] == ["nordlys", "trailhead", "havnens"]
    assert (config.platform_of("havnens"), config.platform_of("nordlys")) == (bank, config.api_base)
    assert config.api_origins == [config.api_base, bank]


def test_an_account_of_another_brand_calls_at_that_brands_host(storefront, monkeypatch):
    from storefront.api import Api

    asked = []
    answer = SimpleNamespace(status_code=200, ok=True, json=lambda: {"data": []})
    monkeypatch.setattr("requests.request", lambda *_call, headers, **_how: asked.append(headers.get("Host")) or answer)
    Api("http://localhost:8000", "sk", "fjordbank.localhost:8000").list_endpoints()
    Api("http://localhost:8000", "sk").list_endpoints()
    assert asked == ["fjordbank.localhost:8000", None]
