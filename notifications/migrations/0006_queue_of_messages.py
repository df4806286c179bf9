from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add indexes to read the queue in order: messages that people wait for come first."""

    # The indexes are made concurrently, without blocking writers.
    atomic = False

    dependencies = [
        ("notifications", "0005_patient_messages"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(condition=models.Q(("status", "queued")), fields=["patient", "not_before"], name="message_queue"),
        ),
        RemoveIndexConcurrently(model_name="message", name="message_waiting"),
    ]
