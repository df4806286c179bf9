import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from core.together import Together


class Migration(migrations.Migration):
    """Rows that are evidence are neither changed nor lost, whoever asks the database for it."""

    dependencies = [
        ("checkout", "0006_seal_baskets"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.RemoveTrigger(
                    model_name="hold",
                    name="hold_kept",
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="capture",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="56749964397aabb6a44bbea74a730a6b8271880e",
                            operation="DELETE",
                            pgid="pgtrigger_kept_b6e56",
                            table="checkout_capture",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="capture",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."actor" IS DISTINCT FROM (NEW."actor") OR OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."fee_minor" IS DISTINCT FROM (NEW."fee_minor") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."order_id" IS DISTINCT FROM (NEW."order_id") OR OLD."part" IS DISTINCT FROM (NEW."part"))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="1ead0433e697fa233863c55aa3f22aedc4804e64",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_97aca",
                            table="checkout_capture",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="capture",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="fb48af0e3bcfd45f2a5e11984c15a9c0066b6e32",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_378d0",
                            table="checkout_capture",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="checkout",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="58753877f939676c2496e2152cd457da820a2b3e",
                            operation="DELETE",
                            pgid="pgtrigger_kept_a44db",
                            table="checkout_checkout",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="checkout",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."merchant_id" IS DISTINCT FROM (NEW."merchant_id"))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="cd316a0e002ab393c12db556761351105e0e1f14",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_af086",
                            table="checkout_checkout",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="checkout",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="4441f44c878f07da4b9b3d7f6ddbe7389cb83fd5",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_9969a",
                            table="checkout_checkout",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="hold",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="117e6ecec4cfb09406a5ff4b7f51bd9858c7550c",
                            operation="DELETE",
                            pgid="pgtrigger_kept_edeb1",
                            table="checkout_hold",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="hold",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."causes" IS DISTINCT FROM (NEW."causes") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."order_id" IS DISTINCT FROM (NEW."order_id"))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="5a7c919bf580ab6d621255fe918235456bc0376b",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_60481",
                            table="checkout_hold",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="hold",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="1a642379d0b4fe71b1a63139318ac6fe0fb553ae",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_d32e5",
                            table="checkout_hold",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="order",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="17c73749773443a32165e39ebafe08a143dd0360",
                            operation="DELETE",
                            pgid="pgtrigger_kept_0718d",
                            table="checkout_order",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="order",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."authorization_id" IS DISTINCT FROM (NEW."authorization_id") OR OLD."capture" IS DISTINCT FROM (NEW."capture") OR OLD."checkout_id" IS DISTINCT FROM (NEW."checkout_id") OR OLD."consumer_id" IS DISTINCT FROM (NEW."consumer_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."decision_id" IS DISTINCT FROM (NEW."decision_id") OR OLD."merchant_id" IS DISTINCT FROM (NEW."merchant_id") OR OLD."merchant_reference" IS DISTINCT FROM (NEW."merchant_reference") OR OLD."plan_id" IS DISTINCT FROM (NEW."plan_id"))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="5cfe805515cdf6b17e4438bfba3cf946a0cd4b0e",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_ee4f4",
                            table="checkout_order",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="order",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="2a766fe36afdc34e6cf56ecca50c68e9e3d9599c",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_e48e5",
                            table="checkout_order",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="refund",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="4a8f7fc518aadc673454a579873c7be0b02bd793",
                            operation="DELETE",
                            pgid="pgtrigger_kept_94ded",
                            table="checkout_refund",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="refund",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="9a2fecd6a0d76b6688d20f5a15eb9aa0909a6602",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_0fb6f",
                            table="checkout_refund",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="refund",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="bca731548dd25e422f916af4888554c1817da5df",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_e92a4",
                            table="checkout_refund",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        )
    ]
