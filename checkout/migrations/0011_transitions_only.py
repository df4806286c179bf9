import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from core.together import Together


class Migration(migrations.Migration):
    """A state changes by a transition of its machine only, whoever asks the database for it."""

    dependencies = [
        ("checkout", "0010_order_changes"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="checkout",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_moves",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('open', 'canceled'), ('open', 'completed'), ('open', 'expired')))",
                            func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="e30fa45434470bbdff4e154bbbe54ed0b85783f0",
                            operation='UPDATE OF "status"',
                            pgid="pgtrigger_status_moves_991e8",
                            table="checkout_checkout",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="checkout",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_begins",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.\"status\" NOT IN ('open'))",
                            func="RAISE EXCEPTION 'no row of % begins as %', TG_TABLE_NAME, NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="a0a621bf95e92c00cd5b2d72330b8a829881c31d",
                            operation="INSERT",
                            pgid="pgtrigger_status_begins_92a8e",
                            table="checkout_checkout",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="hold",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_moves",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('prepared', 'approved'), ('prepared', 'closed'), ('prepared', 'rejected'), ('waiting', 'approved'), ('waiting', 'closed'), ('waiting', 'prepared'), ('waiting', 'rejected')))",
                            func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="a11778d4feffa07d672aa580dc0848f032147794",
                            operation='UPDATE OF "status"',
                            pgid="pgtrigger_status_moves_83b2b",
                            table="checkout_hold",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="hold",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_begins",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.\"status\" NOT IN ('waiting'))",
                            func="RAISE EXCEPTION 'no row of % begins as %', TG_TABLE_NAME, NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="49e4c221632a7f5d82391182522ac7157d1ef8f5",
                            operation="INSERT",
                            pgid="pgtrigger_status_begins_81eda",
                            table="checkout_hold",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="order",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_moves",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('authorized', 'captured'), ('authorized', 'expired'), ('authorized', 'partially_captured'), ('authorized', 'voided'), ('partially_captured', 'captured'), ('pending_review', 'authorized'), ('pending_review', 'expired'), ('pending_review', 'rejected'), ('pending_review', 'voided')))",
                            func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="53a523f1351000a59b441e3f7491f5fdd736ab2e",
                            operation='UPDATE OF "status"',
                            pgid="pgtrigger_status_moves_81ccf",
                            table="checkout_order",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="order",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_begins",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.\"status\" NOT IN ('authorized', 'pending_review'))",
                            func="RAISE EXCEPTION 'no row of % begins as %', TG_TABLE_NAME, NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="2c615600a31aaab9364e4e8e3a4820354e30b4c6",
                            operation="INSERT",
                            pgid="pgtrigger_status_begins_0e963",
                            table="checkout_order",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        )
    ]
