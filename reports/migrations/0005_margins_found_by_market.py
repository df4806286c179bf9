from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The margins of a market and some months are found by an index."""

    # The index is made beside running writers.
    atomic = False

    dependencies = [
        ("reports", "0004_margins_by_class_with_costs"),
    ]

    operations = [
        AddIndexConcurrently(model_name="margin", index=models.Index(fields=["market", "month"], name="margin_by_market")),
    ]
