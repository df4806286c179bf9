import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from core.together import Together


class Migration(migrations.Migration):
    """Rows that are evidence are neither changed nor lost, whoever asks the database for it."""

    dependencies = [
        ("plans", "0009_stopped_plans"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="allocation",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="8471c9611faeb989235ddd7ce9b56d8627967fe9",
                            operation="DELETE",
                            pgid="pgtrigger_kept_bcf82",
                            table="plans_allocation",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="allocation",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."charge_id" IS DISTINCT FROM (NEW."charge_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."installment_id" IS DISTINCT FROM (NEW."installment_id") OR OLD."interest_minor" IS DISTINCT FROM (NEW."interest_minor") OR OLD."principal_minor" IS DISTINCT FROM (NEW."principal_minor"))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="2ab7f3a23cb75ced451cf62948e1e68645ad364f",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_ad4d9",
                            table="plans_allocation",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="allocation",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="3e180f02f7527ac29a5ccec867b6e260402fbc8c",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_c2272",
                            table="plans_allocation",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="installment",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="a7e26d3de5f19d367d0e4d96db85ef2e58781a35",
                            operation="DELETE",
                            pgid="pgtrigger_kept_938c8",
                            table="plans_installment",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="installment",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."part" IS DISTINCT FROM (NEW."part") OR OLD."plan_id" IS DISTINCT FROM (NEW."plan_id"))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="06a264ece1ce3a01443329d0ec8c943be86695fc",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_4e205",
                            table="plans_installment",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="installment",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="0977de3918f7ff0a4fc2b8dedf0793a0f469c6cd",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_8ca4d",
                            table="plans_installment",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="plan",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="c6659990ca7a085e614d3c41091bbdbe22ef103b",
                            operation="DELETE",
                            pgid="pgtrigger_kept_48fe8",
                            table="plans_plan",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="plan",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."agreed" IS DISTINCT FROM (NEW."agreed") OR OLD."agreement_sealed" IS DISTINCT FROM (NEW."agreement_sealed") OR OLD."apr_bps" IS DISTINCT FROM (NEW."apr_bps") OR OLD."consumer_id" IS DISTINCT FROM (NEW."consumer_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."principal_minor" IS DISTINCT FROM (NEW."principal_minor") OR OLD."product_id" IS DISTINCT FROM (NEW."product_id") OR OLD."reference" IS DISTINCT FROM (NEW."reference"))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="c61fb7a7fb9c0212d1ec98665d9490d7ea343733",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_7b2d0",
                            table="plans_plan",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="plan",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="ed7d1a5b88e8ffe42f88da016e027529a2c2fa79",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_2ddb6",
                            table="plans_plan",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="planchange",
                    trigger=pgtrigger.compiler.Trigger(
                        name="kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="4ec5fa77da7bd73d8164b183dba28f2f6f57cfbe",
                            operation="DELETE",
                            pgid="pgtrigger_kept_3cce4",
                            table="plans_planchange",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="planchange",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="f98833b3b3f2ad18f32a4c5a9409a3ddd3d572da",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_b0ce5",
                            table="plans_planchange",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="planchange",
                    trigger=pgtrigger.compiler.Trigger(
                        name="not_emptied",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="f88bef7a3ae5b406c265c51fa7b1dbb3e1f8ab6f",
                            level="STATEMENT",
                            operation="TRUNCATE",
                            pgid="pgtrigger_not_emptied_e70e4",
                            table="plans_planchange",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        )
    ]
