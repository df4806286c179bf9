import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from core.together import Together


class Migration(migrations.Migration):
    """A state changes by a transition of its machine only, whoever asks the database for it."""

    dependencies = [
        ("webhooks", "0004_order_changes"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="delivery",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_moves",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('delivered', 'waiting'), ('failed', 'waiting'), ('waiting', 'delivered'), ('waiting', 'failed')))",
                            func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="0275bce73faacf557a0e1c1eb24691512aa0e908",
                            operation='UPDATE OF "status"',
                            pgid="pgtrigger_status_moves_738ac",
                            table="webhooks_delivery",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="delivery",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_begins",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.\"status\" NOT IN ('waiting'))",
                            func="RAISE EXCEPTION 'no row of % begins as %', TG_TABLE_NAME, NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="72858e5e64e913faf736b080727dec2912bf7fb8",
                            operation="INSERT",
                            pgid="pgtrigger_status_begins_9dfc6",
                            table="webhooks_delivery",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        )
    ]
