"""The products of every market in their first version."""

from django.db import migrations

# Code, name, installments, interval, days, first payment, nominal yearly rate in basis points, smallest amount in major units.
PRODUCTS = [
    ("pay_in_4", "4 payments", 4, "biweekly", 0, "now", 0, 1),
    ("pay_in_30", "In 30 days", 1, "days", 30, "later", 0, 1),
    ("monthly_6", "6 months", 6, "monthly", 0, "later", 1490, 50),
    ("monthly_12", "12 months", 12, "monthly", 0, "later", 1490, 100),
]
# Largest amount in major units of the market's currency.
LARGEST = {"US": 10_000, "GB": 10_000, "DE": 10_000, "AU": 15_000, "DK": 75_000, "SE": 100_000}


def create(apps, schema_editor):
    product = apps.get_model("plans", "Product")
    product.objects.bulk_create(
        product(
            market_id=market,
            code=code,
            name=name,
            count=count,
            interval=interval,
            interval_days=days,
            first=first,
            rate_bps=rate,
            minimum_minor=smallest * 100,
            maximum_minor=largest * 100,
            position=position,
        )
        for market, largest in LARGEST.items()
        for position, (code, name, count, interval, days, first, rate, smallest) in enumerate(PRODUCTS)
    )


def remove(apps, schema_editor):
    apps.get_model("plans", "Product").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("plans", "0001_initial"), ("markets", "0002_load_markets")]
    operations = [migrations.RunPython(create, remove)]
