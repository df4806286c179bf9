from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add indexes to find traffic rows by age."""

    # The indexes are made concurrently, without blocking writers.
    atomic = False

    dependencies = [
        ("core", "0008_numbers_of_history"),
    ]

    operations = [
        AddIndexConcurrently(model_name="outboxevent", index=models.Index("at", condition=models.Q(("relayed", True)), name="outbox_age")),
        AddIndexConcurrently(
            model_name="delivery", index=models.Index("done_at", condition=models.Q(("done_at__isnull", False)), name="delivery_age")
        ),
        AddIndexConcurrently(model_name="providercalls", index=models.Index(fields=["hour"], name="provider_calls_age")),
    ]
