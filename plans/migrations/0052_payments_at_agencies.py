import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Payments that people made to the agency that has their plan, as the agency reported them."""

    dependencies = [
        ("payments", "0047_checked_answers_of_banks"),
        ("plans", "0051_early_rewards"),
    ]

    operations = [
        migrations.CreateModel(
            name="AgencyPayment",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("agency", models.CharField(max_length=40)),
                ("reference", models.CharField(max_length=60)),
                ("paid_on", models.DateField()),
                ("reported_by", models.CharField(max_length=80)),
                ("recorded_at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "payment to an agency",
                "verbose_name_plural": "payments to agencies",
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="plan",
            name="given_up_by_two",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="plan",
            trigger=pgtrigger.compiler.Trigger(
                name="given_up_by_two",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.status = 'charged_off' AND OLD.status <> NEW.status)",
                    func="\n        IF NOT EXISTS (\n            SELECT 1 FROM plans_chargeoff c JOIN controls_proposal p ON p.id = c.proposal_id\n            WHERE c.plan_id = NEW.id AND c.status = 'confirmed' AND p.kind = 'collection.charge_off' AND p.status = 'approved' AND p.signature <> ''\n        ) AND NOT EXISTS (\n            SELECT 1 FROM plans_receipt r JOIN controls_proposal p ON p.subject = r.plan_id::text AND p.after->>'receipt' = r.id::text\n            WHERE r.plan_id = NEW.id AND p.kind = 'collection.receipt_undone' AND p.status = 'approved' AND p.signature <> ''\n        ) AND NOT EXISTS (\n            SELECT 1 FROM plans_agencypayment a JOIN plans_chargeoff c ON c.plan_id = a.plan_id\n            WHERE a.plan_id = NEW.id AND a.undone_at IS NOT NULL AND c.status = 'confirmed'\n        ) AND NEW.sold_at IS NULL AND NOT EXISTS (\n            SELECT 1 FROM plans_chargeoff c WHERE c.plan_id = NEW.id AND c.reason = 'by_day'\n            AND EXISTS (SELECT 1 FROM plans_plan p WHERE p.id = NEW.id AND EXISTS (\n        SELECT 1 FROM plans_product r JOIN markets_marketsetting s ON s.market_id = r.market_id AND s.key = 'charge_off.by_day'\n        JOIN plans_installment i ON i.plan_id = p.id AND i.status = 'overdue'\n            AND i.principal_minor + i.interest_minor > i.paid_principal_minor + i.paid_interest_minor\n        WHERE r.id = p.product_id AND s.valid_from <= (c.closed_at AT TIME ZONE p.time_zone)::date AND (s.valid_to IS NULL OR s.valid_to > (c.closed_at AT TIME ZONE p.time_zone)::date)\n            AND (c.closed_at AT TIME ZONE p.time_zone)::date - i.due_date - i.paused_days >= (s.value #>> '{}')::int))\n        ) THEN\n            RAISE EXCEPTION 'a plan is given up by two operators only' USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        RETURN NEW;",
                    hash="19ee1381b42f618b1dfade6eed8708633bfad428",
                    operation='UPDATE OF "status"',
                    pgid="pgtrigger_given_up_by_two_924b0",
                    table="plans_plan",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="agencypayment",
            name="charge",
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="payments.charge"),
        ),
        migrations.AddField(
            model_name="agencypayment",
            name="plan",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="agency_payments", to="plans.plan"),
        ),
        migrations.AddConstraint(
            model_name="agencypayment",
            constraint=models.UniqueConstraint(fields=("agency", "reference"), name="agency_payment_counts_once"),
        ),
        migrations.AddConstraint(
            model_name="agencypayment",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("agency", ""), _negated=True), models.Q(("reference", ""), _negated=True)),
                name="agency_payment_named",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="agencypayment",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="cb3194462114cafa56c86129f2900568b5091225",
                    operation="DELETE",
                    pgid="pgtrigger_kept_65aea",
                    table="plans_agencypayment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="agencypayment",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."agency" IS DISTINCT FROM (NEW."agency") OR OLD."charge_id" IS DISTINCT FROM (NEW."charge_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."paid_on" IS DISTINCT FROM (NEW."paid_on") OR OLD."plan_id" IS DISTINCT FROM (NEW."plan_id") OR OLD."recorded_at" IS DISTINCT FROM (NEW."recorded_at") OR OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."reported_by" IS DISTINCT FROM (NEW."reported_by"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="b17f1c1c85814e5f8235418c4f9b03366b349785",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_acd0c",
                    table="plans_agencypayment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="agencypayment",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="3271428cc9483dfbb50dfa9858b432c8cc68a0e2",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_ff9b9",
                    table="plans_agencypayment",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="agencypayment",
            trigger=pgtrigger.compiler.Trigger(
                name="undone_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.undone_at IS NOT NULL) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="43ac227a2cf806cf2723c105949d9a07b290485d",
                    operation="UPDATE",
                    pgid="pgtrigger_undone_stays_6601e",
                    table="plans_agencypayment",
                    when="BEFORE",
                ),
            ),
        ),
    ]
