import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Trainings that the machine begins by itself, and what people make of them."""

    dependencies = [
        ("learning", "0002_watched_days"),
    ]

    operations = [
        migrations.CreateModel(
            name="Suggestion",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("family", models.CharField(choices=[("credit", "Credit"), ("fraud", "Fraud")], max_length=10)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("begun", "Begun"),
                            ("few", "Few"),
                            ("no_better", "No Better"),
                            ("suggested", "Suggested"),
                            ("failed", "Failed"),
                        ],
                        default="begun",
                        max_length=10,
                    ),
                ),
                ("kind", models.CharField(blank=True, choices=[("scorecard", "Scorecard"), ("boosted", "Boosted")], max_length=10)),
                ("found", models.JSONField(default=dict)),
                ("is_open", models.BooleanField(default=False)),
                ("closed_by", models.CharField(blank=True, max_length=80)),
                ("at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "version",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="suggestions", to="learning.modelversion"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["family", "-at"], name="suggestion_newest")],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="suggestion",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="5fda08e76390e1b653361fe8560744df7bb4c569",
                    operation="DELETE",
                    pgid="pgtrigger_kept_ddae4",
                    table="learning_suggestion",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="suggestion",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."family" IS DISTINCT FROM (NEW."family") OR OLD."id" IS DISTINCT FROM (NEW."id"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="baa06a2f0bcb640aa87ce90896c911b044314b93",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_f08d2",
                    table="learning_suggestion",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="suggestion",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="f58291c35341cf5d14c37f38b6b2e8447032893f",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_91a8a",
                    table="learning_suggestion",
                    when="BEFORE",
                ),
            ),
        ),
    ]
