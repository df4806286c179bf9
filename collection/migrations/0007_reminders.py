"""Reminders of who is late, and the notices that the law demands of them."""

import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0033_fee_status_checked"),
        ("collection", "0006_contacts"),
        ("plans", "0044_sales_of_debts"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("since", models.DateField()),
                ("number", models.PositiveSmallIntegerField()),
                ("days", models.PositiveIntegerField()),
                ("tone", models.CharField(choices=[("friendly", "Friendly"), ("firm", "Firm"), ("last", "Last one")], max_length=10)),
                ("day", models.DateField()),
                ("at", models.DateTimeField()),
                (
                    "consumer",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="reminders", to="accounts.consumer"
                    ),
                ),
            ],
            options={
                "verbose_name": "reminder",
                "verbose_name_plural": "reminders",
            },
        ),
        migrations.CreateModel(
            name="LateNotice",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("arrears", "Notice of arrears"),
                            ("default", "Notice of default"),
                            ("hand_over", "Notice before a hand-over"),
                        ],
                        max_length=10,
                    ),
                ),
                ("since", models.DateField()),
                ("number", models.PositiveSmallIntegerField()),
                ("days", models.PositiveIntegerField()),
                ("law", models.CharField(max_length=200)),
                ("day", models.DateField()),
                ("at", models.DateTimeField()),
                ("told_at", models.DateTimeField(null=True)),
                (
                    "plan",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="late_notices", to="plans.plan"
                    ),
                ),
            ],
            options={
                "verbose_name": "notice to who is late",
                "verbose_name_plural": "notices to who is late",
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "kind", "since", "number"), name="late_notice_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["arrears", "default", "hand_over"])), name="late_notice_kind_known"
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="latenotice",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="d1c0e3d16ffe414fe8120d8724e9c8db3127d728",
                    operation="DELETE",
                    pgid="pgtrigger_kept_646b2",
                    table="collection_latenotice",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="latenotice",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."day" IS DISTINCT FROM (NEW."day") OR OLD."days" IS DISTINCT FROM (NEW."days") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."law" IS DISTINCT FROM (NEW."law") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."plan_id" IS DISTINCT FROM (NEW."plan_id") OR OLD."since" IS DISTINCT FROM (NEW."since"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="eee4a6ac3865b2d87fefa824b236103ae3859c8b",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_9622b",
                    table="collection_latenotice",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="latenotice",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="c08fb6f3004ab8317218c436c21a6b678c65fe08",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_46300",
                    table="collection_latenotice",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="latenotice",
            trigger=pgtrigger.compiler.Trigger(
                name="told_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.told_at IS NOT NULL) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="568012d70f1c73e25930c61a0cac93fb2ff004d0",
                    operation="UPDATE",
                    pgid="pgtrigger_told_stays_20511",
                    table="collection_latenotice",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="reminder",
            index=models.Index(fields=["consumer", "-id"], name="reminder_of_consumer"),
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.UniqueConstraint(fields=("consumer", "since", "number"), name="reminder_once"),
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.CheckConstraint(condition=models.Q(("tone__in", ["friendly", "firm", "last"])), name="reminder_tone_known"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reminder",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="eeff0d72574bce2211c8c92ddf61730f12d28a97",
                    operation="DELETE",
                    pgid="pgtrigger_kept_990b3",
                    table="collection_reminder",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reminder",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="3aaac3474a118c21d679753febdf1c7a952deda7",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_14dcb",
                    table="collection_reminder",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reminder",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="c8f89e6bdc857635249fcc4cb93e0372048e8e6f",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_2a79f",
                    table="collection_reminder",
                    when="BEFORE",
                ),
            ),
        ),
    ]
