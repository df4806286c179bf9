from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The parts of an offer over several plans are found by it."""

    # The index is made beside running writers.
    atomic = False

    dependencies = [
        ("collection", "0023_settled_together"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="settlement",
            index=models.Index(fields=["joint"], condition=models.Q(("joint__isnull", False)), name="settlement_of_joint"),
        ),
    ]
