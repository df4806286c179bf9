import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from core.together import Together


class Migration(migrations.Migration):
    """Add triggers that allow only the state machine's transitions, whoever changes a state."""

    dependencies = [
        ("payments", "0009_card_tries_by_age"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="authorization",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_moves",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('pending', 'failed'), ('pending', 'succeeded'), ('pending', 'unknown'), ('succeeded', 'reversed'), ('unknown', 'failed'), ('unknown', 'succeeded')))",
                            func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="eb7b173a21d5c02324bf028ee63c929c75f56dea",
                            operation='UPDATE OF "status"',
                            pgid="pgtrigger_status_moves_490de",
                            table="payments_authorization",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="authorization",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_begins",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.\"status\" NOT IN ('pending'))",
                            func="RAISE EXCEPTION 'no row of % begins as %', TG_TABLE_NAME, NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="3cdad5fbe6d59df673bcdede414381c14317f5ab",
                            operation="INSERT",
                            pgid="pgtrigger_status_begins_25944",
                            table="payments_authorization",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="break",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_moves",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."status" IS DISTINCT FROM NEW."status" AND (OLD."status", NEW."status") NOT IN ((\'open\', \'closed\')))',
                            func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="b6c0eca3af842018be2c18b7650ca24d5d5b6213",
                            operation='UPDATE OF "status"',
                            pgid="pgtrigger_status_moves_d21ff",
                            table="payments_break",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="break",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_begins",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.\"status\" NOT IN ('open'))",
                            func="RAISE EXCEPTION 'no row of % begins as %', TG_TABLE_NAME, NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="2fff0b31e35ea8906ccbbae6e5988a66055a0247",
                            operation="INSERT",
                            pgid="pgtrigger_status_begins_bf51e",
                            table="payments_break",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="charge",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_moves",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('failed', 'succeeded'), ('pending', 'failed'), ('pending', 'succeeded'), ('pending', 'unknown'), ('succeeded', 'reversed'), ('unknown', 'failed'), ('unknown', 'succeeded')))",
                            func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="654a84adf8ee42d809b857f080787544504f61cc",
                            operation='UPDATE OF "status"',
                            pgid="pgtrigger_status_moves_45746",
                            table="payments_charge",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="charge",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_begins",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.\"status\" NOT IN ('pending'))",
                            func="RAISE EXCEPTION 'no row of % begins as %', TG_TABLE_NAME, NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="322ace13aa5cea13397bd0a0711185580daa438b",
                            operation="INSERT",
                            pgid="pgtrigger_status_begins_d265e",
                            table="payments_charge",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="dispute",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_moves",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('open', 'lost'), ('open', 'won')))",
                            func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="ca7744303b0504a4d67ee363488a8f31776782b1",
                            operation='UPDATE OF "status"',
                            pgid="pgtrigger_status_moves_7b198",
                            table="payments_dispute",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="dispute",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_begins",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.\"status\" NOT IN ('open'))",
                            func="RAISE EXCEPTION 'no row of % begins as %', TG_TABLE_NAME, NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="ddb895a379622d61e51b73d24fe34a605195e4e4",
                            operation="INSERT",
                            pgid="pgtrigger_status_begins_89f97",
                            table="payments_dispute",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="payout",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_moves",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('pending', 'failed'), ('pending', 'succeeded'), ('pending', 'unknown'), ('succeeded', 'reversed'), ('unknown', 'failed'), ('unknown', 'succeeded')))",
                            func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="a802b3190e07ab269c0ad3c74e8e4dca5d676ced",
                            operation='UPDATE OF "status"',
                            pgid="pgtrigger_status_moves_fc3c3",
                            table="payments_payout",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="payout",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_begins",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.\"status\" NOT IN ('pending'))",
                            func="RAISE EXCEPTION 'no row of % begins as %', TG_TABLE_NAME, NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="284e549a37248dd273b445104a36da352ecf8d2d",
                            operation="INSERT",
                            pgid="pgtrigger_status_begins_3c42e",
                            table="payments_payout",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="refund",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_moves",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('pending', 'failed'), ('pending', 'succeeded'), ('pending', 'unknown'), ('succeeded', 'reversed'), ('unknown', 'failed'), ('unknown', 'succeeded')))",
                            func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="2d5715d6733a987feb37fba67087ecc83f107af8",
                            operation='UPDATE OF "status"',
                            pgid="pgtrigger_status_moves_5b763",
                            table="payments_refund",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="refund",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_begins",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.\"status\" NOT IN ('pending'))",
                            func="RAISE EXCEPTION 'no row of % begins as %', TG_TABLE_NAME, NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="d1026695ee6b6e37691473cadbd7af9d28c434f4",
                            operation="INSERT",
                            pgid="pgtrigger_status_begins_d20e7",
                            table="payments_refund",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        )
    ]
