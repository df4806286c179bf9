from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The plans and charges of a brand are found by its consumers."""

    # The index is made beside running writers.
    atomic = False

    dependencies = [
        ("accounts", "0022_checked_results"),
    ]

    operations = [
        AddIndexConcurrently(model_name="consumer", index=models.Index(fields=["brand"], name="consumer_of_brand")),
    ]
