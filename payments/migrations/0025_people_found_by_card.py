import django.db.models.fields.json
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add indexes to find people by the last digits of a card, and gateway events by their subject."""

    # The indexes are made concurrently, without blocking writers.
    atomic = False

    dependencies = [
        ("payments", "0024_mandates_to_end"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="paymentmethod",
            index=models.Index(
                django.db.models.fields.json.KeyTextTransform("last4", "shown"), models.F("id"), name="payment_method_last4"
            ),
        ),
        AddIndexConcurrently(model_name="gatewayevent", index=models.Index(fields=["reference"], name="gateway_event_reference")),
    ]
