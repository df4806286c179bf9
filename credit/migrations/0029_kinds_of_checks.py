import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from core.together import Together


class Migration(migrations.Migration):
    """Store which kind of check a credit bureau was asked for."""

    dependencies = [
        ("credit", "0028_bank_calls_counted"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.RemoveTrigger(
                    model_name="inquiry",
                    name="unchanged",
                ),
                migrations.AddField(
                    model_name="inquiry",
                    name="check_kind",
                    field=models.CharField(blank=True, db_default="", default="", max_length=8),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="inquiry",
                    trigger=pgtrigger.compiler.Trigger(
                        name="unchanged",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."agency" IS DISTINCT FROM (NEW."agency") OR OLD."asked_at" IS DISTINCT FROM (NEW."asked_at") OR OLD."check_kind" IS DISTINCT FROM (NEW."check_kind") OR OLD."consumer_id" IS DISTINCT FROM (NEW."consumer_id") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."provider" IS DISTINCT FROM (NEW."provider") OR OLD."purpose" IS DISTINCT FROM (NEW."purpose") OR OLD."register" IS DISTINCT FROM (NEW."register"))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="9c88741a6502f4733e20e60514f55bee72481b0b",
                            operation="UPDATE",
                            pgid="pgtrigger_unchanged_6548b",
                            table="credit_inquiry",
                            when="BEFORE",
                        ),
                    ),
                ),
            ],
        ),
    ]
