import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the money that people send to our bank account for plans that were given up."""

    dependencies = [
        ("controls", "0021_evidence_as_files"),
        ("payments", "0043_checked_kinds_of_methods"),
        ("plans", "0022_checked_charge_offs"),
    ]

    operations = [
        migrations.CreateModel(
            name="Receipt",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("bank_reference", models.CharField(max_length=60)),
                ("received_on", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
            ],
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
                    func="\n        IF NOT EXISTS (\n            SELECT 1 FROM plans_chargeoff c JOIN controls_proposal p ON p.id = c.proposal_id\n            WHERE c.plan_id = NEW.id AND c.status = 'confirmed' AND p.kind = 'collection.charge_off' AND p.status = 'approved' AND p.signature <> ''\n        ) AND NOT EXISTS (\n            SELECT 1 FROM plans_receipt r JOIN controls_proposal p ON p.subject = r.plan_id::text AND p.after->>'receipt' = r.id::text\n            WHERE r.plan_id = NEW.id AND p.kind = 'collection.receipt_undone' AND p.status = 'approved' AND p.signature <> ''\n        ) THEN\n            RAISE EXCEPTION 'a plan is given up by two operators only' USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        RETURN NEW;",
                    hash="c1543d488d61c513b610e0a0ae7f659303cb2cb3",
                    operation='UPDATE OF "status"',
                    pgid="pgtrigger_given_up_by_two_924b0",
                    table="plans_plan",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="receipt",
            name="charge",
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="payments.charge"),
        ),
        migrations.AddField(
            model_name="receipt",
            name="plan",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="receipts", to="plans.plan"),
        ),
        migrations.AddField(
            model_name="receipt",
            name="proposal",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="controls.proposal"),
        ),
        migrations.AddField(
            model_name="receipt",
            name="undone_by",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="controls.proposal"
            ),
        ),
        migrations.AddConstraint(
            model_name="receipt",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at", None)), fields=("bank_reference",), name="receipt_counts_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="receipt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("undone_at__isnull", True), ("undone_by__isnull", True)),
                    models.Q(("undone_at__isnull", False), ("undone_by__isnull", False)),
                    _connector="OR",
                ),
                name="receipt_undone_by_proposal",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="receipt",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="4d6cda547316b1937f0a359c2c5b72ebb9582275",
                    operation="DELETE",
                    pgid="pgtrigger_kept_b5ef4",
                    table="plans_receipt",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="receipt",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."bank_reference" IS DISTINCT FROM (NEW."bank_reference") OR OLD."charge_id" IS DISTINCT FROM (NEW."charge_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."plan_id" IS DISTINCT FROM (NEW."plan_id") OR OLD."proposal_id" IS DISTINCT FROM (NEW."proposal_id") OR OLD."received_on" IS DISTINCT FROM (NEW."received_on") OR OLD."recorded_at" IS DISTINCT FROM (NEW."recorded_at"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="ed7134561ad45dab4d9a00aa3462422f1233b915",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_f9f08",
                    table="plans_receipt",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="receipt",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="9a3ee5001c42c6a7ba08129960c5604061e821c0",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_1ec55",
                    table="plans_receipt",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="receipt",
            trigger=pgtrigger.compiler.Trigger(
                name="undone_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.undone_at IS NOT NULL) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="460f2e4226769043644bac84fd5eb00de4d4518f",
                    operation="UPDATE",
                    pgid="pgtrigger_undone_stays_c8117",
                    table="plans_receipt",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="receipt",
            trigger=pgtrigger.compiler.Trigger(
                name="recorded_by_two",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n        IF NEW.undone_at IS NOT NULL OR NOT EXISTS (\n            SELECT 1 FROM controls_proposal p JOIN payments_charge c ON c.id = NEW.charge_id\n            WHERE p.id = NEW.proposal_id AND p.kind = 'collection.receipt' AND p.status = 'approved' AND p.signature <> '' AND p.subject = NEW.plan_id::text\n            AND p.after->>'bank_reference' = NEW.bank_reference AND (p.after->>'amount_minor')::bigint = c.amount_minor\n            AND p.after->>'received_on' = NEW.received_on::text\n        ) THEN\n            RAISE EXCEPTION 'no two operators agreed on %', NEW.id USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        RETURN NEW;",
                    hash="5794f104aa42023421af15c37b87453815839042",
                    operation="INSERT",
                    pgid="pgtrigger_recorded_by_two_1cbbf",
                    table="plans_receipt",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="receipt",
            trigger=pgtrigger.compiler.Trigger(
                name="undone_by_two",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n        IF NOT EXISTS (\n            SELECT 1 FROM controls_proposal p WHERE p.id = NEW.undone_by_id AND p.kind = 'collection.receipt_undone' AND p.status = 'approved' AND p.signature <> '' AND p.subject = NEW.plan_id::text\n            AND p.after->>'receipt' = NEW.id::text\n        ) THEN\n            RAISE EXCEPTION 'no two operators agreed to undo %', NEW.id USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        RETURN NEW;",
                    hash="bd622947d99df84c1a42d594b7dee52a4593c2b4",
                    operation='UPDATE OF "undone_at", "undone_by_id"',
                    pgid="pgtrigger_undone_by_two_f9e30",
                    table="plans_receipt",
                    when="BEFORE",
                ),
            ),
        ),
    ]
