import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Remember each failed charge of a deposit, since the person may confirm any of them late."""

    atomic = False
    dependencies = [
        ("plans", "0029_hardship"),
    ]

    operations = [
        migrations.AddField(
            model_name="deposit",
            name="tried_before",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.UUIDField(), blank=True, db_default=[], default=list, size=None
            ),
        ),
        AddIndexConcurrently(
            model_name="deposit",
            index=django.contrib.postgres.indexes.GinIndex(fields=["tried_before"], name="deposit_tried_before"),
        ),
    ]
