import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Notices of the law that no message brought, to be printed and posted."""

    dependencies = [
        ("accounts", "0033_fee_status_checked"),
        ("collection", "0009_complaints"),
        ("notifications", "0013_notices_kept"),
    ]

    operations = [
        migrations.CreateModel(
            name="PaperLetter",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("why", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField()),
                ("batch", models.UUIDField(null=True)),
                ("printed_by", models.CharField(blank=True, max_length=80)),
                ("printed_at", models.DateTimeField(null=True)),
                ("posted_by", models.CharField(blank=True, max_length=80)),
                ("posted_at", models.DateTimeField(null=True)),
                ("left", models.CharField(blank=True, max_length=200)),
                ("left_by", models.CharField(blank=True, max_length=80)),
                ("left_at", models.DateTimeField(null=True)),
                (
                    "consumer",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="paper_letters", to="accounts.consumer"
                    ),
                ),
                (
                    "late_notice",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="paper_letter", to="collection.latenotice"
                    ),
                ),
            ],
            options={
                "verbose_name": "letter on paper",
                "verbose_name_plural": "letters on paper",
                "permissions": [("post_letter", "Can print and post letters on paper")],
                "indexes": [
                    models.Index(condition=models.Q(("left_at", None), ("posted_at", None)), fields=["id"], name="paper_letter_waits"),
                    models.Index(condition=models.Q(("batch__isnull", False)), fields=["batch"], name="paper_letter_of_batch"),
                    models.Index(fields=["consumer", "-id"], name="paper_letter_of_person"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("posted_at", None),
                            models.Q(("batch__isnull", False), ("left_at", None), ("printed_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="paper_letter_printed_first",
                    )
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="paperletter",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="5fe87be4fa032dfffecd0e30c7d2d2c965a5309d",
                    operation="DELETE",
                    pgid="pgtrigger_kept_6ec85",
                    table="notifications_paperletter",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="paperletter",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."consumer_id" IS DISTINCT FROM (NEW."consumer_id") OR OLD."late_notice_id" IS DISTINCT FROM (NEW."late_notice_id") OR OLD."why" IS DISTINCT FROM (NEW."why"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="9e559f4a480c1759fb091ecedd30c81de2de3048",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_d968a",
                    table="notifications_paperletter",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="paperletter",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="0ed622114901a7a4529ac0b16086e9cce6f1a77a",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_a7edd",
                    table="notifications_paperletter",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="paperletter",
            trigger=pgtrigger.compiler.Trigger(
                name="posted_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.posted_at IS NOT NULL) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="a00705dee6453893163a85f5459d521aa9ec5e46",
                    operation="UPDATE",
                    pgid="pgtrigger_posted_stays_a73bb",
                    table="notifications_paperletter",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="paperletter",
            trigger=pgtrigger.compiler.Trigger(
                name="left_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.left_at IS NOT NULL) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="6758acc6fa379fbaad70c572005915b0b00e1304",
                    operation="UPDATE",
                    pgid="pgtrigger_left_stays_943f7",
                    table="notifications_paperletter",
                    when="BEFORE",
                ),
            ),
        ),
    ]
