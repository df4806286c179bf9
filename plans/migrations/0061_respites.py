import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """Collecting stands still for who has a breathing space by law, which ends by itself after its last day."""

    dependencies = [
        ("accounts", "0035_behavior"),
        ("plans", "0060_papers_of_new_payments"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="standstill",
            name="unchanged",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="standstill",
            name="moves_on_by_two",
        ),
        migrations.RemoveConstraint(
            model_name="standstill",
            name="standstill_kind_known",
        ),
        migrations.RemoveConstraint(
            model_name="standstill",
            name="standstill_ends_by_two",
        ),
        migrations.AddField(
            model_name="standstill",
            name="reference",
            field=models.CharField(blank=True, db_default="", default="", max_length=60),
        ),
        migrations.AddField(
            model_name="standstill",
            name="until",
            field=models.DateField(null=True),
        ),
        migrations.AlterField(
            model_name="standstill",
            name="kind",
            field=models.CharField(
                choices=[
                    ("deceased", "Deceased"),
                    ("insolvent", "Insolvent"),
                    ("breathing", "Breathing space"),
                    ("crisis", "Breathing space in a mental health crisis"),
                    ("advice", "Makes a plan with a debt adviser"),
                ],
                max_length=10,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="standstill",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."consumer_id" IS DISTINCT FROM (NEW."consumer_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."noted_at" IS DISTINCT FROM (NEW."noted_at") OR OLD."noted_by" IS DISTINCT FROM (NEW."noted_by") OR OLD."person" IS DISTINCT FROM (NEW."person") OR OLD."reference" IS DISTINCT FROM (NEW."reference"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="31b5dacbf56f5f427a4e0b6d774df7edc92c64c9",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_374b3",
                    table="plans_standstill",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="standstill",
            trigger=pgtrigger.compiler.Trigger(
                name="until_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.until IS NOT NULL AND OLD.until IS DISTINCT FROM NEW.until) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="5cfe7821c73181542685e590c1334f705e7fd4a8",
                    operation="UPDATE",
                    pgid="pgtrigger_until_stays_2950c",
                    table="plans_standstill",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="standstill",
            trigger=pgtrigger.compiler.Trigger(
                name="moves_on_by_two",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n        IF NOT (NEW.proposal IS NULL AND NEW.until IS NOT NULL AND NEW.until < (\n            SELECT (NEW.ended_at AT TIME ZONE c.time_zone)::date FROM accounts_consumer c WHERE c.id = NEW.consumer_id)) AND NOT EXISTS (\n            SELECT 1 FROM controls_proposal p WHERE p.id = NEW.proposal AND p.kind = 'plans.moves_on' AND p.subject = NEW.person::text\n            AND p.status = 'approved' AND p.signature <> ''\n        ) THEN\n            RAISE EXCEPTION 'no two operators agreed to end %', NEW.id USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        RETURN NEW;",
                    hash="530ff058095961f35112a06c0f03ec348d598137",
                    operation='UPDATE OF "ended_at", "proposal"',
                    pgid="pgtrigger_moves_on_by_two_45a31",
                    table="plans_standstill",
                    when="BEFORE",
                ),
            ),
        ),
        AddConstraintNotValid(
            model_name="standstill",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ["deceased", "insolvent"]), ("reference", ""), ("until", None)),
                    models.Q(("kind__in", ["breathing", "advice"]), ("until__isnull", False), models.Q(("reference", ""), _negated=True)),
                    models.Q(("kind", "crisis"), models.Q(("reference", ""), _negated=True)),
                    _connector="OR",
                ),
                name="standstill_kind_fits",
            ),
        ),
        AddConstraintNotValid(
            model_name="standstill",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("proposal", None)),
                    models.Q(("ended_at__isnull", False), models.Q(("proposal__isnull", False), ("until__isnull", False), _connector="OR")),
                    _connector="OR",
                ),
                name="standstill_ends_by_two_or_its_day",
            ),
        ),
    ]
