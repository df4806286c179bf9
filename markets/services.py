"""Writes of markets."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.db import unit
from markets import queries
from markets.models import ExchangeRate, Market, MarketSetting

DATA = Path(__file__).parent / "data" / "markets.json"
RATES = Path(__file__).parent / "data" / "rates.json"


def load_markets(*, market_model: Any = Market, setting_model: Any = MarketSetting) -> int:
    """Write the markets and the law's numbers that come with the product; return how many rows they are.

    Markets are brought to the file's state. A dated setting that an operator has is left as it is: its values are theirs.
    """
    data = json.loads(DATA.read_text())
    # A migration's model may be older than the file, and lack some of its columns.
    known = {field.name for field in market_model._meta.get_fields()}
    with unit():
        for market in data["markets"]:
            defaults = {name: value for name, value in market.items() if name in known}
            market_model.objects.update_or_create(code=market["code"], defaults=defaults)
        settings = [setting_model(market_id=row.pop("market"), **row) for row in data["settings"]]
        setting_model.objects.bulk_create(settings, ignore_conflicts=True)
    queries.forget()
    return len(data["markets"]) + len(settings)


def load_rates(*, rate_model: Any = ExchangeRate) -> int:
    """Write the exchange rates that come with the product, where there are none of their date yet; return how many they are."""
    data = json.loads(RATES.read_text())
    rates = [
        rate_model(currency=currency, date=data["date"], per_euro_e8=int(Decimal(per_euro).scaleb(8)), source=data["source"])
        for currency, per_euro in data["per_euro"].items()
    ]
    rate_model.objects.bulk_create(rates, ignore_conflicts=True)
    queries.forget()
    return len(rates)
