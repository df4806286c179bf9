import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from core.together import Together


class Migration(migrations.Migration):
    """Add triggers to evidence tables: rows cannot be changed or deleted, whoever tries."""

    dependencies = [
        ("accounts", "0004_seal_for_rows"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.RemoveTrigger(
                    model_name="consent",
                    name="consent_append_only",
                ),
                pgtrigger.migrations.RemoveTrigger(
                    model_name="consumerchange",
                    name="consumer_change_append_only",
                ),
                pgtrigger.migrations.RemoveTrigger(
                    model_name="identitycheck",
                    name="identity_check_kept",
                ),
                pgtrigger.migrations.RemoveTrigger(
                    model_name="identitycheck",
                    name="identity_check_not_deleted",
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="consent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="3dc7dcc2163dcc8885434da40190bc6ee4a3d5c0",
                            operation="DELETE",
                            pgid="pgtrigger_kept_ca47a",
                            table="accounts_consent",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="consent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="962056eca2387651e27e4dd1b0791e516523469d",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_46287",
                            table="accounts_consent",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="consent",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="060888de1c8bbc2ba925ce87519f9efc0066d353",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_a6f97",
                            table="accounts_consent",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="consumerchange",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="6964c05ab0515cbeb1d3d65247600e477573a5ad",
                            operation="DELETE",
                            pgid="pgtrigger_kept_43797",
                            table="accounts_consumerchange",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="consumerchange",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="de1225c4f0506574423cb2dbf02e16076c62c98f",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_354ae",
                            table="accounts_consumerchange",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="consumerchange",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="03a213b732fd39f2c2a9e334349a117c2cc346b2",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_21bc2",
                            table="accounts_consumerchange",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="identitycheck",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="a7ad9cdb573f4c906460ebd2ac39074d491ccdfc",
                            operation="DELETE",
                            pgid="pgtrigger_kept_cfba7",
                            table="accounts_identitycheck",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="identitycheck",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."consumer_id" IS DISTINCT FROM (NEW."consumer_id") OR OLD."details_hash" IS DISTINCT FROM (NEW."details_hash") OR OLD."evidence" IS DISTINCT FROM (NEW."evidence") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."provider" IS DISTINCT FROM (NEW."provider") OR OLD."provider_ref" IS DISTINCT FROM (NEW."provider_ref") OR OLD."reasons" IS DISTINCT FROM (NEW."reasons") OR OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."result" IS DISTINCT FROM (NEW."result"))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="8dce0a3c3ce65d0e665d579c2c0372999c1ec986",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_39d11",
                            table="accounts_identitycheck",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="identitycheck",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="3d3591940335a0f0b6f8b62fadd1df17cb1a444c",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_f321f",
                            table="accounts_identitycheck",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        )
    ]
