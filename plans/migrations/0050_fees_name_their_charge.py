import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """A fee for a returned debit names its charge, so that another debit that is paid does not take it back."""

    dependencies = [
        ("plans", "0049_budgets_are_forgotten"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="fee",
            name="unchanged",
        ),
        migrations.AddField(
            model_name="fee",
            name="charge_id",
            field=models.UUIDField(null=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="fee",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."actor" IS DISTINCT FROM (NEW."actor") OR OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."cap" IS DISTINCT FROM (NEW."cap") OR OLD."caps_id" IS DISTINCT FROM (NEW."caps_id") OR OLD."caps_of_state_id" IS DISTINCT FROM (NEW."caps_of_state_id") OR OLD."charge_id" IS DISTINCT FROM (NEW."charge_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."installment_id" IS DISTINCT FROM (NEW."installment_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."on" IS DISTINCT FROM (NEW."on") OR OLD."ruled" IS DISTINCT FROM (NEW."ruled") OR OLD."stage" IS DISTINCT FROM (NEW."stage") OR OLD."wanted_minor" IS DISTINCT FROM (NEW."wanted_minor"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="ac2da0717fbb981118e7d6e8e9ea4a941075b0a9",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_5e2d5",
                    table="plans_fee",
                    when="BEFORE",
                ),
            ),
        ),
    ]
