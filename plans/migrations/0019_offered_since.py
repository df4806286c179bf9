import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """A version of a product says since when and until when it was on offer."""

    dependencies = [
        ("markets", "0010_none_for_a_day_that_has_passed"),
        ("plans", "0018_long_late"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="product",
            name="unchanged",
        ),
        migrations.AddField(
            model_name="product",
            name="offered_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="product",
            name="offered_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="product",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."count" IS DISTINCT FROM (NEW."count") OR OLD."first" IS DISTINCT FROM (NEW."first") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."interval" IS DISTINCT FROM (NEW."interval") OR OLD."interval_days" IS DISTINCT FROM (NEW."interval_days") OR OLD."market_id" IS DISTINCT FROM (NEW."market_id") OR OLD."maximum_minor" IS DISTINCT FROM (NEW."maximum_minor") OR OLD."minimum_minor" IS DISTINCT FROM (NEW."minimum_minor") OR OLD."offered_since" IS DISTINCT FROM (NEW."offered_since") OR OLD."rate_bps" IS DISTINCT FROM (NEW."rate_bps") OR OLD."refund_rule" IS DISTINCT FROM (NEW."refund_rule") OR OLD."remainder" IS DISTINCT FROM (NEW."remainder") OR OLD."version" IS DISTINCT FROM (NEW."version"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="d5f63e93b99c95fdcfa212114229c31deae7f457",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_80125",
                    table="plans_product",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="product",
            trigger=pgtrigger.compiler.Trigger(
                name="ended_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN ((OLD.offered_until IS NOT NULL) AND ((OLD."active" IS DISTINCT FROM (NEW."active") OR OLD."offered_until" IS DISTINCT FROM (NEW."offered_until"))))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="f4f573ca010629c3a84bb792ff6c8143dffb58d7",
                    operation="UPDATE",
                    pgid="pgtrigger_ended_stays_91f2d",
                    table="plans_product",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("active", False), ("offered_until__isnull", True), _connector="OR"), name="product_offered_is_open"
            ),
        ),
    ]
