import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from core.together import Together


class Migration(migrations.Migration):
    """Add triggers to evidence tables: rows cannot be changed or deleted, whoever tries."""

    dependencies = [
        ("notifications", "0001_initial"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="message",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="72af9b6405e5dc1f1a955bd4fd534e3881c8b401",
                            operation="DELETE",
                            pgid="pgtrigger_kept_443cb",
                            table="notifications_message",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="message",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."channel" IS DISTINCT FROM (NEW."channel") OR OLD."consumer_id" IS DISTINCT FROM (NEW."consumer_id") OR OLD."context" IS DISTINCT FROM (NEW."context") OR OLD."dedupe" IS DISTINCT FROM (NEW."dedupe") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."user_id" IS DISTINCT FROM (NEW."user_id"))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="417dbcbf09c44a695c201ce5454719ab36d8e2b6",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_6d557",
                            table="notifications_message",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="message",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="9a93fcc84c76bdfaa6bd26cebaedf3b73c456306",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_c93c3",
                            table="notifications_message",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        )
    ]
