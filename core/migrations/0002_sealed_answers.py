"""Add a column for encrypted stored answers, which contain data from shops; old rows are deleted by age."""

from django.db import migrations, models

import core.crypto


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [
        migrations.AlterField(model_name="idempotentanswer", name="body", field=models.JSONField(db_column="body", null=True)),
        migrations.RenameField(model_name="idempotentanswer", old_name="body", new_name="body_before"),
        migrations.AddField(
            model_name="idempotentanswer",
            name="body",
            field=core.crypto.EncryptedJSONField(
                before="body_before", blank=True, db_column="body_sealed", default="", row=("scope", "key")
            ),
            preserve_default=False,
        ),
    ]
