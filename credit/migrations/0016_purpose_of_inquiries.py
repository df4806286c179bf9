import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Store the law that allowed a question to a source."""

    dependencies = [
        ("credit", "0015_declarations"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="inquiry",
            name="unchanged",
        ),
        migrations.AddField(
            model_name="inquiry",
            name="purpose",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="inquiry",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."agency" IS DISTINCT FROM (NEW."agency") OR OLD."asked_at" IS DISTINCT FROM (NEW."asked_at") OR OLD."consumer_id" IS DISTINCT FROM (NEW."consumer_id") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."provider" IS DISTINCT FROM (NEW."provider") OR OLD."purpose" IS DISTINCT FROM (NEW."purpose"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="05f1ce228a014acd6e94fac3a3443ee232660692",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_6548b",
                    table="credit_inquiry",
                    when="BEFORE",
                ),
            ),
        ),
    ]
