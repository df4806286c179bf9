from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Orders and checkouts of all shops are found by the beginning of the shop's reference."""

    # The indexes are made beside running writers.
    atomic = False

    dependencies = [
        ("checkout", "0030_found_by_end"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="checkout",
            index=models.Index(fields=["merchant_reference"], opclasses=["varchar_pattern_ops"], name="checkout_of_any_shop"),
        ),
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(fields=["merchant_reference"], opclasses=["varchar_pattern_ops"], name="order_of_any_shop"),
        ),
    ]
