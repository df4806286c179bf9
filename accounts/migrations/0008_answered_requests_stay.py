import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from core.together import Together


class Migration(migrations.Migration):
    """Protect answered requests and their answers from changes."""

    dependencies = [
        ("accounts", "0007_transitions_only"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="consumerrequest",
                    trigger=pgtrigger.compiler.Trigger(
                        name="answered_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN ((OLD.status = 'answered') AND (OLD.* IS DISTINCT FROM NEW.*))",
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="f69d4d9507f79a194e4b4fc121d8e4cafe7603d7",
                            operation="UPDATE",
                            pgid="pgtrigger_answered_stays_cc0f7",
                            table="accounts_consumerrequest",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        )
    ]
