from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add an index to find order limits that two operators set by their last day."""

    # The index is made concurrently, without blocking writers.
    atomic = False

    dependencies = [
        ("credit", "0009_order_limits_by_hand"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="creditline",
            index=models.Index(
                fields=["order_by_hand_until"], name="order_limit_by_hand", condition=models.Q(order_by_hand_until__isnull=False)
            ),
        ),
    ]
