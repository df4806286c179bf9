import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    """A bank transfer that was confirmed may come back."""

    dependencies = [
        ("payments", "0038_checked_kinds_of_turns_again"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="transfer",
            name="status_moves",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="transfer",
            name="closed_stays",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="transfer",
            name="sent_stays",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="transfer",
            trigger=pgtrigger.compiler.Trigger(
                name="status_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('confirmed', 'rejected'), ('sent', 'confirmed'), ('sent', 'rejected'), ('wanted', 'rejected'), ('wanted', 'sent')))",
                    func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                    hash="a7ce0ffdcb58e809ac1781be92dd2e58a956c31d",
                    operation='UPDATE OF "status"',
                    pgid="pgtrigger_status_moves_25399",
                    table="payments_transfer",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="transfer",
            trigger=pgtrigger.compiler.Trigger(
                name="closed_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.status = NEW.status AND OLD.status IN ('confirmed', 'rejected')) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="76dac65adb7ab6c7e6bf1c918bdd7715fcabb202",
                    operation="UPDATE",
                    pgid="pgtrigger_closed_stays_8942e",
                    table="payments_transfer",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="transfer",
            trigger=pgtrigger.compiler.Trigger(
                name="sent_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN ((OLD.status IN (\'sent\', \'confirmed\')) AND ((OLD."bank_reference" IS DISTINCT FROM (NEW."bank_reference") OR OLD."sent_at" IS DISTINCT FROM (NEW."sent_at") OR OLD."sent_by" IS DISTINCT FROM (NEW."sent_by"))))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="ec50ba5c6850889ade0fc6514e7348662eeff7e3",
                    operation="UPDATE",
                    pgid="pgtrigger_sent_stays_1d946",
                    table="payments_transfer",
                    when="BEFORE",
                ),
            ),
        ),
    ]
