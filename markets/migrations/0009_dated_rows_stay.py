import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from core.together import Together


class Migration(migrations.Migration):
    """A rate stays, and so does one of the law's numbers once its day has come."""

    dependencies = [
        ("markets", "0008_free_report_days"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="exchangerate",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="f14d2f486f308d2daa2f667b2ff797d5bd45826e",
                            operation="DELETE",
                            pgid="pgtrigger_kept_4d8d8",
                            table="markets_exchangerate",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="exchangerate",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="cd421503e3886b7fa6c3da7b1c525d4f8d7c2530",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_cb459",
                            table="markets_exchangerate",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="exchangerate",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="3f0f0b944dc561c40f83cfa3342f9a3b196be7ae",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_d6ba3",
                            table="markets_exchangerate",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="marketsetting",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="f6632709ab69ca3851b9da4d10956a4f6039591d",
                            operation="DELETE",
                            pgid="pgtrigger_kept_a0024",
                            table="markets_marketsetting",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="marketsetting",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."key" IS DISTINCT FROM (NEW."key") OR OLD."market_id" IS DISTINCT FROM (NEW."market_id"))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="3ea00ee1ad855b1861335b1a2b961ea3b2b0ba5b",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_3a43d",
                            table="markets_marketsetting",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="marketsetting",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="bf8f901d51a8990f141fcab20cd3431f836e5685",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_39f89",
                            table="markets_marketsetting",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="marketsetting",
                    trigger=pgtrigger.compiler.Trigger(
                        name="begun_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN ((OLD.valid_from <= CURRENT_DATE) AND ((OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."key" IS DISTINCT FROM (NEW."key") OR OLD."market_id" IS DISTINCT FROM (NEW."market_id") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."source" IS DISTINCT FROM (NEW."source") OR OLD."valid_from" IS DISTINCT FROM (NEW."valid_from") OR OLD."value" IS DISTINCT FROM (NEW."value"))))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="1f6945989596f644488cab03fd8df99c54d98892",
                            operation="UPDATE",
                            pgid="pgtrigger_begun_stays_4a0a9",
                            table="markets_marketsetting",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="marketsetting",
                    trigger=pgtrigger.compiler.Trigger(
                        name="ends_later",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN ((OLD.valid_from <= CURRENT_DATE AND (OLD.valid_to <= CURRENT_DATE OR NEW.valid_to <= CURRENT_DATE)) AND (OLD."valid_to" IS DISTINCT FROM (NEW."valid_to")))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="9dac303cefdfe89d93753dc835d82731ca45d0f5",
                            operation="UPDATE",
                            pgid="pgtrigger_ends_later_21e7c",
                            table="markets_marketsetting",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        )
    ]
