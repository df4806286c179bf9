import json

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

ALL = [
    *("checkouts.write", "orders.read", "orders.capture", "orders.refund", "orders.void", "settlements.read", "webhooks.write"),
]


class Migration(migrations.Migration):
    """Keys say what they may do: those that there are go on as they did, with all of it."""

    dependencies = [
        ("merchants", "0003_append_only"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="apikey",
            name="unchanged",
        ),
        migrations.AddField(
            model_name="apikey",
            name="scopes",
            field=models.JSONField(default=list),
        ),
        migrations.RunSQL(
            f"UPDATE merchants_apikey SET scopes = '{json.dumps(ALL)}' WHERE kind = 'secret'",  # noqa: S608  (names of our own)
            migrations.RunSQL.noop,
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="apikey",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by" IS DISTINCT FROM (NEW."created_by") OR OLD."key_hash" IS DISTINCT FROM (NEW."key_hash") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."merchant_id" IS DISTINCT FROM (NEW."merchant_id") OR OLD."scopes" IS DISTINCT FROM (NEW."scopes"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="90812ae3d82c135f25184137aa0a820e48438398",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_2fd1a",
                    table="merchants_apikey",
                    when="BEFORE",
                ),
            ),
        ),
    ]
