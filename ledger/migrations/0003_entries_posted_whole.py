import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from core.together import Together


class Migration(migrations.Migration):
    """No line is added to an entry after the transaction that posted it."""

    dependencies = [
        ("ledger", "0002_append_only"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.RemoveTrigger(
                    model_name="line",
                    name="line_balanced",
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="line",
                    trigger=pgtrigger.compiler.Trigger(
                        name="line_balanced",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    IF EXISTS (SELECT 1 FROM new_lines GROUP BY entry_id, currency HAVING sum(amount_minor) <> 0) THEN\n        RAISE EXCEPTION 'ledger entry does not balance' USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    -- An entry is posted whole: its lines are of one transaction. Each is looked up by its entry, however many there are.\n    IF EXISTS (\n        SELECT 1 FROM new_lines n WHERE n.xid <> pg_current_xact_id()::text::bigint\n    ) OR EXISTS (\n        SELECT 1 FROM new_lines n CROSS JOIN LATERAL (\n            SELECT 1 FROM ledger_line l WHERE l.entry_id = n.entry_id AND l.xid <> n.xid OFFSET 0) earlier\n    ) THEN\n        RAISE EXCEPTION 'ledger entry was posted before' USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN NULL;\n",
                            hash="f7df41032b87c98ef13ef1c1a185b5d0bcb30227",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_line_balanced_11eaf",
                            referencing="REFERENCING NEW TABLE AS new_lines ",
                            table="ledger_line",
                            when="AFTER",
                        ),
                    ),
                ),
            ]
        )
    ]
