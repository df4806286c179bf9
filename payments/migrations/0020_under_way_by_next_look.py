from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add an index to find charges under way by the time of their next look-up."""

    # The index is made concurrently, without blocking writers.
    atomic = False

    dependencies = [
        ("payments", "0019_bank_debits"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="charge",
            index=models.Index(condition=models.Q(status="under_way"), fields=["next_look_at"], name="charge_under_way"),
        ),
    ]
