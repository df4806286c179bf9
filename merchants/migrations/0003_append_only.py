import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from core.together import Together


class Migration(migrations.Migration):
    """Rows that are evidence are neither changed nor lost, whoever asks the database for it."""

    dependencies = [
        ("merchants", "0002_origins_in_their_one_form"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.RemoveTrigger(
                    model_name="accountchange",
                    name="account_change_kept",
                ),
                pgtrigger.migrations.RemoveTrigger(
                    model_name="settlement",
                    name="settlement_kept",
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="accountchange",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="65be47428c31f48d8fafb256fec4104249f6792f",
                            operation="DELETE",
                            pgid="pgtrigger_kept_fdd9a",
                            table="merchants_accountchange",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="accountchange",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="835d6d606e6aca40e7688730fc75d7225db194b7",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_33d6a",
                            table="merchants_accountchange",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="accountchange",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="6570e71d7877c6dbfd69c558ed36780d71d47ecc",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_0ee2e",
                            table="merchants_accountchange",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="apikey",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="e7ad60c5640d50eafe69285825947295f75cfedf",
                            operation="DELETE",
                            pgid="pgtrigger_kept_029c7",
                            table="merchants_apikey",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="apikey",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by" IS DISTINCT FROM (NEW."created_by") OR OLD."key_hash" IS DISTINCT FROM (NEW."key_hash") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."merchant_id" IS DISTINCT FROM (NEW."merchant_id"))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="3c180a6c4096c8876c2af79646f909103ac407e8",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_2fd1a",
                            table="merchants_apikey",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="apikey",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="890e3fecc39c9563256fdece7652aa05a8d1a839",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_5d257",
                            table="merchants_apikey",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="settlement",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="02c0fda4d7f1b83e1e9a9e54d90d1cf3f09a4c11",
                            operation="DELETE",
                            pgid="pgtrigger_kept_e0698",
                            table="merchants_settlement",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="settlement",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="3728f64f6d44707687f795ed3a33f118b4c1a12b",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_205ff",
                            table="merchants_settlement",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="settlement",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="9e4b4e086727013715f592a1f6cd543eadf2351c",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_ff696",
                            table="merchants_settlement",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="settlementitem",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="a083cf299a7d09c1141f9bdccd5281d134f9d0cf",
                            operation="DELETE",
                            pgid="pgtrigger_kept_00d6b",
                            table="merchants_settlementitem",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="settlementitem",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."fee_minor" IS DISTINCT FROM (NEW."fee_minor") OR OLD."gross_minor" IS DISTINCT FROM (NEW."gross_minor") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."merchant_id" IS DISTINCT FROM (NEW."merchant_id") OR OLD."merchant_reference" IS DISTINCT FROM (NEW."merchant_reference") OR OLD."order_ref" IS DISTINCT FROM (NEW."order_ref") OR OLD."source" IS DISTINCT FROM (NEW."source"))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="40ce824e16380306162a51f65a46ca8f54e835d4",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_1b2f2",
                            table="merchants_settlementitem",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="settlementitem",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="4ff6b9b4fbc673b2b23e1ff964b83e9e06750bee",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_9517b",
                            table="merchants_settlementitem",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="settlementitem",
                    trigger=pgtrigger.compiler.Trigger(
                        name="settled_once",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."settlement_id" IS NOT NULL)',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="140931fd2d0ac0c38754256ca10e0e13a23f7aa3",
                            operation="UPDATE",
                            pgid="pgtrigger_settled_once_2df2e",
                            table="merchants_settlementitem",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        )
    ]
