import core.ids
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """Credits against fees, which early payments earn; what a credit pays of a fee counts in caps as if it were charged."""

    dependencies = [
        ("accounts", "0035_behavior"),
        ("markets", "0011_no_dead_settings"),
        ("plans", "0062_respites_checked"),
    ]

    operations = [
        migrations.CreateModel(
            name="FeeCredit",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("currency", models.CharField(max_length=3)),
                ("amount_minor", models.BigIntegerField()),
                ("used_minor", models.BigIntegerField(default=0)),
                ("returned_minor", models.BigIntegerField(default=0)),
                ("reversed_minor", models.BigIntegerField(default=0)),
                ("until", models.DateField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "credit against fees",
                "verbose_name_plural": "credits against fees",
            },
        ),
        migrations.CreateModel(
            name="FeeCreditUse",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("amount_minor", models.BigIntegerField()),
                ("given_back_at", models.DateTimeField(null=True)),
            ],
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="fee",
            name="within_caps",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="fee",
            name="unchanged",
        ),
        migrations.AddField(
            model_name="fee",
            name="credit_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="fee",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."actor" IS DISTINCT FROM (NEW."actor") OR OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."cap" IS DISTINCT FROM (NEW."cap") OR OLD."caps_id" IS DISTINCT FROM (NEW."caps_id") OR OLD."caps_of_state_id" IS DISTINCT FROM (NEW."caps_of_state_id") OR OLD."charge_id" IS DISTINCT FROM (NEW."charge_id") OR OLD."credit_minor" IS DISTINCT FROM (NEW."credit_minor") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."installment_id" IS DISTINCT FROM (NEW."installment_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."on" IS DISTINCT FROM (NEW."on") OR OLD."ruled" IS DISTINCT FROM (NEW."ruled") OR OLD."stage" IS DISTINCT FROM (NEW."stage") OR OLD."wanted_minor" IS DISTINCT FROM (NEW."wanted_minor"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="d816517da28ad5cdf39db0e31b56e92c449b3b3d",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_5e2d5",
                    table="plans_fee",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="fee",
            trigger=pgtrigger.compiler.Trigger(
                name="within_caps",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.amount_minor + NEW.credit_minor > 0)",
                    declare="DECLARE held jsonb; plan plans_plan; holder uuid; asked bigint; interest bigint; first date; years int; begins date; here bigint; in_order bigint; in_year bigint; penalties bigint; others bigint; apart int; reminded bigint; unbroken bigint;",
                    func="\n        SELECT s.value || coalesce(r.value, '{}'::jsonb) INTO held\n        FROM markets_marketsetting s LEFT JOIN markets_marketsetting r ON r.id = NEW.caps_of_state_id\n        WHERE s.id = NEW.caps_id AND s.key = 'fee.caps';\n        IF held IS NULL THEN\n            RAISE EXCEPTION 'fee % has no caps', NEW.id USING ERRCODE = 'check_violation';\n        END IF;\n        SELECT p.* INTO plan FROM plans_plan p JOIN plans_installment i ON i.plan_id = p.id WHERE i.id = NEW.installment_id;\n        SELECT coalesce(c.person_id, c.id) INTO holder FROM accounts_consumer c WHERE c.id = plan.consumer_id;\n        PERFORM pg_advisory_xact_lock(hashtextextended('fees:' || holder::text, 0));\n        SELECT i.principal_minor + i.interest_minor INTO asked FROM plans_installment i WHERE i.id = NEW.installment_id;\n        SELECT coalesce(sum(i.interest_minor), 0) INTO interest FROM plans_installment i WHERE i.plan_id = plan.id;\n        SELECT min(i.start_date) INTO first FROM plans_installment i JOIN plans_plan p ON p.id = i.plan_id\n            JOIN accounts_consumer c ON c.id = p.consumer_id\n        WHERE (c.id = holder OR c.person_id = holder) AND p.currency = plan.currency;\n        years := extract(year FROM age(NEW.on, first));\n        begins := first + make_interval(years => years);\n        SELECT coalesce(sum(f.amount_minor + f.credit_minor) FILTER (WHERE f.installment_id = NEW.installment_id), 0),\n            coalesce(sum(f.amount_minor + f.credit_minor) FILTER (WHERE p.id = plan.id), 0),\n            coalesce(sum(f.amount_minor + f.credit_minor) FILTER (WHERE f.on > (NEW.on - interval '1 year')::date), 0),\n            coalesce(sum(f.amount_minor + f.credit_minor) FILTER (WHERE f.on BETWEEN begins AND NEW.on AND f.kind IN ('late', 'reminder', 'returned')), 0),\n            coalesce(sum(f.amount_minor + f.credit_minor) FILTER (WHERE f.on BETWEEN begins AND NEW.on AND f.kind NOT IN ('late', 'reminder', 'returned')), 0)\n        INTO here, in_order, in_year, penalties, others\n        FROM plans_fee f JOIN plans_installment i ON i.id = f.installment_id JOIN plans_plan p ON p.id = i.plan_id\n            JOIN accounts_consumer c ON c.id = p.consumer_id\n        WHERE (c.id = holder OR c.person_id = holder) AND p.currency = plan.currency AND f.status = 'charged';\n        SELECT min(NEW.on - f.on) FILTER (WHERE f.id <> NEW.id), count(*) FILTER (WHERE f.installment_id = NEW.installment_id),\n            count(*) FILTER (WHERE f.on >= plan.late_since)\n        INTO apart, reminded, unbroken\n        FROM plans_fee f JOIN plans_installment i ON i.id = f.installment_id\n        WHERE i.plan_id = plan.id AND f.kind = 'reminder' AND f.amount_minor + f.credit_minor > 0;\n        IF here > (held->>'installment_minor')::bigint\n            OR here > asked * (held->>'installment_bps')::bigint / 10000\n            OR in_order > (held->>'order_minor')::bigint\n            OR in_order > plan.captured_minor * (held->>'order_bps')::bigint / 10000\n            OR in_order + interest > plan.captured_minor * (held->>'total_cost_bps')::bigint / 10000\n            OR in_year > (held->>'consumer_year_minor')::bigint\n            OR (NEW.kind = 'reminder' AND (NEW.amount_minor + NEW.credit_minor > (held->>'reminder_minor')::bigint\n                OR apart < (held->>'reminders_apart_days')::int OR greatest(reminded, unbroken) > (held->>'reminders_most')::bigint))\n            OR (NEW.kind IN ('late', 'reminder', 'returned') AND penalties > CASE WHEN others > 0 THEN (held->>'period_default_minor')::bigint\n                WHEN years = 0 THEN (held->>'period_default_only_first_minor')::bigint\n                ELSE (held->>'period_default_only_later_minor')::bigint END)\n            OR (NEW.kind NOT IN ('late', 'reminder', 'returned') AND (penalties > (held->>'period_default_minor')::bigint\n                OR others > CASE WHEN years = 0 THEN (held->>'period_other_first_minor')::bigint\n                ELSE (held->>'period_other_later_minor')::bigint END))\n        THEN\n            RAISE EXCEPTION 'fee % is more than the caps allow', NEW.id USING ERRCODE = 'check_violation';\n        END IF;\n        RETURN NULL;",
                    hash="40e73e48fc889678332a59e5d68252ce3b548a4c",
                    operation="INSERT",
                    pgid="pgtrigger_within_caps_e723c",
                    table="plans_fee",
                    when="AFTER",
                ),
            ),
        ),
        AddConstraintNotValid(
            model_name="fee",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("credit_minor__gte", 0),
                    (
                        "wanted_minor__gte",
                        django.db.models.expressions.CombinedExpression(models.F("amount_minor"), "+", models.F("credit_minor")),
                    ),
                ),
                name="fee_credit_used_within",
            ),
        ),
        migrations.AddField(
            model_name="feecredit",
            name="consumer",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.consumer"),
        ),
        migrations.AddField(
            model_name="feecredit",
            name="reward",
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="credit", to="plans.reward"),
        ),
        migrations.AddField(
            model_name="feecredituse",
            name="credit",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="uses", to="plans.feecredit"),
        ),
        migrations.AddField(
            model_name="feecredituse",
            name="fee",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="credits", to="plans.fee"),
        ),
        migrations.AddConstraint(
            model_name="feecredit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount_minor__gt", 0),
                    ("returned_minor__gte", 0),
                    ("reversed_minor__gte", 0),
                    ("used_minor__gte", 0),
                    (
                        "amount_minor__gte",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(models.F("used_minor"), "+", models.F("returned_minor")),
                            "+",
                            models.F("reversed_minor"),
                        ),
                    ),
                ),
                name="fee_credit_within",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="feecredit",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="70f5fcd19325a973d0bbca62b3b6ce093356c3dd",
                    operation="DELETE",
                    pgid="pgtrigger_kept_53014",
                    table="plans_feecredit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="feecredit",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."consumer_id" IS DISTINCT FROM (NEW."consumer_id") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."reward_id" IS DISTINCT FROM (NEW."reward_id") OR OLD."until" IS DISTINCT FROM (NEW."until"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="e7809fe40c24f6de47bdbf3a214252f5ce3fdd75",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_5af0a",
                    table="plans_feecredit",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="feecredit",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="27f8246de3b85d7442185d045a51e90e785b948e",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_99189",
                    table="plans_feecredit",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="feecredituse",
            constraint=models.UniqueConstraint(fields=("fee", "credit"), name="fee_credit_used_once"),
        ),
        migrations.AddConstraint(
            model_name="feecredituse",
            constraint=models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="fee_credit_use_above_zero"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="feecredituse",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="28abd2a6e26549c3aaefefe269b0ca9133e49cf5",
                    operation="DELETE",
                    pgid="pgtrigger_kept_8bb14",
                    table="plans_feecredituse",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="feecredituse",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."credit_id" IS DISTINCT FROM (NEW."credit_id") OR OLD."fee_id" IS DISTINCT FROM (NEW."fee_id") OR OLD."id" IS DISTINCT FROM (NEW."id"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="703f0512e852de0e9a5b819c8070f85e0b01366e",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_b58de",
                    table="plans_feecredituse",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="feecredituse",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="c5cadb58e7e6ab2c6592f68db8c609fe4f4ae71b",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_24a89",
                    table="plans_feecredituse",
                    when="BEFORE",
                ),
            ),
        ),
    ]
