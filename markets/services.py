"""Writes of markets."""

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.clock import local_date
from core.db import unit, wait_lock
from core.errors import Conflict
from markets import queries
from markets.checking import check_setting
from markets.models import ExchangeRate, Market, MarketSetting

DATA = Path(__file__).parent / "data" / "markets.json"
RATES = Path(__file__).parent / "data" / "rates.json"


def load_markets() -> int:
    """Write the markets and legal parameters that come with the product; return the number of rows.

    Markets get the file's values. Dated settings that the installation already has are not changed.
    """
    data = json.loads(DATA.read_text())
    with unit():
        for market in data["markets"]:
            Market.objects.update_or_create(code=market["code"], defaults=market)
        settings = [MarketSetting(market_id=row.pop("market"), **row) for row in data["settings"]]
        MarketSetting.objects.bulk_create(settings, ignore_conflicts=True)
    queries.forget()
    return len(data["markets"]) + len(settings)


def add_setting(*, market: Market, key: str, value: Any, valid_from: date, source: str, note: str = "", at: datetime) -> MarketSetting:
    """Write a setting that applies from a day on (from today, if that day has passed); the previous row is replaced, never changed.

    Invalid if the setting cannot have the value; Conflict if another value begins on the same day.
    """
    check_setting(market=market.code, key=key, value=value, source=source)
    day = max(valid_from, local_date(at, market.time_zone))
    with unit():
        wait_lock(f"setting {market.code} {key}")
        if MarketSetting.objects.filter(market=market, key=key, valid_from=day).exists():
            raise Conflict("Another value begins on this day already.", code="markets.set_already")
        made = MarketSetting(market=market, key=key, value=value, valid_from=day, source=source, note=note[:200])
        made.save(force_insert=True)
    queries.forget_rows(key)
    return made


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
