import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations
from core.together import Together


class Migration(migrations.Migration):
    """A version of a product keeps its terms."""

    dependencies = [
        ("plans", "0014_payments_taken_back"),
    ]
    operations = [
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="product",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="e96319438f55cbbb64fd9f7c5dff9977bd0eedef",
                            operation="DELETE",
                            pgid="pgtrigger_kept_dc74a",
                            table="plans_product",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="product",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."count" IS DISTINCT FROM (NEW."count") OR OLD."first" IS DISTINCT FROM (NEW."first") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."interval" IS DISTINCT FROM (NEW."interval") OR OLD."interval_days" IS DISTINCT FROM (NEW."interval_days") OR OLD."market_id" IS DISTINCT FROM (NEW."market_id") OR OLD."maximum_minor" IS DISTINCT FROM (NEW."maximum_minor") OR OLD."minimum_minor" IS DISTINCT FROM (NEW."minimum_minor") OR OLD."rate_bps" IS DISTINCT FROM (NEW."rate_bps") OR OLD."refund_rule" IS DISTINCT FROM (NEW."refund_rule") OR OLD."remainder" IS DISTINCT FROM (NEW."remainder") OR OLD."version" IS DISTINCT FROM (NEW."version"))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="3ff1fd98b591d49018aacfcd1d91206bf3164f55",
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
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="2dbb15e6a421c990f27a17272cf2bc70530169b4",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_2775a",
                            table="plans_product",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        ),
    ]
