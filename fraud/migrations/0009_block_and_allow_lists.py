import core.crypto
import core.ids
import core.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0027_looked_at_fraud"),
        ("fraud", "0008_cases_of_the_desk"),
    ]

    operations = [
        migrations.CreateModel(
            name="ListEntry",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("listed", models.CharField(choices=[("block", "block"), ("allow", "allow")], max_length=5)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("person", "person"),
                            ("device", "device"),
                            ("card", "card"),
                            ("address", "address"),
                            ("email", "email"),
                            ("domain", "domain"),
                            ("phone", "phone"),
                            ("range", "range"),
                        ],
                        max_length=7,
                    ),
                ),
                ("key", models.CharField(max_length=32)),
                ("net", core.ranges.RangeField(null=True)),
                ("shown", models.CharField(blank=True, max_length=260)),
                ("reason", core.crypto.EncryptedTextField(blank=True, person="consumer_id")),
                ("added_by", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
                ("until", models.DateField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(blank=True, default="", max_length=80)),
                ("end_reason", core.crypto.EncryptedTextField(blank=True, person="consumer_id")),
                (
                    "consumer",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.consumer"),
                ),
            ],
            options={
                "verbose_name": "entry of a list",
                "verbose_name_plural": "block and allow lists",
                "indexes": [
                    django.contrib.postgres.indexes.GistIndex(
                        condition=models.Q(("ended_at", None), ("net__isnull", False)),
                        fields=["net"],
                        name="list_entry_range",
                        opclasses=["inet_ops"],
                    ),
                    models.Index(fields=["listed", "-id"], name="list_entry_list"),
                    models.Index(fields=["key"], name="list_entry_value"),
                    models.Index(fields=["shown"], name="list_entry_shown"),
                    models.Index(fields=["kind", "-id"], name="list_entry_kind"),
                    models.Index(condition=models.Q(("ended_at", None)), fields=["-id"], name="list_entry_open"),
                ],
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("ended_at", None)), fields=("key", "listed"), name="list_entry_once"),
                    models.CheckConstraint(condition=models.Q(("listed__in", ["block", "allow"])), name="list_entry_list_known"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["person", "device", "card", "address", "email", "domain", "phone", "range"])),
                        name="list_entry_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("net", None), ("kind", "range"), _connector="XOR"), name="list_entry_range_whole"
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="listentry",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="3ab3132b6c039790a8db00ccc397b1512d6df576",
                    operation="DELETE",
                    pgid="pgtrigger_kept_0334f",
                    table="fraud_listentry",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="listentry",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."added_by" IS DISTINCT FROM (NEW."added_by") OR OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."key" IS DISTINCT FROM (NEW."key") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."listed" IS DISTINCT FROM (NEW."listed") OR OLD."net" IS DISTINCT FROM (NEW."net") OR OLD."until" IS DISTINCT FROM (NEW."until"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="aab9e0e54e0a67a93d4af08a848febed76dc28c5",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_203c5",
                    table="fraud_listentry",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="listentry",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="a34892f7e4d0c3b9f007ad941e5ae44e459226b4",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_2fef9",
                    table="fraud_listentry",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="listentry",
            trigger=pgtrigger.compiler.Trigger(
                name="ended_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN ((OLD.ended_at IS NOT NULL) AND ((OLD."ended_at" IS DISTINCT FROM (NEW."ended_at") OR OLD."ended_by" IS DISTINCT FROM (NEW."ended_by"))))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="9b0777986b92436c077b9b355f9853e8a788e5f0",
                    operation="UPDATE",
                    pgid="pgtrigger_ended_once_86101",
                    table="fraud_listentry",
                    when="BEFORE",
                ),
            ),
        ),
    ]
