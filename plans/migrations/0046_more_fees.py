import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Fees for returned debits and for dates that people move; the database counts the first among those for being late."""

    dependencies = [
        ("plans", "0045_reasons_of_versions"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="fee",
            name="within_caps",
        ),
        migrations.AlterField(
            model_name="fee",
            name="kind",
            field=models.CharField(
                choices=[
                    ("late", "Late fee"),
                    ("reminder", "Reminder fee"),
                    ("returned", "Fee for a returned debit"),
                    ("reschedule", "Fee for a moved date"),
                    ("service", "Service fee"),
                ],
                max_length=10,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="fee",
            trigger=pgtrigger.compiler.Trigger(
                name="within_caps",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.amount_minor > 0)",
                    declare="DECLARE held jsonb; plan plans_plan; holder uuid; asked bigint; interest bigint; first date; years int; begins date; here bigint; in_order bigint; in_year bigint; penalties bigint; others bigint; apart int; reminded bigint; unbroken bigint;",
                    func="\n        SELECT s.value || coalesce(r.value, '{}'::jsonb) INTO held\n        FROM markets_marketsetting s LEFT JOIN markets_marketsetting r ON r.id = NEW.caps_of_state_id\n        WHERE s.id = NEW.caps_id AND s.key = 'fee.caps';\n        IF held IS NULL THEN\n            RAISE EXCEPTION 'fee % has no caps', NEW.id USING ERRCODE = 'check_violation';\n        END IF;\n        SELECT p.* INTO plan FROM plans_plan p JOIN plans_installment i ON i.plan_id = p.id WHERE i.id = NEW.installment_id;\n        SELECT coalesce(c.person_id, c.id) INTO holder FROM accounts_consumer c WHERE c.id = plan.consumer_id;\n        PERFORM pg_advisory_xact_lock(hashtextextended('fees:' || holder::text, 0));\n        SELECT i.principal_minor + i.interest_minor INTO asked FROM plans_installment i WHERE i.id = NEW.installment_id;\n        SELECT coalesce(sum(i.interest_minor), 0) INTO interest FROM plans_installment i WHERE i.plan_id = plan.id;\n        SELECT min(i.start_date) INTO first FROM plans_installment i JOIN plans_plan p ON p.id = i.plan_id\n            JOIN accounts_consumer c ON c.id = p.consumer_id\n        WHERE (c.id = holder OR c.person_id = holder) AND p.currency = plan.currency;\n        years := extract(year FROM age(NEW.on, first));\n        begins := first + make_interval(years => years);\n        SELECT coalesce(sum(f.amount_minor) FILTER (WHERE f.installment_id = NEW.installment_id), 0),\n            coalesce(sum(f.amount_minor) FILTER (WHERE p.id = plan.id), 0),\n            coalesce(sum(f.amount_minor) FILTER (WHERE f.on > (NEW.on - interval '1 year')::date), 0),\n            coalesce(sum(f.amount_minor) FILTER (WHERE f.on BETWEEN begins AND NEW.on AND f.kind IN ('late', 'reminder', 'returned')), 0),\n            coalesce(sum(f.amount_minor) FILTER (WHERE f.on BETWEEN begins AND NEW.on AND f.kind NOT IN ('late', 'reminder', 'returned')), 0)\n        INTO here, in_order, in_year, penalties, others\n        FROM plans_fee f JOIN plans_installment i ON i.id = f.installment_id JOIN plans_plan p ON p.id = i.plan_id\n            JOIN accounts_consumer c ON c.id = p.consumer_id\n        WHERE (c.id = holder OR c.person_id = holder) AND p.currency = plan.currency AND f.status = 'charged';\n        SELECT min(NEW.on - f.on) FILTER (WHERE f.id <> NEW.id), count(*) FILTER (WHERE f.installment_id = NEW.installment_id),\n            count(*) FILTER (WHERE f.on >= plan.late_since)\n        INTO apart, reminded, unbroken\n        FROM plans_fee f JOIN plans_installment i ON i.id = f.installment_id\n        WHERE i.plan_id = plan.id AND f.kind = 'reminder' AND f.amount_minor > 0;\n        IF here > (held->>'installment_minor')::bigint\n            OR here > asked * (held->>'installment_bps')::bigint / 10000\n            OR in_order > (held->>'order_minor')::bigint\n            OR in_order > plan.captured_minor * (held->>'order_bps')::bigint / 10000\n            OR in_order + interest > plan.captured_minor * (held->>'total_cost_bps')::bigint / 10000\n            OR in_year > (held->>'consumer_year_minor')::bigint\n            OR (NEW.kind = 'reminder' AND (NEW.amount_minor > (held->>'reminder_minor')::bigint\n                OR apart < (held->>'reminders_apart_days')::int OR greatest(reminded, unbroken) > (held->>'reminders_most')::bigint))\n            OR (NEW.kind IN ('late', 'reminder', 'returned') AND penalties > CASE WHEN others > 0 THEN (held->>'period_default_minor')::bigint\n                WHEN years = 0 THEN (held->>'period_default_only_first_minor')::bigint\n                ELSE (held->>'period_default_only_later_minor')::bigint END)\n            OR (NEW.kind NOT IN ('late', 'reminder', 'returned') AND (penalties > (held->>'period_default_minor')::bigint\n                OR others > CASE WHEN years = 0 THEN (held->>'period_other_first_minor')::bigint\n                ELSE (held->>'period_other_later_minor')::bigint END))\n        THEN\n            RAISE EXCEPTION 'fee % is more than the caps allow', NEW.id USING ERRCODE = 'check_violation';\n        END IF;\n        RETURN NULL;",
                    hash="35bd22b810f965bf4dbb9c7083dd38b9da57ffe5",
                    operation="INSERT",
                    pgid="pgtrigger_within_caps_e723c",
                    table="plans_fee",
                    when="AFTER",
                ),
            ),
        ),
    ]
