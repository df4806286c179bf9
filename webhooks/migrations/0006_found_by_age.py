from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Shops' events, deliveries and tries are found by their age."""

    # The indexes are made beside running writers.
    atomic = False

    dependencies = [
        ("webhooks", "0005_transitions_only"),
    ]

    operations = [
        AddIndexConcurrently(model_name="merchantevent", index=models.Index(fields=["created_at"], name="merchant_event_age")),
        AddIndexConcurrently(
            model_name="delivery",
            index=models.Index(
                fields=["created_at"], condition=models.Q(("status", "waiting"), _negated=True), name="webhook_delivery_age"
            ),
        ),
        AddIndexConcurrently(model_name="attempt", index=models.Index(fields=["at"], name="webhook_attempt_age")),
    ]
