from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add an index to find bank accounts whose mandate must still be ended."""

    # The index is made concurrently, without blocking writers.
    atomic = False

    dependencies = [
        ("payments", "0023_mandates_end"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="paymentmethod",
            index=models.Index(
                condition=models.Q(("ended_at", None), ("kind", "bank_debit"), ("removed_at__isnull", False)),
                fields=["removed_at"],
                name="payment_method_to_end",
            ),
        ),
    ]
