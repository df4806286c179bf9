import core.crypto
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Store the consumer of each transfer; the next migration fills and encrypts existing rows."""

    dependencies = [
        ("accounts", "0022_checked_results"),
        ("payments", "0028_checked_kinds_of_events"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="transfer",
            name="unchanged",
        ),
        migrations.AddField(
            model_name="transfer",
            name="consumer",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.consumer"
            ),
        ),
        migrations.AlterField(
            model_name="transfer",
            name="account",
            field=core.crypto.EncryptedTextField(person="consumer_id"),
        ),
        migrations.AlterField(
            model_name="transfer",
            name="holder",
            field=core.crypto.EncryptedTextField(person="consumer_id"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="transfer",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."account" IS DISTINCT FROM (NEW."account") OR OLD."consumer_id" IS DISTINCT FROM (NEW."consumer_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."holder" IS DISTINCT FROM (NEW."holder") OR OLD."refund_id" IS DISTINCT FROM (NEW."refund_id") OR OLD."wanted_by" IS DISTINCT FROM (NEW."wanted_by"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="d0c07eff62f79b2767393a64419deb4477a2a357",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_f43c1",
                    table="payments_transfer",
                    when="BEFORE",
                ),
            ),
        ),
    ]
