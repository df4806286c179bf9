import core.ids
import django.db.models.deletion
import django.db.models.expressions
import django_fsm
import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """Fees for who pays late and for services, within caps that the database counts too."""

    dependencies = [
        ("accounts", "0031_forget_screenings"),
        ("markets", "0011_no_dead_settings"),
        ("payments", "0047_checked_answers_of_banks"),
        ("plans", "0033_paused_days"),
    ]

    operations = [
        migrations.CreateModel(
            name="Fee",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("late", "Late fee"), ("reminder", "Reminder fee"), ("service", "Service fee")], max_length=10
                    ),
                ),
                ("stage", models.PositiveSmallIntegerField()),
                ("on", models.DateField()),
                ("wanted_minor", models.BigIntegerField()),
                ("amount_minor", models.BigIntegerField()),
                ("paid_minor", models.BigIntegerField(default=0)),
                ("cap", models.CharField(blank=True, max_length=40)),
                ("status", django_fsm.FSMField(default="charged", max_length=50, protected=True)),
                ("actor", models.CharField(blank=True, max_length=80)),
                ("at", models.DateTimeField()),
                ("end_reason", models.CharField(blank=True, max_length=500)),
                ("ended_by", models.CharField(blank=True, max_length=80)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="FeePayment",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("charge_id", models.UUIDField(db_index=True)),
                ("amount_minor", models.BigIntegerField()),
                ("undone_minor", models.BigIntegerField(default=0)),
                ("returned_minor", models.BigIntegerField(default=0)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="installment",
            name="fees_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="installment",
            name="grace_from",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="installment",
            name="paid_fees_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="plan",
            name="captured_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="plan",
            name="late_since",
            field=models.DateField(null=True),
        ),
        AddConstraintNotValid(
            model_name="installment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("paid_fees_minor__gte", 0),
                    ("paid_fees_minor__lte", models.F("fees_minor")),
                    models.Q(models.Q(("status", "paid"), _negated=True), ("fees_minor", models.F("paid_fees_minor")), _connector="OR"),
                ),
                name="installment_fees_within",
            ),
        ),
        migrations.AddField(
            model_name="fee",
            name="caps",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="markets.marketsetting"
            ),
        ),
        migrations.AddField(
            model_name="fee",
            name="caps_of_state",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="markets.marketsetting"
            ),
        ),
        migrations.AddField(
            model_name="fee",
            name="installment",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="fees", to="plans.installment"
            ),
        ),
        migrations.AddField(
            model_name="feepayment",
            name="fee",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="plans.fee"),
        ),
        migrations.AddConstraint(
            model_name="fee",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["charged", "forgiven", "withdrawn"])), name="fee_status_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="fee",
            constraint=models.UniqueConstraint(fields=("installment", "kind", "stage", "on"), name="fee_once_a_day"),
        ),
        migrations.AddConstraint(
            model_name="fee",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "late")), fields=("installment", "stage"), name="fee_of_stage_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="fee",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount_minor__gte", 0),
                    ("amount_minor__lte", models.F("wanted_minor")),
                    ("paid_minor__gte", 0),
                    ("paid_minor__lte", models.F("amount_minor")),
                ),
                name="fee_paid_within",
            ),
        ),
        migrations.AddConstraint(
            model_name="fee",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor", 0), ("caps__isnull", False), _connector="OR"), name="fee_has_caps"
            ),
        ),
        migrations.AddConstraint(
            model_name="fee",
            constraint=models.CheckConstraint(
                condition=models.Q(("status", "charged"), ("paid_minor", 0), _connector="OR"), name="fee_ended_is_not_paid"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="fee",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="50f375108bed7ef4e255740439f9bc36e534bbdd",
                    operation="DELETE",
                    pgid="pgtrigger_kept_c6eba",
                    table="plans_fee",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="fee",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."actor" IS DISTINCT FROM (NEW."actor") OR OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."cap" IS DISTINCT FROM (NEW."cap") OR OLD."caps_id" IS DISTINCT FROM (NEW."caps_id") OR OLD."caps_of_state_id" IS DISTINCT FROM (NEW."caps_of_state_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."installment_id" IS DISTINCT FROM (NEW."installment_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."on" IS DISTINCT FROM (NEW."on") OR OLD."stage" IS DISTINCT FROM (NEW."stage") OR OLD."wanted_minor" IS DISTINCT FROM (NEW."wanted_minor"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="df62946631fd21545c1dafa25feca623d1b88881",
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
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="188c4744b65e458450464adb3e50acacc401e619",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_5dba9",
                    table="plans_fee",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="fee",
            trigger=pgtrigger.compiler.Trigger(
                name="status_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('charged', 'forgiven'), ('charged', 'withdrawn')))",
                    func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                    hash="2efd2d67f3ae47128c118f948001e30078e75bbb",
                    operation='UPDATE OF "status"',
                    pgid="pgtrigger_status_moves_483e8",
                    table="plans_fee",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="fee",
            trigger=pgtrigger.compiler.Trigger(
                name="status_begins",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.\"status\" NOT IN ('charged'))",
                    func="RAISE EXCEPTION 'no row of % begins as %', TG_TABLE_NAME, NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                    hash="46a94591f19dc53c52f667fd1373c5a5f3e60580",
                    operation="INSERT",
                    pgid="pgtrigger_status_begins_c0001",
                    table="plans_fee",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="fee",
            trigger=pgtrigger.compiler.Trigger(
                name="ended_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.status <> 'charged') AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="e6a184222b79e3409e0e7a4d50a8f4cb6344c2be",
                    operation="UPDATE",
                    pgid="pgtrigger_ended_stays_0b2fc",
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
                    condition="WHEN (NEW.amount_minor > 0)",
                    declare="DECLARE held jsonb; plan plans_plan; holder uuid; asked bigint; interest bigint; first date; years int; begins date; here bigint; in_order bigint; in_year bigint; penalties bigint; others bigint;",
                    func="\n        SELECT s.value || coalesce(r.value, '{}'::jsonb) INTO held\n        FROM markets_marketsetting s LEFT JOIN markets_marketsetting r ON r.id = NEW.caps_of_state_id\n        WHERE s.id = NEW.caps_id AND s.key = 'fee.caps';\n        IF held IS NULL THEN\n            RAISE EXCEPTION 'fee % has no caps', NEW.id USING ERRCODE = 'check_violation';\n        END IF;\n        SELECT p.* INTO plan FROM plans_plan p JOIN plans_installment i ON i.plan_id = p.id WHERE i.id = NEW.installment_id;\n        SELECT coalesce(c.person_id, c.id) INTO holder FROM accounts_consumer c WHERE c.id = plan.consumer_id;\n        PERFORM pg_advisory_xact_lock(hashtextextended('fees:' || holder::text, 0));\n        SELECT i.principal_minor + i.interest_minor INTO asked FROM plans_installment i WHERE i.id = NEW.installment_id;\n        SELECT coalesce(sum(i.interest_minor), 0) INTO interest FROM plans_installment i WHERE i.plan_id = plan.id;\n        SELECT min(i.start_date) INTO first FROM plans_installment i JOIN plans_plan p ON p.id = i.plan_id\n            JOIN accounts_consumer c ON c.id = p.consumer_id\n        WHERE (c.id = holder OR c.person_id = holder) AND p.currency = plan.currency;\n        years := extract(year FROM age(NEW.on, first));\n        begins := first + make_interval(years => years);\n        SELECT coalesce(sum(f.amount_minor) FILTER (WHERE f.installment_id = NEW.installment_id), 0),\n            coalesce(sum(f.amount_minor) FILTER (WHERE p.id = plan.id), 0),\n            coalesce(sum(f.amount_minor) FILTER (WHERE f.on > (NEW.on - interval '1 year')::date), 0),\n            coalesce(sum(f.amount_minor) FILTER (WHERE f.on BETWEEN begins AND NEW.on AND f.kind IN ('late', 'reminder')), 0),\n            coalesce(sum(f.amount_minor) FILTER (WHERE f.on BETWEEN begins AND NEW.on AND f.kind NOT IN ('late', 'reminder')), 0)\n        INTO here, in_order, in_year, penalties, others\n        FROM plans_fee f JOIN plans_installment i ON i.id = f.installment_id JOIN plans_plan p ON p.id = i.plan_id\n            JOIN accounts_consumer c ON c.id = p.consumer_id\n        WHERE (c.id = holder OR c.person_id = holder) AND p.currency = plan.currency AND f.status = 'charged';\n        IF here > (held->>'installment_minor')::bigint\n            OR here > asked * (held->>'installment_bps')::bigint / 10000\n            OR in_order > (held->>'order_minor')::bigint\n            OR in_order > plan.captured_minor * (held->>'order_bps')::bigint / 10000\n            OR in_order + interest > plan.captured_minor * (held->>'total_cost_bps')::bigint / 10000\n            OR in_year > (held->>'consumer_year_minor')::bigint\n            OR (NEW.kind IN ('late', 'reminder') AND penalties > CASE WHEN others > 0 THEN (held->>'period_default_minor')::bigint\n                WHEN years = 0 THEN (held->>'period_default_only_first_minor')::bigint\n                ELSE (held->>'period_default_only_later_minor')::bigint END)\n            OR (NEW.kind NOT IN ('late', 'reminder') AND (penalties > (held->>'period_default_minor')::bigint\n                OR others > CASE WHEN years = 0 THEN (held->>'period_other_first_minor')::bigint\n                ELSE (held->>'period_other_later_minor')::bigint END))\n        THEN\n            RAISE EXCEPTION 'fee % is more than the caps allow', NEW.id USING ERRCODE = 'check_violation';\n        END IF;\n        RETURN NULL;",
                    hash="1f43999effb82eb6db2aae3980a7d60764911f42",
                    operation="INSERT",
                    pgid="pgtrigger_within_caps_e723c",
                    table="plans_fee",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="feepayment",
            constraint=models.UniqueConstraint(fields=("fee", "charge_id"), name="fee_payment_once"),
        ),
        migrations.AddConstraint(
            model_name="feepayment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "amount_minor__gte",
                        django.db.models.expressions.CombinedExpression(models.F("undone_minor"), "+", models.F("returned_minor")),
                    ),
                    ("returned_minor__gte", 0),
                    ("undone_minor__gte", 0),
                ),
                name="fee_payment_within",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="feepayment",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="391186c09ed8f68d7f0f470c787807b7253c665e",
                    operation="DELETE",
                    pgid="pgtrigger_kept_b1ea3",
                    table="plans_feepayment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="feepayment",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."charge_id" IS DISTINCT FROM (NEW."charge_id") OR OLD."fee_id" IS DISTINCT FROM (NEW."fee_id") OR OLD."id" IS DISTINCT FROM (NEW."id"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="3bc06263cfd21bb15d82a17bed6be2261c497f73",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_fb9c9",
                    table="plans_feepayment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="feepayment",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="da15ed3216279f1fc572da1eecd65f9c470afc29",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_0d597",
                    table="plans_feepayment",
                    when="BEFORE",
                ),
            ),
        ),
    ]
