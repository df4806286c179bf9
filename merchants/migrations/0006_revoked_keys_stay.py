import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from core.together import Together


class Migration(migrations.Migration):
    """A key that was revoked stays so."""

    dependencies = [
        ("merchants", "0005_invitations"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="apikey",
                    trigger=pgtrigger.compiler.Trigger(
                        name="revoked_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN ((OLD.revoked_at IS NOT NULL) AND (OLD.* IS DISTINCT FROM NEW.*))",
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="06fde67543dc86c453f35c329113f92edc7adb43",
                            operation="UPDATE",
                            pgid="pgtrigger_revoked_stays_81da6",
                            table="merchants_apikey",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        )
    ]
