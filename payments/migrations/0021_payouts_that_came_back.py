from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add an index to find returned payouts by merchant."""

    atomic = False
    dependencies = [("payments", "0020_under_way_by_next_look")]
    operations = [
        AddIndexConcurrently(
            model_name="payout",
            index=models.Index(condition=models.Q(("status__in", ("failed", "reversed"))), fields=["owner"], name="payout_undone"),
        ),
    ]
