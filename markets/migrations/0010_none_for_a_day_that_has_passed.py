import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations
from core.together import Together


class Migration(migrations.Migration):
    """The application writes no dated row for a day that has passed, and a market keeps its currency and its law."""

    dependencies = [
        ("markets", "0009_dated_rows_stay"),
    ]
    operations = [
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="exchangerate",
                    trigger=pgtrigger.compiler.Trigger(
                        name="in_time",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    IF NEW.date < (now() AT TIME ZONE 'UTC')::date AND EXISTS (SELECT 1 FROM markets_exchangerate r WHERE r.currency = NEW.currency AND r.id <> NEW.id) AND NOT pg_has_role(current_user, (SELECT c.relowner FROM pg_catalog.pg_class c WHERE c.oid = TG_RELID), 'USAGE') THEN\n        RAISE EXCEPTION '% is for a day that has passed', TG_TABLE_NAME USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NULL;",
                            hash="c559b6109bab2de18469e30aa2b43d8fc593c5eb",
                            operation="INSERT",
                            pgid="pgtrigger_in_time_dcb62",
                            table="markets_exchangerate",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="market",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="74ca11379ca65c26bf4c38b7048018f1276a46f8",
                            operation="DELETE",
                            pgid="pgtrigger_kept_56d25",
                            table="markets_market",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="market",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."law" IS DISTINCT FROM (NEW."law"))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="82d90a0f19f526d02c0ec45833e3cf27195c12ec",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_efc76",
                            table="markets_market",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="market",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="aa58f097f6e36ffaedb9948e21da88400850ee89",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_708ee",
                            table="markets_market",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="marketsetting",
                    trigger=pgtrigger.compiler.Trigger(
                        name="in_time",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    IF NEW.valid_from < (SELECT (now() AT TIME ZONE m.time_zone)::date FROM markets_market m WHERE m.code = NEW.market_id) AND NOT pg_has_role(current_user, (SELECT c.relowner FROM pg_catalog.pg_class c WHERE c.oid = TG_RELID), 'USAGE') THEN\n        RAISE EXCEPTION '% is for a day that has passed', TG_TABLE_NAME USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NULL;",
                            hash="8aeb7545c5dff5b61d87164adc34ef9325ff11e6",
                            operation="INSERT",
                            pgid="pgtrigger_in_time_1b4c8",
                            table="markets_marketsetting",
                            when="AFTER",
                        ),
                    ),
                ),
            ]
        ),
    ]
