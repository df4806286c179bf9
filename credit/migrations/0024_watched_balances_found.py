from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add an index to find the accesses by which balances are looked at before debits."""

    # The index is made concurrently, without blocking writers.
    atomic = False

    dependencies = [
        ("credit", "0023_balances_before_debits"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="bankaccess",
            index=models.Index(fields=["consumer"], name="bank_access_watched", condition=models.Q(watches=True, closed_at__isnull=True)),
        ),
    ]
