from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Disputes are found by the day on which they were opened."""

    # The index is made beside running writers.
    atomic = False

    dependencies = [
        ("payments", "0044_checks_of_purchases"),
    ]

    operations = [
        AddIndexConcurrently(model_name="dispute", index=models.Index(fields=["-opened_at"], name="dispute_newest")),
    ]
