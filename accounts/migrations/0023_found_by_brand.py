from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add an index to find a brand's plans and charges by its consumers."""

    # The index is made concurrently, without blocking writers.
    atomic = False

    dependencies = [
        ("accounts", "0022_checked_results"),
    ]

    operations = [
        AddIndexConcurrently(model_name="consumer", index=models.Index(fields=["brand"], name="consumer_of_brand")),
    ]
