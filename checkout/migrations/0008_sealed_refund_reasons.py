"""Why a shop gives something back, in its own words, encrypted."""

from django.db import migrations, models

import core.crypto


class Migration(migrations.Migration):
    dependencies = [("checkout", "0007_append_only")]
    operations = [
        migrations.AlterField(model_name="refund", name="reason", field=models.CharField(blank=True, db_column="reason", max_length=200)),
        migrations.RenameField(model_name="refund", old_name="reason", new_name="reason_before"),
        migrations.AddField(
            model_name="refund",
            name="reason",
            field=core.crypto.EncryptedTextField(before="reason_before", blank=True, db_column="reason_sealed"),
        ),
    ]
