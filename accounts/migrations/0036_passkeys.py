import core.crypto
import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Passkeys of consumers and users, and what each answered."""

    dependencies = [
        ("accounts", "0035_behavior"),
    ]

    operations = [
        migrations.CreateModel(
            name="Passkey",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("credential_hash", models.CharField(max_length=64, unique=True)),
                ("credential", core.crypto.EncryptedTextField(person="consumer_id")),
                ("public_key", core.crypto.EncryptedTextField(person="consumer_id")),
                ("sign_count", models.BigIntegerField()),
                ("host", models.CharField(max_length=253)),
                ("device", models.CharField(blank=True, max_length=60)),
                ("made_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(blank=True, db_default="", default="", max_length=80)),
                (
                    "consumer",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="passkeys",
                        to="accounts.consumer",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="passkeys",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PasskeyUse",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("challenge_hash", models.CharField(max_length=64, unique=True)),
                ("at", models.DateTimeField()),
                ("passkey", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="uses", to="accounts.passkey")),
            ],
        ),
        migrations.AddIndex(
            model_name="passkey",
            index=models.Index(condition=models.Q(("consumer__isnull", False)), fields=["consumer", "id"], name="passkey_of_consumer"),
        ),
        migrations.AddIndex(
            model_name="passkey",
            index=models.Index(condition=models.Q(("user__isnull", False)), fields=["user", "id"], name="passkey_of_user"),
        ),
        migrations.AddConstraint(
            model_name="passkey",
            constraint=models.CheckConstraint(
                condition=models.Q(("consumer__isnull", False), ("user__isnull", False), _connector="XOR"), name="passkey_of_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="passkey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("ended_by", "")),
                    models.Q(("ended_at__isnull", False), models.Q(("ended_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="passkey_ended",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="passkey",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="5228f9b714abd9d7ec23c0bdf3d41e3cd887aa9f",
                    operation="DELETE",
                    pgid="pgtrigger_kept_dc6e8",
                    table="accounts_passkey",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="passkey",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."consumer_id" IS DISTINCT FROM (NEW."consumer_id") OR OLD."credential" IS DISTINCT FROM (NEW."credential") OR OLD."credential_hash" IS DISTINCT FROM (NEW."credential_hash") OR OLD."device" IS DISTINCT FROM (NEW."device") OR OLD."host" IS DISTINCT FROM (NEW."host") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at") OR OLD."public_key" IS DISTINCT FROM (NEW."public_key") OR OLD."user_id" IS DISTINCT FROM (NEW."user_id"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="c6b78d14dec3bc639fc169a158b7f85eeee78f8b",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_0a32c",
                    table="accounts_passkey",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="passkey",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="af0264fe1334e110502916b5cfd11c6cde9f2bc3",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_27c10",
                    table="accounts_passkey",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="passkey",
            trigger=pgtrigger.compiler.Trigger(
                name="removed_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.ended_at IS NOT NULL) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="e4f219f98e35bd1119dc70c39c7cb27fd2f67634",
                    operation="UPDATE",
                    pgid="pgtrigger_removed_stays_ababa",
                    table="accounts_passkey",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="passkeyuse",
            index=models.Index(fields=["at"], name="passkey_use_age"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="passkeyuse",
            trigger=pgtrigger.compiler.Trigger(
                name="said_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((true) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="d893ee98e35a0400ac4f39c63dcc350ffb1e68bb",
                    operation="UPDATE",
                    pgid="pgtrigger_said_stays_c49e9",
                    table="accounts_passkeyuse",
                    when="BEFORE",
                ),
            ),
        ),
    ]
