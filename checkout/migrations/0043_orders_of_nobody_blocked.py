import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    """No order begins for a person whose purchases operators refuse, also where the block came while the last click waited."""

    dependencies = [
        ("accounts", "0031_forget_screenings"),
        ("checkout", "0042_assessed_first"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="order_of_nobody_blocked",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    PERFORM 1 FROM accounts_block b JOIN accounts_consumer c ON c.id = b.consumer_id\n    JOIN accounts_consumer me ON coalesce(me.person_id, me.id) = coalesce(c.person_id, c.id)\n    WHERE b.lifted_at IS NULL AND me.id = NEW.consumer_id LIMIT 1;\n    IF FOUND THEN\n        RAISE EXCEPTION '%', 'order ' || NEW.id || ' is not sold to a person whose purchases are refused' USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;",
                    hash="e586b48399e5a82357b516bf9f26dd94704cf850",
                    operation="INSERT",
                    pgid="pgtrigger_order_of_nobody_blocked_f4700",
                    table="checkout_order",
                    when="BEFORE",
                ),
            ),
        ),
    ]
