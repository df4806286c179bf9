"""Channels that people stop, and the contacts that were made; who asked not to be called before stays uncalled."""

import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


STOPPED = """
    INSERT INTO collection_contactstop (id, consumer_id, channel, stopped_by, stopped_at, ended_by)
    SELECT DISTINCT ON (c.consumer_id) c.id, c.consumer_id, 'call', c.begun_by, c.ended_at, ''
    FROM collection_call c WHERE c.outcome = 'asked_not' ORDER BY c.consumer_id, c.id"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0031_forget_screenings"),
        ("collection", "0005_tasks"),
    ]

    operations = [
        migrations.CreateModel(
            name="ContactStop",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("channel", models.CharField(choices=[("call", "Calls"), ("sms", "SMS"), ("email", "E-mail")], max_length=5)),
                ("stopped_by", models.CharField(max_length=80)),
                ("stopped_at", models.DateTimeField()),
                ("ended_by", models.CharField(blank=True, max_length=80)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "consumer",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="contact_stops", to="accounts.consumer"
                    ),
                ),
            ],
            options={
                "verbose_name": "stopped channel",
                "verbose_name_plural": "stopped channels",
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("channel", models.CharField(choices=[("call", "Calls"), ("sms", "SMS"), ("email", "E-mail")], max_length=5)),
                ("reference", models.CharField(max_length=40)),
                ("day", models.DateField()),
                ("at", models.DateTimeField()),
                (
                    "consumer",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="contacts", to="accounts.consumer"
                    ),
                ),
            ],
            options={
                "verbose_name": "contact",
                "verbose_name_plural": "contacts",
                "indexes": [models.Index(fields=["consumer", "-day"], name="contact_of_consumer")],
                "constraints": [models.UniqueConstraint(fields=("reference",), name="contact_once")],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contact",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="04e15448166283900f8ea6ab38c99bbddb12dba5",
                    operation="DELETE",
                    pgid="pgtrigger_kept_0e0bd",
                    table="collection_contact",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contact",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="b0e56045cc32e180033d74419577f7263f837ef9",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_15a3f",
                    table="collection_contact",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contact",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="812412831d7d210ec3dc358401ff781a0eb4be02",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_1c6d7",
                    table="collection_contact",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="contactstop",
            index=models.Index(fields=["consumer", "-id"], name="contact_stop_of_consumer"),
        ),
        migrations.AddConstraint(
            model_name="contactstop",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("consumer", "channel"), name="contact_stop_one_now"
            ),
        ),
        migrations.AddConstraint(
            model_name="contactstop",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel__in", ["call", "sms", "email"])), name="contact_stop_channel_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="contactstop",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("ended_by", "")),
                    models.Q(("ended_at__isnull", False), models.Q(("ended_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="contact_stop_ended_by_somebody",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contactstop",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="bec724c3799a2b308d82891d731354946c2b15cd",
                    operation="DELETE",
                    pgid="pgtrigger_kept_bc838",
                    table="collection_contactstop",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contactstop",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."channel" IS DISTINCT FROM (NEW."channel") OR OLD."consumer_id" IS DISTINCT FROM (NEW."consumer_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."stopped_at" IS DISTINCT FROM (NEW."stopped_at") OR OLD."stopped_by" IS DISTINCT FROM (NEW."stopped_by"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="125a357f885970dd0131652246b2fd1854d86aad",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_3f6db",
                    table="collection_contactstop",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contactstop",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="f6d322301019dec163b02af1c5b60a1893184f8f",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_2c33e",
                    table="collection_contactstop",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="contactstop",
            trigger=pgtrigger.compiler.Trigger(
                name="ended_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.ended_at IS NOT NULL) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="2dbdae32d5eed42d0904b6470ea386314d4fab1c",
                    operation="UPDATE",
                    pgid="pgtrigger_ended_stays_b1ebf",
                    table="collection_contactstop",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(STOPPED, migrations.RunSQL.noop),
    ]
