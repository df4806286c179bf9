import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """Part of a plan may be a deposit, and a product may be offered only by rules."""

    dependencies = [
        ("accounts", "0029_reasons_of_changed_rights"),
        ("markets", "0010_none_for_a_day_that_has_passed"),
        ("payments", "0047_checked_answers_of_banks"),
        ("plans", "0023_receipts"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="plan",
            name="unchanged",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="product",
            name="unchanged",
        ),
        migrations.AddField(
            model_name="plan",
            name="deposit_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="product",
            name="audience",
            field=models.CharField(db_default="all", default="all", max_length=7),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="plan",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."agreed" IS DISTINCT FROM (NEW."agreed") OR OLD."agreement_sealed" IS DISTINCT FROM (NEW."agreement_sealed") OR OLD."apr_bps" IS DISTINCT FROM (NEW."apr_bps") OR OLD."consumer_id" IS DISTINCT FROM (NEW."consumer_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."deposit_minor" IS DISTINCT FROM (NEW."deposit_minor") OR OLD."principal_minor" IS DISTINCT FROM (NEW."principal_minor") OR OLD."product_id" IS DISTINCT FROM (NEW."product_id") OR OLD."reference" IS DISTINCT FROM (NEW."reference"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="265e03df55a800dc1c9766042723a555cd679278",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_7b2d0",
                    table="plans_plan",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="product",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."audience" IS DISTINCT FROM (NEW."audience") OR OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."count" IS DISTINCT FROM (NEW."count") OR OLD."first" IS DISTINCT FROM (NEW."first") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."interval" IS DISTINCT FROM (NEW."interval") OR OLD."interval_days" IS DISTINCT FROM (NEW."interval_days") OR OLD."market_id" IS DISTINCT FROM (NEW."market_id") OR OLD."maximum_minor" IS DISTINCT FROM (NEW."maximum_minor") OR OLD."minimum_minor" IS DISTINCT FROM (NEW."minimum_minor") OR OLD."offered_since" IS DISTINCT FROM (NEW."offered_since") OR OLD."rate_bps" IS DISTINCT FROM (NEW."rate_bps") OR OLD."refund_rule" IS DISTINCT FROM (NEW."refund_rule") OR OLD."remainder" IS DISTINCT FROM (NEW."remainder") OR OLD."version" IS DISTINCT FROM (NEW."version"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="69eeb6eca9214491560f089e26afa8a06a767cc4",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_80125",
                    table="plans_product",
                    when="BEFORE",
                ),
            ),
        ),
        AddConstraintNotValid(
            model_name="plan",
            constraint=models.CheckConstraint(
                condition=models.Q(("deposit_minor__gte", 0), ("deposit_minor__lte", models.F("principal_minor"))),
                name="plan_deposit_within",
            ),
        ),
        AddConstraintNotValid(
            model_name="product",
            constraint=models.CheckConstraint(condition=models.Q(("audience__in", ["all", "by_rule"])), name="product_audience_known"),
        ),
    ]
