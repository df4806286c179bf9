import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from core.together import Together


class Migration(migrations.Migration):
    """A state changes by a transition of its machine only, whoever asks the database for it."""

    dependencies = [
        ("plans", "0010_append_only"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="installment",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_moves",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('overdue', 'canceled'), ('overdue', 'paid'), ('partially_paid', 'canceled'), ('partially_paid', 'overdue'), ('partially_paid', 'paid'), ('scheduled', 'canceled'), ('scheduled', 'overdue'), ('scheduled', 'paid'), ('scheduled', 'partially_paid')))",
                            func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="0073e3889cd34b0ffdd892223aa8425a88eedda0",
                            operation='UPDATE OF "status"',
                            pgid="pgtrigger_status_moves_c7cb5",
                            table="plans_installment",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="installment",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_begins",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.\"status\" NOT IN ('scheduled'))",
                            func="RAISE EXCEPTION 'no row of % begins as %', TG_TABLE_NAME, NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="0404be538f071bd97b3ab6b3e15758bd5e55a1c7",
                            operation="INSERT",
                            pgid="pgtrigger_status_begins_2d3f5",
                            table="plans_installment",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="plan",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_moves",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('active', 'completed'), ('completed', 'active'), ('pending', 'active'), ('pending', 'canceled')))",
                            func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="ca7ffc9c1a1e9355d178ecc0ee008f16c0190eb5",
                            operation='UPDATE OF "status"',
                            pgid="pgtrigger_status_moves_53ed1",
                            table="plans_plan",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="plan",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_begins",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.\"status\" NOT IN ('pending'))",
                            func="RAISE EXCEPTION 'no row of % begins as %', TG_TABLE_NAME, NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="28d0d5fe1ec8ce150b28c87169852641964d0635",
                            operation="INSERT",
                            pgid="pgtrigger_status_begins_d001e",
                            table="plans_plan",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        )
    ]
