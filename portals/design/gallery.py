"""Sample data of the component gallery, section by section."""

from datetime import date
from typing import Any

from portals.charts import funnel
from portals.design.samples import dated, merchant_overview, sales_chart, sample_form

_CURL = """curl https://pay.example/api/v1/checkouts \\
  -H "Authorization: Bearer sk_sandbox_..." \\
  -H "Idempotency-Key: 7d1c" \\
  -d '{"amount": 22900, "currency": "USD"}'"""
_PYTHON = """import requests

checkout = requests.post(
    "https://pay.example/api/v1/checkouts",
    headers={"Authorization": f"Bearer {key}", "Idempotency-Key": basket_id},
    json={"amount": 22900, "currency": "USD"},
).json()"""

SWATCHES = (
    ("ink", "Text"),
    ("soft", "Second text"),
    ("paper", "Ground"),
    ("card", "Cards"),
    ("line", "Hairlines"),
    ("edge", "Control edges"),
    ("brand", "Brand"),
    ("tint", "Brand tint"),
    ("good", "Good"),
    ("info", "Info"),
    ("warn", "Warning"),
    ("bad", "Needs you now"),
)


def gallery() -> dict[str, Any]:
    """Return everything that the gallery's sections read."""
    return {
        "swatches": SWATCHES,
        "sizes": (13, 14, 16, 18, 22, 26, 34, 44),
        "dates": _dates(),
        "form": sample_form(),
        "chart": sales_chart(),
        "steps": funnel([("Opened", 512), ("Identified", 466), ("Approved", 407), ("Completed", 369)]),
        "orders": _orders(),
        "facts": (("Order", "#10482"), ("Plan", "4 payments"), ("APR", "0%"), ("Merchant fee", "$12.37")),
        "chips": _chips(),
        "samples": (("curl", _CURL), ("Python", _PYTHON)),
        "one_sample": (("Answer", '{"id": "chk_7Hq2", "status": "open"}'),),
    }


def _dates() -> list[dict[str, Any]]:
    return [
        dated("Today", None, 5725, "paid"),
        dated("", date(2026, 11, 20), 5725, "late"),
        dated("", date(2026, 12, 6), 5725, "now"),
        dated("", date(2026, 12, 20), 5725),
    ]


def _orders() -> list[dict[str, Any]]:
    orders: list[dict[str, Any]] = merchant_overview()["orders"]
    return orders


def _chips() -> list[dict[str, Any]]:
    return [
        {"label": "All", "href": "#all", "count": 1284, "current": True},
        {"label": "Authorized", "href": "#authorized", "count": 14, "current": False},
        {"label": "In review", "href": "#review", "count": 2, "current": False},
        {"label": "Refunded", "href": "#refunded", "count": None, "current": False},
    ]
