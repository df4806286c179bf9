"""No dead law: every setting of a market is read by code, and every key that code reads is a setting."""

import ast
import re
from pathlib import Path

from django.conf import settings

from accounts.rules.requests import KINDS
from markets.catalog import SETTINGS
from markets.models import MarketSetting

PLACES = {"address.regions", "address.time_zones"}
"""Lists that come with the product, and that nobody changes."""
APPS = (
    *("accounts", "brands", "checkout", "collection", "controls", "credit", "fraud", "learning", "ledger", "markets", "merchants"),
    *("notifications", "operations", "payments", "plans", "portals", "reports", "simulation", "webhooks"),
)
COMPOSED = re.compile(r"request\.(\w+)\.days")


def strings() -> set[str]:
    """Return every text that stands in the product's code, but for the catalog and the migrations."""
    root, found = Path(settings.BASE_DIR), set[str]()
    for app in APPS:
        for path in (root / app).rglob("*.py"):
            if (path.name.startswith("catalog") and app == "markets") or "migrations" in path.parts:
                continue
            tree = ast.parse(path.read_text())
            found |= {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return found


def test_every_setting_of_a_market_is_read_by_code():
    told = "\n".join(strings())
    composed = {f"request.{kind}.days" for kind in KINDS}
    read = {key for key in SETTINGS if re.search(rf"(?<![\w.]){re.escape(key)}(?![\w.])", told)}
    assert set(SETTINGS) - read - composed == set()
    # A request's days are asked for by its kind.
    assert "request." in strings()
    assert {key for key in SETTINGS if COMPOSED.fullmatch(key)} <= composed


def test_every_row_that_comes_with_the_product_is_a_setting(db):
    assert set(MarketSetting.objects.values_list("key", flat=True)) - set(SETTINGS) - PLACES == set()
