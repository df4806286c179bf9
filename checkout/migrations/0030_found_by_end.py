from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Checkouts to be forgotten are found by their end."""

    # The index is made beside running writers.
    atomic = False

    dependencies = [
        ("checkout", "0029_forget_checkouts"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="checkout",
            index=models.Index(
                fields=["expires_at"],
                name="checkout_to_forget",
                condition=models.Q(status__in=("expired", "canceled"), decision=None),
            ),
        ),
    ]
