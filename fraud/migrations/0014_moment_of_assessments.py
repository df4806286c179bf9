import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """Say of each assessment whether it was made before the credit decision or at the last click; those of before were at the last click."""

    dependencies = [
        ("accounts", "0031_forget_screenings"),
        ("fraud", "0013_risk_of_shops"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="assessment",
            name="unchanged",
        ),
        migrations.AddField(
            model_name="assessment",
            name="moment",
            field=models.CharField(
                choices=[("decision", "decision"), ("consent", "consent")], db_default="consent", default="consent", max_length=8
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assessment",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."consumer_id" IS DISTINCT FROM (NEW."consumer_id") OR OLD."findings" IS DISTINCT FROM (NEW."findings") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."moment" IS DISTINCT FROM (NEW."moment") OR OLD."order" IS DISTINCT FROM (NEW."order") OR OLD."scores" IS DISTINCT FROM (NEW."scores") OR OLD."subject" IS DISTINCT FROM (NEW."subject") OR OLD."verdict" IS DISTINCT FROM (NEW."verdict") OR OLD."version" IS DISTINCT FROM (NEW."version"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="04b208ac76c6e6e01b892c9725e8372d280e7d88",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_eba31",
                    table="fraud_assessment",
                    when="BEFORE",
                ),
            ),
        ),
        AddConstraintNotValid(
            model_name="assessment",
            constraint=models.CheckConstraint(condition=models.Q(("moment__in", ["decision", "consent"])), name="assessment_moment_known"),
        ),
    ]
