import core.crypto
import core.ids
import django.db.models.deletion
import django_fsm
import learning.states
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Trainings of the laboratory, and the parts of their tables."""

    dependencies = [
        ("learning", "0003_suggestions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Training",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("family", models.CharField(choices=[("credit", "Credit"), ("fraud", "Fraud")], max_length=10)),
                ("source", models.CharField(choices=[("file", "File"), ("own", "Own")], max_length=10)),
                ("name", models.CharField(blank=True, max_length=60)),
                ("status", django_fsm.FSMField(default="draft", max_length=50, protected=True)),
                ("file", models.CharField(blank=True, max_length=100)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("size", models.BigIntegerField(default=0)),
                ("columns", core.crypto.EncryptedJSONField(blank=True, kind=list)),
                ("target", models.CharField(blank=True, max_length=200)),
                ("positive", core.crypto.EncryptedTextField(blank=True)),
                ("ways", models.JSONField(default=dict)),
                ("fault", core.crypto.EncryptedJSONField(blank=True)),
                ("step", models.CharField(blank=True, max_length=12)),
                ("percent", models.PositiveSmallIntegerField(default=0)),
                ("number", models.PositiveSmallIntegerField(default=0)),
                ("rounds", models.PositiveSmallIntegerField(default=0)),
                ("claim", models.UUIDField(null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("begun_at", models.DateTimeField(null=True)),
                ("beat_at", models.DateTimeField(null=True)),
                ("found", models.JSONField(default=dict)),
                ("made_by", models.CharField(max_length=80)),
                ("made_at", models.DateTimeField()),
                ("asked_by", models.CharField(blank=True, max_length=80)),
                ("asked_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(blank=True, max_length=80)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "version",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="training", to="learning.modelversion"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TablePart",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("content", core.crypto.EncryptedTextField()),
                ("added_at", models.DateTimeField()),
                ("training", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="learning.training")),
            ],
        ),
        migrations.AddIndex(
            model_name="training",
            index=models.Index(
                condition=models.Q(("status__in", [learning.states.TrainingStatus["WAITING"], learning.states.TrainingStatus["RUNNING"]])),
                fields=["asked_at"],
                name="training_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="training",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "waiting", "running", "trained", "failed", "canceled"])),
                name="training_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="training",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", learning.states.TrainingStatus["RUNNING"])), fields=("status",), name="training_one_runs"
            ),
        ),
        migrations.AddConstraint(
            model_name="training",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", learning.states.TrainingStatus["TRAINED"]), ("version__isnull", False)),
                    models.Q(models.Q(("status", learning.states.TrainingStatus["TRAINED"]), _negated=True), ("version__isnull", True)),
                    _connector="OR",
                ),
                name="training_ends_in_a_version",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="training",
            trigger=pgtrigger.compiler.Trigger(
                name="status_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('draft', 'canceled'), ('draft', 'waiting'), ('failed', 'canceled'), ('failed', 'waiting'), ('running', 'canceled'), ('running', 'draft'), ('running', 'failed'), ('running', 'trained'), ('running', 'waiting'), ('waiting', 'canceled'), ('waiting', 'failed'), ('waiting', 'running')))",
                    func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                    hash="320b06cc14a723184f9e24425168aafe2fd5e9aa",
                    operation='UPDATE OF "status"',
                    pgid="pgtrigger_status_moves_cbaf9",
                    table="learning_training",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="training",
            trigger=pgtrigger.compiler.Trigger(
                name="status_begins",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.\"status\" NOT IN ('draft'))",
                    func="RAISE EXCEPTION 'no row of % begins as %', TG_TABLE_NAME, NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                    hash="42319384766073d55cd7c3bbce3b8870435805e2",
                    operation="INSERT",
                    pgid="pgtrigger_status_begins_ca760",
                    table="learning_training",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="training",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="c859cffaed58ed5a21ba967e3a303c1145de9306",
                    operation="DELETE",
                    pgid="pgtrigger_kept_4531c",
                    table="learning_training",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="training",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."family" IS DISTINCT FROM (NEW."family") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at") OR OLD."made_by" IS DISTINCT FROM (NEW."made_by") OR OLD."source" IS DISTINCT FROM (NEW."source"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="26a26158550fc1ef4a751c723db2532ac93939dd",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_588e1",
                    table="learning_training",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="training",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="67af7104c2f3909dcfaea5292cf2df09623bae1e",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_a2276",
                    table="learning_training",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="tablepart",
            index=models.Index(fields=["added_at"], name="table_part_by_age"),
        ),
        migrations.AddConstraint(
            model_name="tablepart",
            constraint=models.UniqueConstraint(fields=("training", "number"), name="table_part_once"),
        ),
    ]
