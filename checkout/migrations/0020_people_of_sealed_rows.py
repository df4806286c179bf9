import core.crypto
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Refunds know whom they are about; rows that are there are filled and sealed by the next migration."""

    dependencies = [
        ("accounts", "0022_checked_results"),
        ("checkout", "0019_acting_for_shops"),
    ]

    operations = [
        migrations.AddField(
            model_name="refund",
            name="consumer",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.consumer"
            ),
        ),
        migrations.AlterField(
            model_name="refund",
            name="reason",
            field=core.crypto.EncryptedTextField(before="reason_before", blank=True, db_column="reason_sealed", person="consumer_id"),
        ),
    ]
