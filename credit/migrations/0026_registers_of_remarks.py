import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Inquiries name the register of payment remarks that was asked; each account has an open inquiry for each register."""

    dependencies = [
        ("credit", "0025_income_proven_to_people"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="inquiry",
            name="unchanged",
        ),
        migrations.AddField(
            model_name="inquiry",
            name="register",
            field=models.CharField(blank=True, db_default="", default="", max_length=20),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="inquiry",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."agency" IS DISTINCT FROM (NEW."agency") OR OLD."asked_at" IS DISTINCT FROM (NEW."asked_at") OR OLD."consumer_id" IS DISTINCT FROM (NEW."consumer_id") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."provider" IS DISTINCT FROM (NEW."provider") OR OLD."purpose" IS DISTINCT FROM (NEW."purpose") OR OLD."register" IS DISTINCT FROM (NEW."register"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="f0564151978104491f48e9df989754920c08cd19",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_6548b",
                    table="credit_inquiry",
                    when="BEFORE",
                ),
            ),
        ),
    ]
