import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    """Payments laid out anew, or offered, above what one operator may do alone take two."""

    dependencies = [
        ("plans", "0055_goods_returns"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="planchange",
            trigger=pgtrigger.compiler.Trigger(
                name="rearranged_by_two",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.kind IN ('re_aged', 'reamortized', 'restructure_offered'))",
                    declare="DECLARE owed bigint; money text;",
                    func="\n        SELECT p.currency INTO money FROM plans_plan p WHERE p.id = NEW.plan_id;\n        SELECT coalesce(sum(i.principal_minor - i.paid_principal_minor), 0) INTO owed\n        FROM plans_installment i WHERE i.plan_id = NEW.plan_id AND i.status IN ('scheduled', 'partially_paid', 'overdue');\n        IF NEW.actor LIKE 'proposal:%' THEN\n            IF NOT EXISTS (\n                SELECT 1 FROM controls_proposal c WHERE c.kind = 'plans.rearranging' AND c.status = 'approved'\n                AND c.signature <> '' AND c.subject = NEW.plan_id::text AND (c.after->>'amount_minor')::bigint = owed\n                AND replace(c.after->>'kind', 'restructured', 'restructure_offered') = NEW.kind\n            ) THEN\n                RAISE EXCEPTION 'no two operators agreed to lay out %', NEW.plan_id USING ERRCODE = 'integrity_constraint_violation';\n            END IF;\n        ELSIF NEW.actor ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' AND owed > (coalesce(\n                (SELECT s.value FROM controls_settingchange s WHERE s.name = 'plans.rearrange_alone_' || lower(money)\n                ORDER BY s.id DESC LIMIT 1),\n                CASE money WHEN 'USD' THEN 500 WHEN 'GBP' THEN 500 WHEN 'EUR' THEN 500 WHEN 'AUD' THEN 750 WHEN 'DKK' THEN 4000 WHEN 'SEK' THEN 5000 ELSE 0 END) * 100) THEN\n            RAISE EXCEPTION 'one operator may not lay out % alone', NEW.plan_id USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        RETURN NEW;",
                    hash="e5fc1261775734593314ca8e98efc82a649f1207",
                    operation="INSERT",
                    pgid="pgtrigger_rearranged_by_two_495fc",
                    table="plans_planchange",
                    when="BEFORE",
                ),
            ),
        ),
    ]
