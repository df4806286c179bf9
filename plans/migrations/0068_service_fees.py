import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """A product may have a service fee."""

    dependencies = [
        ("markets", "0011_no_dead_settings"),
        ("plans", "0067_respite_after_advice"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="product",
            name="unchanged",
        ),
        migrations.AddField(
            model_name="product",
            name="service_bps",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="product",
            name="service_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="product",
            name="service_most_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="product",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."audience" IS DISTINCT FROM (NEW."audience") OR OLD."brands" IS DISTINCT FROM (NEW."brands") OR OLD."classes" IS DISTINCT FROM (NEW."classes") OR OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."count" IS DISTINCT FROM (NEW."count") OR OLD."day_rule" IS DISTINCT FROM (NEW."day_rule") OR OLD."deposit_bps" IS DISTINCT FROM (NEW."deposit_bps") OR OLD."first" IS DISTINCT FROM (NEW."first") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."interval" IS DISTINCT FROM (NEW."interval") OR OLD."interval_days" IS DISTINCT FROM (NEW."interval_days") OR OLD."market_id" IS DISTINCT FROM (NEW."market_id") OR OLD."maximum_minor" IS DISTINCT FROM (NEW."maximum_minor") OR OLD."minimum_minor" IS DISTINCT FROM (NEW."minimum_minor") OR OLD."offered_since" IS DISTINCT FROM (NEW."offered_since") OR OLD."rate_bps" IS DISTINCT FROM (NEW."rate_bps") OR OLD."refund_rule" IS DISTINCT FROM (NEW."refund_rule") OR OLD."remainder" IS DISTINCT FROM (NEW."remainder") OR OLD."service_bps" IS DISTINCT FROM (NEW."service_bps") OR OLD."service_minor" IS DISTINCT FROM (NEW."service_minor") OR OLD."service_most_minor" IS DISTINCT FROM (NEW."service_most_minor") OR OLD."shop_rate_bps" IS DISTINCT FROM (NEW."shop_rate_bps") OR OLD."shops" IS DISTINCT FROM (NEW."shops") OR OLD."skipped" IS DISTINCT FROM (NEW."skipped") OR OLD."stands_for" IS DISTINCT FROM (NEW."stands_for") OR OLD."trades" IS DISTINCT FROM (NEW."trades") OR OLD."version" IS DISTINCT FROM (NEW."version"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="30af79d2faf27fdbb57563de535315e187793afc",
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
                    models.Q(("service_minor__gte", 0), ("service_most_minor", 0)),
                    models.Q(
                        models.Q(("service_minor__gt", 0), ("service_bps__gt", 0), _connector="OR"),
                        ("service_minor__gte", 0),
                        ("service_most_minor__gt", 0),
                    ),
                    _connector="OR",
                ),
                name="product_service_fee",
            ),
        ),
    ]
