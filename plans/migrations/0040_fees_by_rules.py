import django.db.models.fields.json
import django.db.models.functions.comparison
import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """A fee keeps the rule that lowered it, and cannot be more than the rule left."""

    dependencies = [
        ("plans", "0039_charge_offs_by_day"),
    ]

    operations = [
        migrations.AddField(
            model_name="fee",
            name="ruled",
            field=models.JSONField(db_default={}, default=dict),
        ),
        AddConstraintNotValid(
            model_name="fee",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ruled", {}),
                    (
                        "amount_minor__lte",
                        django.db.models.functions.comparison.Cast(
                            django.db.models.fields.json.KeyTextTransform("minor", "ruled"), models.BigIntegerField()
                        ),
                    ),
                    _connector="OR",
                ),
                name="fee_within_rule",
            ),
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="fee",
            name="unchanged",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="fee",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."actor" IS DISTINCT FROM (NEW."actor") OR OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."cap" IS DISTINCT FROM (NEW."cap") OR OLD."caps_id" IS DISTINCT FROM (NEW."caps_id") OR OLD."caps_of_state_id" IS DISTINCT FROM (NEW."caps_of_state_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."installment_id" IS DISTINCT FROM (NEW."installment_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."on" IS DISTINCT FROM (NEW."on") OR OLD."ruled" IS DISTINCT FROM (NEW."ruled") OR OLD."stage" IS DISTINCT FROM (NEW."stage") OR OLD."wanted_minor" IS DISTINCT FROM (NEW."wanted_minor"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="cb8fd11824855539b586de36e8dd6b316e8eb46a",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_5e2d5",
                    table="plans_fee",
                    when="BEFORE",
                ),
            ),
        ),
    ]
