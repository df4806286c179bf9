"""Data that migrations load: markets, settings and rates as of when the migrations were made, frozen beside them.

Newer numbers of the product's own files reach a database by `manage.py install`, the demo and the tests.
"""

import json
from decimal import Decimal
from pathlib import Path

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

DATA = Path(__file__).parent / "data"


def load_markets(apps: Apps, _: BaseDatabaseSchemaEditor) -> None:
    """Write the markets, with the columns that exist at that migration, and the missing settings."""
    market_model, setting_model = apps.get_model("markets", "Market"), apps.get_model("markets", "MarketSetting")
    data = json.loads((DATA / "markets-1.json").read_text())
    known = {field.name for field in market_model._meta.get_fields()}
    for market in data["markets"]:
        defaults = {name: value for name, value in market.items() if name in known}
        market_model.objects.update_or_create(code=market["code"], defaults=defaults)
    settings = [setting_model(market_id=row.pop("market"), **row) for row in data["settings"]]
    setting_model.objects.bulk_create(settings, ignore_conflicts=True)


def load_rates(apps: Apps, _: BaseDatabaseSchemaEditor) -> None:
    """Write the exchange rates for dates without rates."""
    rate_model = apps.get_model("markets", "ExchangeRate")
    data = json.loads((DATA / "rates-1.json").read_text())
    rates = [
        rate_model(currency=currency, date=data["date"], per_euro_e8=int(Decimal(per_euro).scaleb(8)), source=data["source"])
        for currency, per_euro in data["per_euro"].items()
    ]
    rate_model.objects.bulk_create(rates, ignore_conflicts=True)
