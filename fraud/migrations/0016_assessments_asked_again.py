import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Keep with each assessment where the rules were asked and what was met already, so that it can be made again."""

    dependencies = [
        ("fraud", "0015_checked_moments"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="assessment",
            name="unchanged",
        ),
        migrations.AddField(
            model_name="assessment",
            name="asked",
            field=models.JSONField(db_default={}, default=dict),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assessment",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."asked" IS DISTINCT FROM (NEW."asked") OR OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."consumer_id" IS DISTINCT FROM (NEW."consumer_id") OR OLD."findings" IS DISTINCT FROM (NEW."findings") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."moment" IS DISTINCT FROM (NEW."moment") OR OLD."order" IS DISTINCT FROM (NEW."order") OR OLD."scores" IS DISTINCT FROM (NEW."scores") OR OLD."subject" IS DISTINCT FROM (NEW."subject") OR OLD."verdict" IS DISTINCT FROM (NEW."verdict") OR OLD."version" IS DISTINCT FROM (NEW."version"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="2ec73739372e895a03be4d0341e2678da98378ec",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_eba31",
                    table="fraud_assessment",
                    when="BEFORE",
                ),
            ),
        ),
    ]
