"""Dated rates between currencies, and those that come with the product."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from markets.services import load_rates


def load(apps: Apps, _: BaseDatabaseSchemaEditor) -> None:
    """Load them."""
    load_rates(rate_model=apps.get_model("markets", "ExchangeRate"))


class Migration(migrations.Migration):
    dependencies = [("markets", "0004_market_addresses")]
    operations = [
        migrations.CreateModel(
            name="ExchangeRate",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("currency", models.CharField(max_length=3)),
                ("date", models.DateField()),
                ("per_euro_e8", models.BigIntegerField()),
                ("source", models.CharField(max_length=200)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("currency", "date"), name="exchange_rate_once"),
                    models.CheckConstraint(condition=models.Q(("per_euro_e8__gt", 0)), name="exchange_rate_positive"),
                ]
            },
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
