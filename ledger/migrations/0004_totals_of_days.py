import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """What each kind of account moved on each day, so that a trial balance need not read all lines."""

    dependencies = [
        ("ledger", "0003_entries_posted_whole"),
    ]

    operations = [
        migrations.CreateModel(
            name="DayFold",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("through_xid", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="DayTotal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("kind", models.CharField(max_length=40)),
                ("currency", models.CharField(max_length=3)),
                ("debit_minor", models.BigIntegerField()),
                ("credit_minor", models.BigIntegerField()),
            ],
        ),
        migrations.AddConstraint(
            model_name="dayfold",
            constraint=models.CheckConstraint(condition=models.Q(("id", 1)), name="ledger_day_fold_one"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dayfold",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="7d2e1e3eaf9ce58412e8825f0ef976fa6b0b9862",
                    operation="DELETE",
                    pgid="pgtrigger_kept_dd15e",
                    table="ledger_dayfold",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dayfold",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="adc22be4cc42ba68be557cc95c981124c732bf74",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_d0a03",
                    table="ledger_dayfold",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="dayfold",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="ec9e63ca7ebc1cc98f5a399f329321a72968f166",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_f80fe",
                    table="ledger_dayfold",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="daytotal",
            constraint=models.UniqueConstraint(fields=("day", "kind", "currency"), name="ledger_day_total_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="daytotal",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="6c840dc23da27008259ed6549b1e9785aaf789fb",
                    operation="DELETE",
                    pgid="pgtrigger_kept_237ad",
                    table="ledger_daytotal",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="daytotal",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."day" IS DISTINCT FROM (NEW."day") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kind" IS DISTINCT FROM (NEW."kind"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="6ca4b0b70e8fb76f72cc489e979ea86b5907432f",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_df6d4",
                    table="ledger_daytotal",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="daytotal",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="5ff368c1422251656e0abacc577def85067e8d8b",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_56051",
                    table="ledger_daytotal",
                    when="BEFORE",
                ),
            ),
        ),
    ]
