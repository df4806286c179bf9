"""Limit the index of holds to charges that use a hold; most do not."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]
    operations = [
        migrations.AddIndex(
            model_name="charge",
            index=models.Index(condition=models.Q(("authorization__isnull", False)), fields=["authorization"], name="charge_authorization"),
        ),
        migrations.AlterField(
            model_name="charge",
            name="authorization",
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="payments.authorization"),
        ),
    ]
