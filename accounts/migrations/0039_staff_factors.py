import core.crypto
import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Apps with codes of users, and their recovery codes."""

    dependencies = [
        ("accounts", "0038_devices"),
    ]

    operations = [
        migrations.CreateModel(
            name="Authenticator",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("secret", core.crypto.EncryptedTextField()),
                ("made_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("last_step", models.BigIntegerField(default=0)),
                ("failed", models.PositiveSmallIntegerField(default=0)),
                ("failed_from", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="authenticators",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("code_hash", models.CharField(max_length=64, unique=True)),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "authenticator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="recovery_codes", to="accounts.authenticator"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="authenticator",
            constraint=models.UniqueConstraint(condition=models.Q(("ended_at", None)), fields=("user",), name="authenticator_one"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="authenticator",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="cf2069c6d8190bb2e50cffa335472af104460d3a",
                    operation="DELETE",
                    pgid="pgtrigger_kept_dd8d5",
                    table="accounts_authenticator",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="authenticator",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at") OR OLD."secret" IS DISTINCT FROM (NEW."secret") OR OLD."user_id" IS DISTINCT FROM (NEW."user_id"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="e3981cc24d2cccf0f723cb92e88e3da7eb08b620",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_5c605",
                    table="accounts_authenticator",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="authenticator",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="48b34cf8590072c6e1e2007c72e2f6895b2fb194",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_26117",
                    table="accounts_authenticator",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="authenticator",
            trigger=pgtrigger.compiler.Trigger(
                name="removed_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.ended_at IS NOT NULL) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="f4ee796f09280b5566f2eb326c1de8b9be0ea5c0",
                    operation="UPDATE",
                    pgid="pgtrigger_removed_stays_8d048",
                    table="accounts_authenticator",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recoverycode",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="f793f389dc332a42814a99525f4eb68e4ee183b6",
                    operation="DELETE",
                    pgid="pgtrigger_kept_afdb1",
                    table="accounts_recoverycode",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recoverycode",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."authenticator_id" IS DISTINCT FROM (NEW."authenticator_id") OR OLD."code_hash" IS DISTINCT FROM (NEW."code_hash") OR OLD."id" IS DISTINCT FROM (NEW."id"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="2d4d3b8eac3f47864d5e1dbcd75a4a306a739d4e",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_01d09",
                    table="accounts_recoverycode",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recoverycode",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="6e0155386a8c7c5819b0bc6404487435e24fc6d2",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_f9894",
                    table="accounts_recoverycode",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recoverycode",
            trigger=pgtrigger.compiler.Trigger(
                name="used_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.used_at IS NOT NULL) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="9f8aa99b9ae57c07e2cd9ed6cc1eb91c99a972cb",
                    operation="UPDATE",
                    pgid="pgtrigger_used_once_741e8",
                    table="accounts_recoverycode",
                    when="BEFORE",
                ),
            ),
        ),
    ]
