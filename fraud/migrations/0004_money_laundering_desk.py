import core.crypto
import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """What was reported of an alert, and looks at the money laundering desk."""

    dependencies = [
        ("fraud", "0003_the_network"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="launderingalert",
            name="report",
            field=core.crypto.EncryptedJSONField(blank=True, db_default="", default=dict),
        ),
        migrations.CreateModel(
            name="LaunderingLook",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("alert_id", models.UUIDField(null=True)),
                ("at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("alert_id__isnull", False)), fields=["alert_id", "-id"], name="laundering_look_at_alert"
                    )
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="launderinglook",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="47aa9f3b4e4b25c09ae41648587301b962f35952",
                    operation="DELETE",
                    pgid="pgtrigger_kept_ccf1c",
                    table="fraud_launderinglook",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="launderinglook",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="f8c4d79b46b9e6e5a99f180201c9bbad48a21a4c",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_c1672",
                    table="fraud_launderinglook",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="launderinglook",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="ef9ccdd64b47fae4d83650a76a509fcaa06d7bbd",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_5a331",
                    table="fraud_launderinglook",
                    when="BEFORE",
                ),
            ),
        ),
    ]
