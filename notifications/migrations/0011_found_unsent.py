from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add an index to find the messages that could not be sent."""

    # The index is made concurrently, without blocking writers.
    atomic = False

    dependencies = [
        ("notifications", "0010_checked_recipients"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(condition=models.Q(("status", "failed")), fields=["at"], name="message_unsent"),
        ),
    ]
