import core.crypto
import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """The browsers in which consumers sign in, and which sessions count no more."""

    dependencies = [
        ("accounts", "0037_published_lists"),
    ]

    operations = [
        migrations.AddField(
            model_name="consumer",
            name="signed_out",
            field=models.JSONField(blank=True, db_default=models.Value({}, output_field=models.JSONField()), default=dict),
        ),
        migrations.CreateModel(
            name="Device",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("token_hash", models.CharField(max_length=64)),
                ("name", models.CharField(blank=True, max_length=60)),
                ("address", core.crypto.EncryptedTextField(blank=True, person="consumer_id")),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "consumer",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="devices", to="accounts.consumer"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["consumer", "-last_at"], name="device_of_consumer")],
                "constraints": [models.UniqueConstraint(fields=("consumer", "token_hash"), name="device_once")],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="device",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="5c79c21c0e4b4b106c79d7f59c0d74d66136b7b9",
                    operation="DELETE",
                    pgid="pgtrigger_kept_2f442",
                    table="accounts_device",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="device",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."consumer_id" IS DISTINCT FROM (NEW."consumer_id") OR OLD."first_at" IS DISTINCT FROM (NEW."first_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."token_hash" IS DISTINCT FROM (NEW."token_hash"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="0d2c980cf8623f0a152c23bb1e29f6cdec80d5ea",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_ad64d",
                    table="accounts_device",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="device",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="54bcc706b5adc4ec5d4fc8135527d1a57161fc1f",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_b244a",
                    table="accounts_device",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="device",
            trigger=pgtrigger.compiler.Trigger(
                name="signed_out_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.ended_at IS NOT NULL) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="088b046c3d61bd020f385490ef5d0da4fb00feab",
                    operation="UPDATE",
                    pgid="pgtrigger_signed_out_stays_7ddfa",
                    table="accounts_device",
                    when="BEFORE",
                ),
            ),
        ),
    ]
