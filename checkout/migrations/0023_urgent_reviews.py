from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Held orders whose time runs out are found without reading the others."""

    # The index is made beside running writers.
    atomic = False

    dependencies = [
        ("checkout", "0022_held_by_rules"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="orderreview",
            index=models.Index(
                fields=["-urgency"], condition=models.Q(("status__in", ("waiting", "prepared")), ("urgency__gt", 0)), name="review_urgent"
            ),
        ),
    ]
