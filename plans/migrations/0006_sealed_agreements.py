"""Agreements, which name what was bought, encrypted."""

from django.db import migrations, models

import core.crypto


class Migration(migrations.Migration):
    dependencies = [("plans", "0005_when_to_charge")]
    operations = [
        migrations.AlterField(model_name="plan", name="agreement", field=models.JSONField(db_column="agreement", default=dict)),
        migrations.RenameField(model_name="plan", old_name="agreement", new_name="agreement_before"),
        migrations.AddField(
            model_name="plan",
            name="agreement",
            field=core.crypto.EncryptedJSONField(before="agreement_before", blank=True, db_column="agreement_sealed", default=dict),
        ),
    ]
