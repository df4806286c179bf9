import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    """Look up by its indexes whether a person is blocked, instead of reading all blocks for each order."""

    dependencies = [
        ("checkout", "0044_erased_completed"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="order",
            name="order_of_nobody_blocked",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="order_of_nobody_blocked",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE holder uuid;",
                    func="\n    SELECT coalesce(c.person_id, c.id) INTO holder FROM accounts_consumer c WHERE c.id = NEW.consumer_id;\n    PERFORM 1 FROM accounts_consumer c JOIN accounts_block b ON b.consumer_id = c.id AND b.lifted_at IS NULL\n    WHERE c.id = holder OR c.person_id = holder LIMIT 1;\n    IF FOUND THEN\n        RAISE EXCEPTION '%', 'order ' || NEW.id || ' is not sold to a person whose purchases are refused' USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;",
                    hash="e696d0b1484d7f1840e91f2793a2b8e03cf4af8d",
                    operation="INSERT",
                    pgid="pgtrigger_order_of_nobody_blocked_f4700",
                    table="checkout_order",
                    when="BEFORE",
                ),
            ),
        ),
    ]
