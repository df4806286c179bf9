"""Dated rates between currencies, and those that come with the product."""

from django.db import migrations, models

from markets.migrations._loading import load_rates


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
        migrations.RunPython(load_rates, migrations.RunPython.noop),
    ]
