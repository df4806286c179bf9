import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("learning", "0001_models_of_risk"),
    ]

    operations = [
        migrations.CreateModel(
            name="WatchedDay",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("scorecard", "Scorecard"), ("boosted", "Boosted")], max_length=10)),
                ("day", models.DateField()),
                ("recent", models.JSONField(default=dict)),
                ("ended", models.JSONField(default=dict)),
                ("alarms", models.JSONField(default=list)),
                ("is_open", models.BooleanField(default=False)),
                ("seen_by", models.CharField(blank=True, max_length=80)),
                ("seen_at", models.DateTimeField(null=True)),
                ("at", models.DateTimeField()),
                (
                    "version",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="watched", to="learning.modelversion"),
                ),
            ],
            options={
                "indexes": [models.Index(condition=models.Q(("is_open", True)), fields=["at"], name="model_alarm_open")],
                "constraints": [models.UniqueConstraint(fields=("version", "kind", "day"), name="model_watched_once_a_day")],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="watchedday",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="8486ac881dbc3e0f4ab9ca323b38d60ea30e59a8",
                    operation="DELETE",
                    pgid="pgtrigger_kept_226a9",
                    table="learning_watchedday",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="watchedday",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."alarms" IS DISTINCT FROM (NEW."alarms") OR OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."day" IS DISTINCT FROM (NEW."day") OR OLD."ended" IS DISTINCT FROM (NEW."ended") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."recent" IS DISTINCT FROM (NEW."recent") OR OLD."version_id" IS DISTINCT FROM (NEW."version_id"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="90aae5fb54a761092f24c0b8b08f43e9fdf7e6ba",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_2e464",
                    table="learning_watchedday",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="watchedday",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="bfc2684cea8a22bf514da247606ff39e43fceeaf",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_f0b38",
                    table="learning_watchedday",
                    when="BEFORE",
                ),
            ),
        ),
    ]
