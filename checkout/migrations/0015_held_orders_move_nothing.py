import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    """What was not approved begins as held, and what is held moves no money."""

    dependencies = [
        ("checkout", "0014_refunds_add_up"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="capture",
            trigger=pgtrigger.compiler.Trigger(
                name="capture_of_no_held_order",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    PERFORM 1 FROM checkout_order o WHERE o.id = NEW.order_id AND o.status = 'pending_review';\n    IF FOUND THEN\n        RAISE EXCEPTION '%', 'order ' || NEW.order_id || ' is held' USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;",
                    hash="65a66f8d3c178b49b1c3b52b96c91f432f20a9f4",
                    operation="INSERT",
                    pgid="pgtrigger_capture_of_no_held_order_adf32",
                    table="checkout_capture",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="order_begins_as_decided",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.status = 'authorized')",
                    func="\n    PERFORM 1 FROM credit_decision d\n    WHERE d.id = NEW.decision_id AND d.consumer_id = NEW.consumer_id AND d.currency = NEW.currency AND d.outcome = 'approve'\n        AND NEW.amount_minor <= d.order_limit_minor;\n    IF NOT FOUND THEN\n        RAISE EXCEPTION '%', 'order ' || NEW.id || ' was not approved, and begins as a held one' USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;",
                    hash="fb231f158e90df62637afd120facfa60c1f2bcc6",
                    operation="INSERT",
                    pgid="pgtrigger_order_begins_as_decided_40e64",
                    table="checkout_order",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="held_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN ((OLD.status = \'pending_review\' AND NEW.status = \'pending_review\') AND ((OLD."authorized_at" IS DISTINCT FROM (NEW."authorized_at") OR OLD."captured_minor" IS DISTINCT FROM (NEW."captured_minor"))))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="73eb935465a09f1ebb8e6fd451e126db3c0bde76",
                    operation="UPDATE",
                    pgid="pgtrigger_held_stays_b04e3",
                    table="checkout_order",
                    when="BEFORE",
                ),
            ),
        ),
    ]
