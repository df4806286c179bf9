import core.crypto
import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """What people declare of their income and costs."""

    dependencies = [
        ("accounts", "0029_reasons_of_changed_rights"),
        ("credit", "0014_daily_reviews"),
    ]

    operations = [
        migrations.CreateModel(
            name="Declaration",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("currency", models.CharField(max_length=3)),
                ("figures", core.crypto.EncryptedJSONField(person="consumer_id")),
                ("reference", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                (
                    "consumer",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="declarations", to="accounts.consumer"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["consumer", "currency", "-at"], name="declaration_newest")],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="declaration",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="d920cd59802f7bad50e18168d85e3f59536a8e32",
                    operation="DELETE",
                    pgid="pgtrigger_kept_c440d",
                    table="credit_declaration",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="declaration",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="57c62d02cc27fd0c814e12e8312f33f0c5ec91a8",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_03a18",
                    table="credit_declaration",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="declaration",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="473b4977748161bd721e00365dda947ed506925f",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_7c9ec",
                    table="credit_declaration",
                    when="BEFORE",
                ),
            ),
        ),
    ]
