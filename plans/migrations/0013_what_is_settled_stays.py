import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from core.together import Together


class Migration(migrations.Migration):
    """What is settled, paid, completed or closed stays as it was."""

    dependencies = [
        ("plans", "0012_withdrawn_plans"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="installment",
                    trigger=pgtrigger.compiler.Trigger(
                        name="paid_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN ((OLD.status = \'paid\') AND ((OLD."due_date" IS DISTINCT FROM (NEW."due_date") OR OLD."interest_minor" IS DISTINCT FROM (NEW."interest_minor") OR OLD."paid_at" IS DISTINCT FROM (NEW."paid_at") OR OLD."paid_interest_minor" IS DISTINCT FROM (NEW."paid_interest_minor") OR OLD."paid_principal_minor" IS DISTINCT FROM (NEW."paid_principal_minor") OR OLD."principal_minor" IS DISTINCT FROM (NEW."principal_minor") OR OLD."start_date" IS DISTINCT FROM (NEW."start_date"))))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="e9691791923baaf4eb7e17a1d945d24870ce337c",
                            operation="UPDATE",
                            pgid="pgtrigger_paid_stays_8a95a",
                            table="plans_installment",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        )
    ]
