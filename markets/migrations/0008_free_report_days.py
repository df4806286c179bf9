"""Within how many days of a refusal a credit bureau owes a free report, in the United States."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from markets.services import load_markets


def load(apps: Apps, _: BaseDatabaseSchemaEditor) -> None:
    """Load the markets again, now with it."""
    load_markets(market_model=apps.get_model("markets", "Market"), setting_model=apps.get_model("markets", "MarketSetting"))


class Migration(migrations.Migration):
    dependencies = [("markets", "0007_request_days")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
