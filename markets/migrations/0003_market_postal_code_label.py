"""What a postal code is called in a market."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from markets.services import load_markets


def load(apps: Apps, _: BaseDatabaseSchemaEditor) -> None:
    """Load the markets again, now with it."""
    load_markets(market_model=apps.get_model("markets", "Market"), setting_model=apps.get_model("markets", "MarketSetting"))


class Migration(migrations.Migration):
    dependencies = [("markets", "0002_load_markets")]
    operations = [
        migrations.AddField(
            model_name="market",
            name="postal_code_label",
            field=models.CharField(default="postal code", max_length=20, verbose_name="what a postal code is called within a sentence"),
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
