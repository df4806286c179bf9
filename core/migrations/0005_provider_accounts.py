import core.crypto
import django.contrib.postgres.fields
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Store provider accounts that operators type in, and the results of calls."""

    dependencies = [
        ("core", "0004_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProviderAccount",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=20)),
                ("provider", models.CharField(max_length=40)),
                ("capabilities", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None)),
                ("market", models.CharField(blank=True, max_length=2)),
                ("brand", models.CharField(blank=True, max_length=40)),
                ("priority", models.PositiveSmallIntegerField(default=100)),
                ("values", core.crypto.EncryptedJSONField(row=("code",))),
                ("active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("changed_by", models.CharField(max_length=80)),
            ],
            options={
                "verbose_name": "provider's account",
                "verbose_name_plural": "providers' accounts",
            },
        ),
        migrations.CreateModel(
            name="ProviderCalls",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("account", models.CharField(max_length=20)),
                ("hour", models.DateTimeField()),
                ("calls", models.PositiveIntegerField()),
                ("failed", models.PositiveIntegerField()),
                ("total_ms", models.PositiveBigIntegerField()),
                ("slowest_ms", models.PositiveIntegerField()),
                ("last_at", models.DateTimeField()),
                ("failed_at", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, max_length=120)),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="provideraccount",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="b4891380fee839037eaea5e64b6e1c7fff47e4d3",
                    operation="DELETE",
                    pgid="pgtrigger_kept_a3377",
                    table="core_provideraccount",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="provideraccount",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."provider" IS DISTINCT FROM (NEW."provider"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="90722e1c8655e169399d42af5b20ed47ea8cc5a0",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_33fb7",
                    table="core_provideraccount",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="provideraccount",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="3270dec24b4c1e6052320eeaa678f3ca226c0f00",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_2868a",
                    table="core_provideraccount",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="provideraccount",
            constraint=models.UniqueConstraint(fields=("code",), name="provider_account_code_once"),
        ),
        migrations.AddConstraint(
            model_name="providercalls",
            constraint=models.UniqueConstraint(fields=("account", "hour"), name="provider_calls_once_an_hour"),
        ),
    ]
