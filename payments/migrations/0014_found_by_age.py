from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add indexes to find visits to card pages and gateway events by age."""

    # The indexes are made concurrently, without blocking writers.
    atomic = False

    dependencies = [
        ("payments", "0013_no_columns_of_cards"),
    ]

    operations = [
        AddIndexConcurrently(model_name="cardsetup", index=models.Index(fields=["created_at"], name="card_setup_age")),
        AddIndexConcurrently(model_name="gatewayevent", index=models.Index(fields=["received_at"], name="gateway_event_age")),
    ]
