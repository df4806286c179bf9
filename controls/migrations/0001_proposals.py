import core.ids
import django_fsm
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Assignment",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=20)),
                ("subject", models.CharField(max_length=80)),
                ("person", models.CharField(max_length=80)),
                ("given_by", models.CharField(max_length=80)),
                ("taken_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["person", "until"], name="assignment_of_person"),
                    models.Index(fields=["until"], name="assignment_until"),
                ],
                "constraints": [models.UniqueConstraint(fields=("kind", "subject"), name="assignment_one_a_task")],
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=40)),
                ("subject", models.CharField(max_length=80)),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField()),
                ("reason", models.CharField(max_length=500)),
                ("starts_on", models.DateField(null=True)),
                ("due_at", models.DateTimeField()),
                ("status", django_fsm.FSMField(default="proposed", max_length=50, protected=True)),
                ("proposed_by", models.CharField(max_length=80)),
                ("proposed_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("decided_by", models.CharField(blank=True, max_length=80)),
                ("decided_at", models.DateTimeField(null=True)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("ended_by", models.CharField(blank=True, max_length=80)),
                ("ended_at", models.DateTimeField(null=True)),
                ("trouble", models.CharField(blank=True, max_length=500)),
                ("outcome", models.CharField(blank=True, max_length=80)),
            ],
            options={
                "permissions": [
                    ("propose_shop", "Can propose changes of shops"),
                    ("approve_shop", "Can decide proposed changes of shops"),
                    ("propose_offer", "Can propose changes of products and markets"),
                    ("approve_offer", "Can decide proposed changes of products and markets"),
                ],
                "indexes": [
                    models.Index(fields=["kind", "subject", "-id"], name="proposal_of_subject"),
                    models.Index(condition=models.Q(("status", "proposed")), fields=["expires_at"], name="proposal_undecided"),
                    models.Index(condition=models.Q(("status", "approved")), fields=["due_at"], name="proposal_to_apply"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["proposed", "approved", "applied", "rejected", "withdrawn", "expired"])),
                        name="proposal_status_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["proposed", "approved"])), fields=("kind", "subject"), name="proposal_one_open"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["approved", "applied", "rejected"]), _negated=True),
                            models.Q(
                                models.Q(("decided_by", ""), _negated=True),
                                models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="proposal_by_two",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="proposal",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="3da09fa484dc1b75a6721d7f4b7036df13073959",
                    operation="DELETE",
                    pgid="pgtrigger_kept_cdb46",
                    table="controls_proposal",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="proposal",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."after" IS DISTINCT FROM (NEW."after") OR OLD."before" IS DISTINCT FROM (NEW."before") OR OLD."due_at" IS DISTINCT FROM (NEW."due_at") OR OLD."expires_at" IS DISTINCT FROM (NEW."expires_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."proposed_at" IS DISTINCT FROM (NEW."proposed_at") OR OLD."proposed_by" IS DISTINCT FROM (NEW."proposed_by") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."starts_on" IS DISTINCT FROM (NEW."starts_on") OR OLD."subject" IS DISTINCT FROM (NEW."subject"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="25032d75b8a5dd6b704e44803b03cb197a726c35",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_7de45",
                    table="controls_proposal",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="proposal",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="59abff64cbcccecafeeb41964e90424e725a98ee",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_3c084",
                    table="controls_proposal",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="proposal",
            trigger=pgtrigger.compiler.Trigger(
                name="status_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('approved', 'applied'), ('approved', 'withdrawn'), ('proposed', 'approved'), ('proposed', 'expired'), ('proposed', 'rejected'), ('proposed', 'withdrawn')))",
                    func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                    hash="f8787eb0bd6cf19dc6181b7c6d38d808688b43ef",
                    operation='UPDATE OF "status"',
                    pgid="pgtrigger_status_moves_513f7",
                    table="controls_proposal",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="proposal",
            trigger=pgtrigger.compiler.Trigger(
                name="status_begins",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.\"status\" NOT IN ('proposed'))",
                    func="RAISE EXCEPTION 'no row of % begins as %', TG_TABLE_NAME, NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                    hash="16372a5d77f43dbae76c2acd2f3afe1bfceade96",
                    operation="INSERT",
                    pgid="pgtrigger_status_begins_7224c",
                    table="controls_proposal",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="proposal",
            trigger=pgtrigger.compiler.Trigger(
                name="ended_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.status IN ('applied', 'rejected', 'withdrawn', 'expired')) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="d43fd445abf76c8853a6b360bdbf1a8e5ce73420",
                    operation="UPDATE",
                    pgid="pgtrigger_ended_stays_580f6",
                    table="controls_proposal",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="proposal",
            trigger=pgtrigger.compiler.Trigger(
                name="decided_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN ((OLD.status = \'approved\') AND ((OLD."decided_at" IS DISTINCT FROM (NEW."decided_at") OR OLD."decided_by" IS DISTINCT FROM (NEW."decided_by") OR OLD."note" IS DISTINCT FROM (NEW."note"))))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="10ea37129be3a3e4a712fef3cc332a509ebd33ac",
                    operation="UPDATE",
                    pgid="pgtrigger_decided_stays_3ae79",
                    table="controls_proposal",
                    when="BEFORE",
                ),
            ),
        ),
    ]
