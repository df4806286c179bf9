import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from core.together import Together


class Migration(migrations.Migration):
    """Require that a limit equals the newest change in its history; the database numbers the changes."""

    atomic = False

    dependencies = [
        ("credit", "0004_answered_once"),
        ("core", "0008_numbers_of_history"),
    ]
    operations = [
        RemoveIndexConcurrently(
            model_name="limitchange",
            name="limit_change_newest",
        ),
        migrations.AddField(
            model_name="limitchange",
            name="number",
            field=models.BigIntegerField(db_default=0, editable=False),
        ),
        AddIndexConcurrently(
            model_name="limitchange",
            index=models.Index(fields=["line", "-number", "-id"], name="limit_change_newest"),
        ),
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="creditline",
                    trigger=pgtrigger.compiler.Trigger(
                        name="limit_begins_told",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            constraint="CONSTRAINT",
                            func="\n    PERFORM 1 FROM credit_creditline l WHERE l.id = NEW.id AND l.limit_minor IS DISTINCT FROM (\n        SELECT c.after_minor FROM credit_limitchange c WHERE c.line_id = l.id ORDER BY c.number DESC, c.id DESC LIMIT 1);\n    IF FOUND THEN\n        RAISE EXCEPTION 'the newest change of line % does not tell its limit', NEW.id USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NULL;",
                            hash="e1bf70ffde9bb61b0d6e709fec78fc0af2c62658",
                            operation="INSERT",
                            pgid="pgtrigger_limit_begins_told_9cf48",
                            table="credit_creditline",
                            timing="DEFERRABLE INITIALLY DEFERRED",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="creditline",
                    trigger=pgtrigger.compiler.Trigger(
                        name="limit_is_told",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."limit_minor" IS DISTINCT FROM (NEW."limit_minor"))',
                            constraint="CONSTRAINT",
                            func="\n    PERFORM 1 FROM credit_creditline l WHERE l.id = NEW.id AND l.limit_minor IS DISTINCT FROM (\n        SELECT c.after_minor FROM credit_limitchange c WHERE c.line_id = l.id ORDER BY c.number DESC, c.id DESC LIMIT 1);\n    IF FOUND THEN\n        RAISE EXCEPTION 'the newest change of line % does not tell its limit', NEW.id USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NULL;",
                            hash="6ddb5906521bbc93209d459c2d735754bb799957",
                            operation='UPDATE OF "limit_minor"',
                            pgid="pgtrigger_limit_is_told_9e63f",
                            table="credit_creditline",
                            timing="DEFERRABLE INITIALLY DEFERRED",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="limitchange",
                    trigger=pgtrigger.compiler.Trigger(
                        name="numbered",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="NEW.number := nextval('public.evidence_number'); RETURN NEW;",
                            hash="3c885d7166a869262e3dd88165bf34ac637cf577",
                            operation="INSERT",
                            pgid="pgtrigger_numbered_1648b",
                            table="credit_limitchange",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="limitchange",
                    trigger=pgtrigger.compiler.Trigger(
                        name="tells_the_limit",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            constraint="CONSTRAINT",
                            func="PERFORM 1 FROM credit_creditline l WHERE l.id = NEW.line_id FOR NO KEY UPDATE;\n    PERFORM 1 FROM credit_creditline l WHERE l.id = NEW.line_id AND l.limit_minor IS DISTINCT FROM (\n        SELECT c.after_minor FROM credit_limitchange c WHERE c.line_id = l.id ORDER BY c.number DESC, c.id DESC LIMIT 1);\n    IF FOUND THEN\n        RAISE EXCEPTION 'the newest change of line % does not tell its limit', NEW.line_id USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NULL;",
                            hash="35d87a03f13a72b9ebb3f9800868b2ab8f47e4f8",
                            operation="INSERT",
                            pgid="pgtrigger_tells_the_limit_46d86",
                            table="credit_limitchange",
                            timing="DEFERRABLE INITIALLY DEFERRED",
                            when="AFTER",
                        ),
                    ),
                ),
            ]
        ),
    ]
