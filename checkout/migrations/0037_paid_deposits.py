import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    """Nothing of an order is captured before its deposit is paid."""

    dependencies = [
        ("checkout", "0036_open_deposits"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="order_deposit_is_paid",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.deposit_minor > 0 AND NEW.captured_minor > OLD.captured_minor)",
                    func="\n    PERFORM 1 FROM plans_deposit d WHERE d.plan_id = NEW.plan_id AND d.paid_minor = d.amount_minor;\n    IF NOT FOUND THEN\n        RAISE EXCEPTION '%', 'the deposit of order ' || NEW.id || ' is not paid' USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;",
                    hash="cac779ff0e3cd23070c3a5939837b52814d1f276",
                    operation='UPDATE OF "captured_minor"',
                    pgid="pgtrigger_order_deposit_is_paid_21e0c",
                    table="checkout_order",
                    when="BEFORE",
                ),
            ),
        ),
    ]
