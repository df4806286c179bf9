"""What is bought and what shops note of it, encrypted."""

from django.db import migrations, models

import core.crypto


class Migration(migrations.Migration):
    dependencies = [("checkout", "0004_marked_rounding")]
    operations = [
        migrations.AlterField(model_name="checkout", name="items", field=models.JSONField(db_column="items", default=list)),
        migrations.AlterField(model_name="checkout", name="metadata", field=models.JSONField(db_column="metadata", default=dict)),
        migrations.RenameField(model_name="checkout", old_name="items", new_name="items_before"),
        migrations.RenameField(model_name="checkout", old_name="metadata", new_name="metadata_before"),
        migrations.AddField(
            model_name="checkout",
            name="items",
            field=core.crypto.EncryptedJSONField(before="items_before", blank=True, db_column="items_sealed", default=list, kind=list),
        ),
        migrations.AddField(
            model_name="checkout",
            name="metadata",
            field=core.crypto.EncryptedJSONField(before="metadata_before", blank=True, db_column="metadata_sealed", default=dict),
        ),
    ]
