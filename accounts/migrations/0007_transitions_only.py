import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from core.together import Together


class Migration(migrations.Migration):
    """Add triggers that allow only the state machine's transitions, whoever changes a state."""

    dependencies = [
        ("accounts", "0006_requests"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="consumer",
                    trigger=pgtrigger.compiler.Trigger(
                        name="identity_moves",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.\"identity\" IS DISTINCT FROM NEW.\"identity\" AND (OLD.\"identity\", NEW.\"identity\") NOT IN (('pending', 'rejected'), ('pending', 'verified'), ('rejected', 'pending'), ('rejected', 'verified'), ('unknown', 'pending'), ('unknown', 'rejected'), ('unknown', 'verified'), ('verified', 'rejected')))",
                            func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"identity\", NEW.\"identity\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="c4c1d3031a667f08d9eb6cb3a1a137b7586797f8",
                            operation='UPDATE OF "identity"',
                            pgid="pgtrigger_identity_moves_06939",
                            table="accounts_consumer",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="consumer",
                    trigger=pgtrigger.compiler.Trigger(
                        name="identity_begins",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.\"identity\" NOT IN ('unknown'))",
                            func="RAISE EXCEPTION 'no row of % begins as %', TG_TABLE_NAME, NEW.\"identity\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="676635dca9f960d235b1b99ab53fa49687a5a945",
                            operation="INSERT",
                            pgid="pgtrigger_identity_begins_33729",
                            table="accounts_consumer",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="consumerrequest",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_moves",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."status" IS DISTINCT FROM NEW."status" AND (OLD."status", NEW."status") NOT IN ((\'open\', \'answered\')))',
                            func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="0eecb5fc504e0afec9e9f7aebcfae1e9a3a3b1da",
                            operation='UPDATE OF "status"',
                            pgid="pgtrigger_status_moves_d9ddb",
                            table="accounts_consumerrequest",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="consumerrequest",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_begins",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.\"status\" NOT IN ('open'))",
                            func="RAISE EXCEPTION 'no row of % begins as %', TG_TABLE_NAME, NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="12db657abb21d2b3a67ee117379eca589c1a975f",
                            operation="INSERT",
                            pgid="pgtrigger_status_begins_cda26",
                            table="accounts_consumerrequest",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        )
    ]
