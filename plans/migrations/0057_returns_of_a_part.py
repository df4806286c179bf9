import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """Returns of a part: only so much of the last payments waits."""

    dependencies = [
        ("plans", "0056_rearranged_by_two"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="goodsreturn",
            name="unchanged",
        ),
        migrations.AddField(
            model_name="goodsreturn",
            name="amount_minor",
            field=models.BigIntegerField(null=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="goodsreturn",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."dates" IS DISTINCT FROM (NEW."dates") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."plan_id" IS DISTINCT FROM (NEW."plan_id") OR OLD."tracking" IS DISTINCT FROM (NEW."tracking") OR OLD."until" IS DISTINCT FROM (NEW."until"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="38c6fcbbb8a6acf7539fdbc5f639e8117d3aa669",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_9f4f5",
                    table="plans_goodsreturn",
                    when="BEFORE",
                ),
            ),
        ),
        AddConstraintNotValid(
            model_name="goodsreturn",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor", None), ("amount_minor__gt", 0), _connector="OR"), name="goods_return_of_something"
            ),
        ),
    ]
