import core.crypto
import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Files show that a proposal is right: it names them, and their content is kept encrypted."""

    dependencies = [
        ("controls", "0020_lists_by_two"),
    ]

    operations = [
        migrations.CreateModel(
            name="EvidenceFile",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("sha256", models.CharField(max_length=64)),
                ("content", core.crypto.EncryptedTextField()),
                ("added_at", models.DateTimeField()),
            ],
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="proposal",
            name="unchanged",
        ),
        migrations.AddField(
            model_name="proposal",
            name="files",
            field=models.JSONField(blank=True, db_default=models.Value([], output_field=models.JSONField()), default=list),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="proposal",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."after" IS DISTINCT FROM (NEW."after") OR OLD."before" IS DISTINCT FROM (NEW."before") OR OLD."due_at" IS DISTINCT FROM (NEW."due_at") OR OLD."evidence" IS DISTINCT FROM (NEW."evidence") OR OLD."expires_at" IS DISTINCT FROM (NEW."expires_at") OR OLD."files" IS DISTINCT FROM (NEW."files") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."needs" IS DISTINCT FROM (NEW."needs") OR OLD."proposed_at" IS DISTINCT FROM (NEW."proposed_at") OR OLD."proposed_by" IS DISTINCT FROM (NEW."proposed_by") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."replaces_id" IS DISTINCT FROM (NEW."replaces_id") OR OLD."starts_on" IS DISTINCT FROM (NEW."starts_on") OR OLD."subject" IS DISTINCT FROM (NEW."subject"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="360b17b4753f7ae3b1a20246e8445d7aedf173d6",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_7de45",
                    table="controls_proposal",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="evidencefile",
            name="proposal",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="contents", to="controls.proposal"
            ),
        ),
        migrations.AddIndex(
            model_name="evidencefile",
            index=models.Index(fields=["added_at"], name="evidence_file_by_age"),
        ),
        migrations.AddConstraint(
            model_name="evidencefile",
            constraint=models.UniqueConstraint(fields=("proposal", "sha256"), name="evidence_file_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="evidencefile",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN ((TRUE) AND ((OLD."added_at" IS DISTINCT FROM (NEW."added_at") OR OLD."proposal_id" IS DISTINCT FROM (NEW."proposal_id") OR OLD."sha256" IS DISTINCT FROM (NEW."sha256"))))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="55d7c5e1be8afd2099a0db4e6f61ae0065c2b1ed",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_27cac",
                    table="controls_evidencefile",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="evidencefile",
            trigger=pgtrigger.compiler.Trigger(
                name="named_by_proposal",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF NOT EXISTS (\n        SELECT 1 FROM controls_proposal p WHERE p.id = NEW.proposal_id AND p.status = 'proposed'\n        AND p.files @> jsonb_build_array(jsonb_build_object('sha256', NEW.sha256))\n    ) THEN\n        RAISE EXCEPTION 'no proposal that is open names file %', NEW.id USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;",
                    hash="aab9a54e550cd6ee9cb985be2f733f602f86491c",
                    operation="INSERT",
                    pgid="pgtrigger_named_by_proposal_bcc1e",
                    table="controls_evidencefile",
                    when="BEFORE",
                ),
            ),
        ),
    ]
