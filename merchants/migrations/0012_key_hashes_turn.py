import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from core.together import Together


class Migration(migrations.Migration):
    """The hash of a key is renewed when the key is used after the key of look-ups was turned."""

    dependencies = [
        ("merchants", "0011_brands"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.RemoveTrigger(
                    model_name="apikey",
                    name="unchanged",
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="apikey",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by" IS DISTINCT FROM (NEW."created_by") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."merchant_id" IS DISTINCT FROM (NEW."merchant_id") OR OLD."scopes" IS DISTINCT FROM (NEW."scopes"))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="e7f47c7bb272e98f4eaee5df7611934662832239",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_2fd1a",
                            table="merchants_apikey",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        )
    ]
