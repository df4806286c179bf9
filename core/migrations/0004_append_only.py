import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from core.together import Together


class Migration(migrations.Migration):
    """Add triggers to evidence tables: rows cannot be changed or deleted, whoever tries."""

    dependencies = [
        ("core", "0003_seal_answers"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="outboxevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="a8898af66a99d8077e9fac43136b3b329650b4f3",
                            operation="DELETE",
                            pgid="pgtrigger_kept_3fdcf",
                            table="core_outboxevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="outboxevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."payload" IS DISTINCT FROM (NEW."payload"))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="b7a8baec2f2582f2816fab8d565119ab1fd3324b",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_f68c6",
                            table="core_outboxevent",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="outboxevent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="edc464b188af3dfcd7ea822b29e221e7398777a5",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_a75f5",
                            table="core_outboxevent",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        )
    ]
