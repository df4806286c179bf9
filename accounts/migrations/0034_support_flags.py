import core.crypto
import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """What people tell of their situation, kept encrypted with their consent."""

    dependencies = [
        ("accounts", "0033_fee_status_checked"),
    ]

    operations = [
        migrations.CreateModel(
            name="SupportFlag",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("told", core.crypto.EncryptedJSONField(person="consumer_id")),
                ("recorded_by", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
                ("review_on", models.DateField()),
                (
                    "consumer",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="support_flags", to="accounts.consumer"),
                ),
            ],
            options={
                "verbose_name": "support flag",
                "verbose_name_plural": "support flags",
                "permissions": [("note_support", "Can see and note what people need for their situation")],
                "indexes": [models.Index(fields=["review_on"], name="support_flag_age")],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="supportflag",
            trigger=pgtrigger.compiler.Trigger(
                name="told_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((true) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="c9029ee935e63359c672e06836a820fb91cb84cf",
                    operation="UPDATE",
                    pgid="pgtrigger_told_stays_7d219",
                    table="accounts_supportflag",
                    when="BEFORE",
                ),
            ),
        ),
    ]
