import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Versions of models of risk, and which plays which role."""

    initial = True

    dependencies = [("core", "0011_personal_keys")]

    operations = [
        migrations.CreateModel(
            name="RoleChange",
            fields=[
                ("number", models.BigIntegerField(db_default=0, editable=False)),
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("family", models.CharField(choices=[("credit", "Credit"), ("fraud", "Fraud")], max_length=10)),
                (
                    "role",
                    models.CharField(choices=[("champion", "Champion"), ("challenger", "Challenger"), ("shadow", "Shadow")], max_length=10),
                ),
                ("kind", models.CharField(blank=True, choices=[("scorecard", "Scorecard"), ("boosted", "Boosted")], max_length=10)),
                ("share", models.IntegerField(default=100)),
                ("reason", models.CharField(max_length=500)),
                ("proposed_by", models.CharField(max_length=80)),
                ("approved_by", models.CharField(blank=True, max_length=80)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="ModelVersion",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("family", models.CharField(choices=[("credit", "Credit"), ("fraud", "Fraud")], max_length=10)),
                ("name", models.CharField(max_length=60)),
                ("version", models.IntegerField()),
                ("stored", models.BinaryField()),
                ("stored_digest", models.CharField(max_length=64)),
                ("flat", models.BinaryField()),
                ("flat_digest", models.CharField(max_length=64)),
                ("lineage", models.JSONField()),
                ("card", models.JSONField()),
                ("code", models.CharField(max_length=60)),
                ("usable", models.BooleanField(default=True)),
                ("made_by", models.CharField(max_length=80)),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("family", "name", "version"), name="model_version_once")],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="modelversion",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="262689fad7a544c33207d316e04e6a49cec06c7c",
                    operation="DELETE",
                    pgid="pgtrigger_kept_52d06",
                    table="learning_modelversion",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="modelversion",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="11e4780184f9206f2aa12ab60b7a018eba5d3c59",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_7a379",
                    table="learning_modelversion",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="modelversion",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="99f98ffdf3bef909eedd0e267cf4287ebf9354b7",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_85c20",
                    table="learning_modelversion",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="rolechange",
            name="version",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="roles", to="learning.modelversion"
            ),
        ),
        migrations.AddIndex(
            model_name="rolechange",
            index=models.Index(fields=["family", "role", "-number", "-id"], name="role_newest"),
        ),
        migrations.AddConstraint(
            model_name="rolechange",
            constraint=models.CheckConstraint(condition=models.Q(("share__gte", 0), ("share__lte", 100)), name="role_share_in_percent"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rolechange",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="d116a1c6c2b338c5b3dcad7873f84f550cf50873",
                    operation="DELETE",
                    pgid="pgtrigger_kept_a173f",
                    table="learning_rolechange",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rolechange",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="aa9b13a7c3e328ba0263e9f190081e625e50bdb4",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_580aa",
                    table="learning_rolechange",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rolechange",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="27b0f2493da744d5e68d15a2f734335c0c38c542",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_f2f07",
                    table="learning_rolechange",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rolechange",
            trigger=pgtrigger.compiler.Trigger(
                name="numbered",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="NEW.number := nextval('public.evidence_number'); RETURN NEW;",
                    hash="86a593a334ea13b6dc33f34a1b99403fd505904c",
                    operation="INSERT",
                    pgid="pgtrigger_numbered_fd500",
                    table="learning_rolechange",
                    when="BEFORE",
                ),
            ),
        ),
    ]
