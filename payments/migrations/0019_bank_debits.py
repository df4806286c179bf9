import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Allow charges that are under way for days, as bank debits are, and visits to a gateway's page for bank accounts."""

    dependencies = [
        ("payments", "0018_other_ways_back"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="charge",
            name="status_moves",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="charge",
            name="answer_stays",
        ),
        migrations.AddField(
            model_name="cardsetup",
            name="kind",
            field=models.CharField(
                choices=[("card", "Card"), ("bank_debit", "Bank account"), ("wallet", "Wallet")],
                db_default="card",
                default="card",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="charge",
            name="next_look_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="break",
            name="kind",
            field=models.CharField(
                choices=[
                    ("answer_differs", "The gateway moved another amount"),
                    ("refund_failed", "A refund did not reach the card"),
                    ("payout_failed", "A payout did not reach the shop"),
                    ("charge_reversed", "A payment was taken back by the bank"),
                    ("pull_late", "A bank debit has not ended"),
                    ("dispute", "A payment is disputed at the bank"),
                    ("dispute_lost", "The bank decided for the cardholder"),
                ],
                max_length=20,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="charge",
            trigger=pgtrigger.compiler.Trigger(
                name="status_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('failed', 'succeeded'), ('pending', 'failed'), ('pending', 'succeeded'), ('pending', 'under_way'), ('pending', 'unknown'), ('succeeded', 'reversed'), ('under_way', 'failed'), ('under_way', 'succeeded'), ('unknown', 'failed'), ('unknown', 'succeeded'), ('unknown', 'under_way')))",
                    func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                    hash="c1d4fdbdd97c31f8f507c76fff1a73913e9d102d",
                    operation='UPDATE OF "status"',
                    pgid="pgtrigger_status_moves_45746",
                    table="payments_charge",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="charge",
            trigger=pgtrigger.compiler.Trigger(
                name="answer_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN ((OLD.status = NEW.status AND OLD.status NOT IN (\'pending\', \'unknown\', \'under_way\')) AND ((OLD."failure" IS DISTINCT FROM (NEW."failure") OR OLD."gateway_ref" IS DISTINCT FROM (NEW."gateway_ref") OR OLD."settled_at" IS DISTINCT FROM (NEW."settled_at") OR OLD."tries" IS DISTINCT FROM (NEW."tries"))))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="29b219911e8e09b522994147ad3706862e6a5f9e",
                    operation="UPDATE",
                    pgid="pgtrigger_answer_stays_3c155",
                    table="payments_charge",
                    when="BEFORE",
                ),
            ),
        ),
    ]
