import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from core.together import Together


class Migration(migrations.Migration):
    """Rows that are evidence are neither changed nor lost, whoever asks the database for it."""

    dependencies = [
        ("ledger", "0001_initial"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.RemoveTrigger(
                    model_name="entry",
                    name="entry_kept",
                ),
                pgtrigger.migrations.RemoveTrigger(
                    model_name="entry",
                    name="entry_no_truncate",
                ),
                pgtrigger.migrations.RemoveTrigger(
                    model_name="line",
                    name="line_kept",
                ),
                pgtrigger.migrations.RemoveTrigger(
                    model_name="line",
                    name="line_no_truncate",
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="account",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="506b3396757b21be7e347a788efdb6bbcd9e41d1",
                            operation="DELETE",
                            pgid="pgtrigger_kept_af4ed",
                            table="ledger_account",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="account",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="412ccfd1f08f3a3cff9871243e52a5c6ccabdd11",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_d1dfd",
                            table="ledger_account",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="account",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="35a324d04b7dc4891cf37bf6c82cfdbb41d47917",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_60dc4",
                            table="ledger_account",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="checkpoint",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="039e72e1df04034b13c34702cb8aeec317efdbc4",
                            operation="DELETE",
                            pgid="pgtrigger_kept_768bb",
                            table="ledger_checkpoint",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="checkpoint",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."account_id" IS DISTINCT FROM (NEW."account_id"))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="7962a9a95f6f94703eed47470de1e18650f3852a",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_a54bd",
                            table="ledger_checkpoint",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="checkpoint",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="223a943d19822efc69e47aaa94ac2a31dc57388d",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_932b0",
                            table="ledger_checkpoint",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="entry",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="bd211247da6e353e531ee1a3b0b62417e88200b4",
                            operation="DELETE",
                            pgid="pgtrigger_kept_eea98",
                            table="ledger_entry",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="entry",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="30f3290e57ddd8af35eedf631aa35f922aee606e",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_07980",
                            table="ledger_entry",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="entry",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="e154a657313cafb447a92b8ffcd73de9b33198af",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_01da0",
                            table="ledger_entry",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="line",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="70807f09313b86cd2187cb2a5c0a260b760b3ad8",
                            operation="DELETE",
                            pgid="pgtrigger_kept_33dfd",
                            table="ledger_line",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="line",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="bbb2b138d357f2d8a77265fbdaafe80bef0ee916",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_11068",
                            table="ledger_line",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="line",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="49694c7d92dff726801ee8393200a0023d6ca858",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_5f377",
                            table="ledger_line",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        )
    ]
