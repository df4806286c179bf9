import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from core.together import Together


class Migration(migrations.Migration):
    """What is settled, paid, completed or closed stays as it was."""

    dependencies = [
        ("checkout", "0012_holds_by_operators"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="checkout",
                    trigger=pgtrigger.compiler.Trigger(
                        name="completed_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN ((OLD.status = 'completed') AND (OLD.* IS DISTINCT FROM NEW.*))",
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="09df143db558875583926ec6eb3639598f185540",
                            operation="UPDATE",
                            pgid="pgtrigger_completed_stays_c9417",
                            table="checkout_checkout",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="order",
                    trigger=pgtrigger.compiler.Trigger(
                        name="authorized_once",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN ((OLD.authorized_at IS NOT NULL) AND (OLD."authorized_at" IS DISTINCT FROM (NEW."authorized_at")))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="7c702e052dd0b28382923f5f2938b9159eebd4ae",
                            operation="UPDATE",
                            pgid="pgtrigger_authorized_once_47ebd",
                            table="checkout_order",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="order",
                    trigger=pgtrigger.compiler.Trigger(
                        name="captured_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN ((OLD.status = \'captured\') AND ((OLD."captured_minor" IS DISTINCT FROM (NEW."captured_minor") OR OLD."fee_minor" IS DISTINCT FROM (NEW."fee_minor") OR OLD."released_minor" IS DISTINCT FROM (NEW."released_minor"))))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="888158e60eaf2947a7b483ad6afa6bfb5d80fc16",
                            operation="UPDATE",
                            pgid="pgtrigger_captured_stays_7f800",
                            table="checkout_order",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="order",
                    trigger=pgtrigger.compiler.Trigger(
                        name="ended_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN ((OLD.status IN (\'voided\', \'expired\', \'rejected\')) AND ((OLD."captured_minor" IS DISTINCT FROM (NEW."captured_minor") OR OLD."expires_at" IS DISTINCT FROM (NEW."expires_at") OR OLD."fee_minor" IS DISTINCT FROM (NEW."fee_minor"))))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="e755d4e1700b94c15cc8bbaf900ef2da4309b485",
                            operation="UPDATE",
                            pgid="pgtrigger_ended_stays_da041",
                            table="checkout_order",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        )
    ]
