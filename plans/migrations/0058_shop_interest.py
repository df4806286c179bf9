import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """A product may ask its interest of the shop that sells by it."""

    dependencies = [
        ("markets", "0011_no_dead_settings"),
        ("plans", "0057_returns_of_a_part"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="product",
            name="unchanged",
        ),
        migrations.AddField(
            model_name="product",
            name="shop_rate_bps",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="product",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."audience" IS DISTINCT FROM (NEW."audience") OR OLD."brands" IS DISTINCT FROM (NEW."brands") OR OLD."classes" IS DISTINCT FROM (NEW."classes") OR OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."count" IS DISTINCT FROM (NEW."count") OR OLD."day_rule" IS DISTINCT FROM (NEW."day_rule") OR OLD."deposit_bps" IS DISTINCT FROM (NEW."deposit_bps") OR OLD."first" IS DISTINCT FROM (NEW."first") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."interval" IS DISTINCT FROM (NEW."interval") OR OLD."interval_days" IS DISTINCT FROM (NEW."interval_days") OR OLD."market_id" IS DISTINCT FROM (NEW."market_id") OR OLD."maximum_minor" IS DISTINCT FROM (NEW."maximum_minor") OR OLD."minimum_minor" IS DISTINCT FROM (NEW."minimum_minor") OR OLD."offered_since" IS DISTINCT FROM (NEW."offered_since") OR OLD."rate_bps" IS DISTINCT FROM (NEW."rate_bps") OR OLD."refund_rule" IS DISTINCT FROM (NEW."refund_rule") OR OLD."remainder" IS DISTINCT FROM (NEW."remainder") OR OLD."shop_rate_bps" IS DISTINCT FROM (NEW."shop_rate_bps") OR OLD."shops" IS DISTINCT FROM (NEW."shops") OR OLD."skipped" IS DISTINCT FROM (NEW."skipped") OR OLD."stands_for" IS DISTINCT FROM (NEW."stands_for") OR OLD."trades" IS DISTINCT FROM (NEW."trades") OR OLD."version" IS DISTINCT FROM (NEW."version"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="385a959e0a8d983ff40e6c44590b5c1f9f581d7f",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_80125",
                    table="plans_product",
                    when="BEFORE",
                ),
            ),
        ),
        AddConstraintNotValid(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("shop_rate_bps", 0), models.Q(("count__range", (3, 36)), ("interval", "monthly"), ("rate_bps", 0)), _connector="OR"
                ),
                name="product_shop_pays",
            ),
        ),
    ]
