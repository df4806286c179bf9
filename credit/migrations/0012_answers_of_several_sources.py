import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Store what an answer of a source cost and how long it took."""

    dependencies = [
        ("credit", "0011_own_limits"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="inquiry",
            name="answered_once",
        ),
        migrations.AddField(
            model_name="inquiry",
            name="cost_currency",
            field=models.CharField(db_default="", default="", max_length=3),
        ),
        migrations.AddField(
            model_name="inquiry",
            name="cost_minor",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="inquiry",
            name="took_ms",
            field=models.IntegerField(null=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="inquiry",
            trigger=pgtrigger.compiler.Trigger(
                name="answered_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN ((OLD.answered_at IS NOT NULL) AND ((OLD."answered_at" IS DISTINCT FROM (NEW."answered_at") OR OLD."cost_currency" IS DISTINCT FROM (NEW."cost_currency") OR OLD."cost_minor" IS DISTINCT FROM (NEW."cost_minor") OR OLD."data" IS DISTINCT FROM (NEW."data") OR OLD."provider_ref" IS DISTINCT FROM (NEW."provider_ref") OR OLD."took_ms" IS DISTINCT FROM (NEW."took_ms"))))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="3a1d54f7f75f894d809d170126fbddf22ffebae0",
                    operation="UPDATE",
                    pgid="pgtrigger_answered_once_81f87",
                    table="credit_inquiry",
                    when="BEFORE",
                ),
            ),
        ),
    ]
