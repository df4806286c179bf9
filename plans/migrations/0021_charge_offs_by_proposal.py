import django.db.models.deletion
import django_fsm
import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


# A proposal of the time before needs a proposal of `controls` instead: the plan stands on the work list again.
WITHDRAW = """
    UPDATE plans_chargeoff SET status = 'withdrawn', closed_by = 'upgrade', closed_at = now() WHERE status = 'proposed'"""


class Migration(migrations.Migration):
    """Plans are given up by proposals of `controls`; a charge-off is the row of what two people agreed on."""

    dependencies = [
        ("controls", "0020_lists_by_two"),
        ("plans", "0020_checked_allocations"),
    ]

    operations = [
        migrations.RunSQL(WITHDRAW, migrations.RunSQL.noop),
        pgtrigger.migrations.RemoveTrigger(
            model_name="chargeoff",
            name="unchanged",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="chargeoff",
            name="status_moves",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="chargeoff",
            name="status_begins",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="chargeoff",
            name="closed_stays",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="plan",
            name="given_up_by_two",
        ),
        migrations.RemoveConstraint(
            model_name="chargeoff",
            name="charge_off_status_known",
        ),
        migrations.RemoveConstraint(
            model_name="chargeoff",
            name="charge_off_one_proposal",
        ),
        migrations.RemoveIndex(
            model_name="chargeoff",
            name="charge_off_proposed",
        ),
        migrations.AddField(
            model_name="chargeoff",
            name="proposal",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="controls.proposal"
            ),
        ),
        migrations.AlterField(
            model_name="chargeoff",
            name="status",
            field=django_fsm.FSMField(default="confirmed", max_length=50, protected=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="chargeoff",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="8879caa8ea00b4c8afcf1474376e998f111ca320",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_ce2a7",
                    table="plans_chargeoff",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="chargeoff",
            trigger=pgtrigger.compiler.Trigger(
                name="status_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."status" IS DISTINCT FROM NEW."status")',
                    func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                    hash="cd057d571a0bab964cacaa2642a5f9232a455c0b",
                    operation='UPDATE OF "status"',
                    pgid="pgtrigger_status_moves_3bd3e",
                    table="plans_chargeoff",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="chargeoff",
            trigger=pgtrigger.compiler.Trigger(
                name="status_begins",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.\"status\" NOT IN ('confirmed'))",
                    func="RAISE EXCEPTION 'no row of % begins as %', TG_TABLE_NAME, NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                    hash="e03791b23b33bfec9cd67316080af978c3e4dba6",
                    operation="INSERT",
                    pgid="pgtrigger_status_begins_da622",
                    table="plans_chargeoff",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="chargeoff",
            trigger=pgtrigger.compiler.Trigger(
                name="agreed_by_two",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n        IF NOT EXISTS (\n            SELECT 1 FROM controls_proposal p WHERE p.id = NEW.proposal_id AND p.subject = NEW.plan_id::text AND p.kind = 'collection.charge_off' AND p.status = 'approved' AND p.signature <> ''\n            AND p.proposed_by = NEW.proposed_by AND p.decided_by = NEW.closed_by\n        ) THEN\n            RAISE EXCEPTION 'no two operators agreed on %', NEW.id USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        RETURN NEW;",
                    hash="d8053dc0e0822219f2aa9d9fc8fb2975e79464e7",
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
                    func="\n        IF NOT EXISTS (\n            SELECT 1 FROM plans_chargeoff c JOIN controls_proposal p ON p.id = c.proposal_id\n            WHERE c.plan_id = NEW.id AND c.status = 'confirmed' AND p.kind = 'collection.charge_off' AND p.status = 'approved' AND p.signature <> ''\n        ) THEN\n            RAISE EXCEPTION 'a plan is given up by two operators only' USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        RETURN NEW;",
                    hash="73196b8c42cf943eff2ed4fa538a9c33ea648db8",
                    operation='UPDATE OF "status"',
                    pgid="pgtrigger_given_up_by_two_924b0",
                    table="plans_plan",
                    when="BEFORE",
                ),
            ),
        ),
        AddConstraintNotValid(
            model_name="chargeoff",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["confirmed", "withdrawn"])), name="charge_off_status_known"
            ),
        ),
    ]
