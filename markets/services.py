"""Writes of markets."""

import json
from decimal import Decimal
from pathlib import Path

from core.db import unit
from markets import queries
from markets.models import ExchangeRate, Market, MarketSetting

DATA = Path(__file__).parent / "data" / "markets.json"
RATES = Path(__file__).parent / "data" / "rates.json"


def load_markets() -> int:
    """Write the markets and legal parameters that come with the product; return the number of rows.

    Markets are set to the file's values. A dated setting that the installation already has keeps its values.
    """
    data = json.loads(DATA.read_text())
    with unit():
        for market in data["markets"]:
            Market.objects.update_or_create(code=market["code"], defaults=market)
        settings = [MarketSetting(market_id=row.pop("market"), **row) for row in data["settings"]]
        MarketSetting.objects.bulk_create(settings, ignore_conflicts=True)
    queries.forget()
    return len(data["markets"]) + len(settings)


def load_rates() -> int:
    """Write the exchange rates that come with the product, for dates without rates; return the number of rows."""
    data = json.loads(RATES.read_text())
    rates = [
        ExchangeRate(currency=currency, date=data["date"], per_euro_e8=int(Decimal(per_euro).scaleb(8)), source=data["source"])
        for currency, per_euro in data["per_euro"].items()
    ]
    ExchangeRate.objects.bulk_create(rates, ignore_conflicts=True)
    queries.forget()
    return len(rates)
