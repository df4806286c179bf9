from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Bank accounts whose mandate is still to be ended are found without reading all methods."""

    # The index is made beside running writers.
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
