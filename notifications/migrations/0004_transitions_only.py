import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from core.together import Together


class Migration(migrations.Migration):
    """Add triggers that allow only the state machine's transitions, whoever changes a state."""

    dependencies = [
        ("notifications", "0003_facts_of_messages"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="message",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_moves",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('queued', 'dropped'), ('queued', 'failed'), ('queued', 'sent')))",
                            func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="da3011321249d7d3e82d4f438f664993ed95b82e",
                            operation='UPDATE OF "status"',
                            pgid="pgtrigger_status_moves_b4e4f",
                            table="notifications_message",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="message",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_begins",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.\"status\" NOT IN ('queued', 'sent'))",
                            func="RAISE EXCEPTION 'no row of % begins as %', TG_TABLE_NAME, NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="ec31e4b175e4d2c1ff29ee007175a632f392d088",
                            operation="INSERT",
                            pgid="pgtrigger_status_begins_67207",
                            table="notifications_message",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        )
    ]
