import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """The close of a day gives plans up that are late for the days set for their market."""

    dependencies = [
        ("plans", "0038_standstill"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="chargeoff",
            name="agreed_by_two",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="plan",
            name="given_up_by_two",
        ),
        migrations.AlterField(
            model_name="chargeoff",
            name="reason",
            field=models.CharField(
                choices=[
                    ("uncollectible", "Cannot be collected"),
                    ("deceased", "The person has died"),
                    ("insolvent", "The person is insolvent"),
                    ("fraud", "Fraud"),
                    ("uneconomic", "Costs more than it brings"),
                    ("by_day", "Late for very long"),
                ],
                max_length=20,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="chargeoff",
            trigger=pgtrigger.compiler.Trigger(
                name="agreed_by_two",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n        IF NEW.reason = 'by_day' AND NEW.proposal_id IS NULL AND EXISTS (SELECT 1 FROM plans_plan p WHERE p.id = NEW.plan_id AND EXISTS (\n        SELECT 1 FROM plans_product r JOIN markets_marketsetting s ON s.market_id = r.market_id AND s.key = 'charge_off.by_day'\n        JOIN plans_installment i ON i.plan_id = p.id AND i.status = 'overdue'\n            AND i.principal_minor + i.interest_minor > i.paid_principal_minor + i.paid_interest_minor\n        WHERE r.id = p.product_id AND s.valid_from <= (NEW.closed_at AT TIME ZONE p.time_zone)::date AND (s.valid_to IS NULL OR s.valid_to > (NEW.closed_at AT TIME ZONE p.time_zone)::date)\n            AND (NEW.closed_at AT TIME ZONE p.time_zone)::date - i.due_date - i.paused_days >= (s.value #>> '{}')::int)) THEN\n            RETURN NEW;\n        END IF;\n        IF NOT EXISTS (\n            SELECT 1 FROM controls_proposal p WHERE p.id = NEW.proposal_id AND p.subject = NEW.plan_id::text AND p.kind = 'collection.charge_off' AND p.status = 'approved' AND p.signature <> ''\n            AND p.proposed_by = NEW.proposed_by AND p.decided_by = NEW.closed_by\n        ) THEN\n            RAISE EXCEPTION 'no two operators agreed on %', NEW.id USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        RETURN NEW;",
                    hash="6139373421b8c9b1370ccd52a25469a96167b2fb",
                    operation="INSERT",
                    pgid="pgtrigger_agreed_by_two_58b48",
                    table="plans_chargeoff",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="plan",
            trigger=pgtrigger.compiler.Trigger(
                name="given_up_by_two",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.status = 'charged_off' AND OLD.status <> NEW.status)",
                    func="\n        IF NOT EXISTS (\n            SELECT 1 FROM plans_chargeoff c JOIN controls_proposal p ON p.id = c.proposal_id\n            WHERE c.plan_id = NEW.id AND c.status = 'confirmed' AND p.kind = 'collection.charge_off' AND p.status = 'approved' AND p.signature <> ''\n        ) AND NOT EXISTS (\n            SELECT 1 FROM plans_receipt r JOIN controls_proposal p ON p.subject = r.plan_id::text AND p.after->>'receipt' = r.id::text\n            WHERE r.plan_id = NEW.id AND p.kind = 'collection.receipt_undone' AND p.status = 'approved' AND p.signature <> ''\n        ) AND NOT EXISTS (\n            SELECT 1 FROM plans_chargeoff c WHERE c.plan_id = NEW.id AND c.reason = 'by_day'\n            AND EXISTS (SELECT 1 FROM plans_plan p WHERE p.id = NEW.id AND EXISTS (\n        SELECT 1 FROM plans_product r JOIN markets_marketsetting s ON s.market_id = r.market_id AND s.key = 'charge_off.by_day'\n        JOIN plans_installment i ON i.plan_id = p.id AND i.status = 'overdue'\n            AND i.principal_minor + i.interest_minor > i.paid_principal_minor + i.paid_interest_minor\n        WHERE r.id = p.product_id AND s.valid_from <= (c.closed_at AT TIME ZONE p.time_zone)::date AND (s.valid_to IS NULL OR s.valid_to > (c.closed_at AT TIME ZONE p.time_zone)::date)\n            AND (c.closed_at AT TIME ZONE p.time_zone)::date - i.due_date - i.paused_days >= (s.value #>> '{}')::int))\n        ) THEN\n            RAISE EXCEPTION 'a plan is given up by two operators only' USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        RETURN NEW;",
                    hash="5996cceae19d919297b31062882290ae781ff431",
                    operation='UPDATE OF "status"',
                    pgid="pgtrigger_given_up_by_two_924b0",
                    table="plans_plan",
                    when="BEFORE",
                ),
            ),
        ),
    ]
