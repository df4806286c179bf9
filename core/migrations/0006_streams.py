from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Store the stream of each delivery, within which deliveries stay in order."""

    # The index is made concurrently, without blocking writers.
    atomic = False

    dependencies = [
        ("core", "0005_provider_accounts"),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="stream",
            field=models.CharField(blank=True, default="", db_default="", max_length=60),
        ),
        AddIndexConcurrently(
            model_name="delivery",
            index=models.Index("stream", "handler", "id", condition=models.Q(("done_at__isnull", True)), name="delivery_stream"),
        ),
    ]
