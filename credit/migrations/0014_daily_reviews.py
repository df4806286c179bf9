import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Store the daily reviews of limits that moved them, and how far the review has come."""

    dependencies = [
        ("credit", "0013_asked_one_by_one"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReviewPass",
            fields=[
                ("id", models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("after", models.UUIDField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="review_pass_one")],
            },
        ),
        migrations.CreateModel(
            name="LimitReview",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("before_minor", models.BigIntegerField()),
                ("limit_minor", models.BigIntegerField()),
                ("order_limit_minor", models.BigIntegerField()),
                ("score", models.IntegerField()),
                ("why", models.CharField(max_length=60)),
                ("reasons", models.JSONField(default=list)),
                ("look", models.JSONField()),
                ("version", models.CharField(max_length=20)),
                ("at", models.DateTimeField()),
                ("decision", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to="credit.decision")),
                ("line", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to="credit.creditline")),
            ],
            options={
                "indexes": [models.Index(fields=["line", "-id"], name="limit_review_newest")],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="limitreview",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="243f4bb846aff68b5cf3c66316471b7c1680e7b1",
                    operation="DELETE",
                    pgid="pgtrigger_kept_b3e5b",
                    table="credit_limitreview",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="limitreview",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="dac371c043456343f5bb6484c8b05e826f8c6a48",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_7d938",
                    table="credit_limitreview",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="limitreview",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="6f80deae042a65e8c65ff60cc0d400d57eda76f6",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_b711e",
                    table="credit_limitreview",
                    when="BEFORE",
                ),
            ),
        ),
    ]
