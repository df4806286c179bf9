"""Writes of markets."""

import json
from pathlib import Path
from typing import Any

from core.db import unit
from markets import queries
from markets.models import Market, MarketSetting

DATA = Path(__file__).parent / "data" / "markets.json"


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
