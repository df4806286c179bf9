import core.crypto
import core.ids
import django.contrib.postgres.fields
import django.db.models.deletion
import django_fsm
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Screening of people against lists, possible matches, and when each was screened last."""

    dependencies = [
        ("accounts", "0029_reasons_of_changed_rights"),
    ]

    operations = [
        migrations.CreateModel(
            name="ScreeningList",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("provider", models.CharField(max_length=20)),
                ("version", models.CharField(max_length=80)),
                ("seen_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="ScreeningMatch",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("sanctions", "Sanctions list"), ("pep", "Politically exposed person")], max_length=10)),
                ("list_name", models.CharField(max_length=80)),
                ("provider", models.CharField(max_length=20)),
                ("screening", models.CharField(max_length=40)),
                ("fingerprint", models.CharField(max_length=64)),
                ("told", core.crypto.EncryptedJSONField()),
                ("status", django_fsm.FSMField(default="open", max_length=50, protected=True)),
                (
                    "recommended",
                    models.CharField(
                        blank=True, choices=[("cleared", "cleared"), ("accepted", "accepted"), ("confirmed", "confirmed")], max_length=10
                    ),
                ),
                ("recommended_at", models.DateTimeField(null=True)),
                ("note", core.crypto.EncryptedTextField(blank=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decision", core.crypto.EncryptedTextField(blank=True)),
                ("raised_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "possible match with a list",
                "verbose_name_plural": "possible matches with lists",
            },
        ),
        migrations.CreateModel(
            name="Screened",
            fields=[
                (
                    "consumer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="screened",
                        serialize=False,
                        to="accounts.consumer",
                    ),
                ),
                ("screened_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField()),
                ("screening", models.UUIDField(null=True)),
                ("claimed_until", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["screened_at"], name="screened_oldest")],
            },
        ),
        migrations.CreateModel(
            name="Screening",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("market", models.CharField(max_length=2)),
                ("brand", models.CharField(blank=True, max_length=40)),
                ("provider", models.CharField(max_length=20)),
                ("consumers", django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ("asked_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("provider_ref", models.CharField(blank=True, max_length=80)),
                ("list_version", models.CharField(blank=True, max_length=80)),
                ("matches", models.PositiveIntegerField(default=0)),
                ("cost_minor", models.BigIntegerField(null=True)),
                ("cost_currency", models.CharField(blank=True, max_length=3)),
                ("took_ms", models.IntegerField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["asked_at"], name="screening_age"),
                    models.Index(fields=["answered_at"], name="screening_answered"),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="screening",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="adc3118db4d681852fc923b4c0a27fb1cdafed40",
                    operation="DELETE",
                    pgid="pgtrigger_kept_d6a51",
                    table="accounts_screening",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="screening",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."asked_at" IS DISTINCT FROM (NEW."asked_at") OR OLD."brand" IS DISTINCT FROM (NEW."brand") OR OLD."consumers" IS DISTINCT FROM (NEW."consumers") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."market" IS DISTINCT FROM (NEW."market") OR OLD."provider" IS DISTINCT FROM (NEW."provider"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="d33ce9f9ddc64b496436872f7f8c25d4f6febc24",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_d9fb9",
                    table="accounts_screening",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="screening",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="80c1ddb2966eb3f88071a185f091b0d40d4fa3f9",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_cdf24",
                    table="accounts_screening",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="screening",
            trigger=pgtrigger.compiler.Trigger(
                name="answered_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.answered_at IS NOT NULL) AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="01da519662d944904a2b007827ec67472258a5d6",
                    operation="UPDATE",
                    pgid="pgtrigger_answered_once_27ba4",
                    table="accounts_screening",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="screeninglist",
            constraint=models.UniqueConstraint(fields=("provider", "version"), name="screening_list_once"),
        ),
        migrations.AddField(
            model_name="screeningmatch",
            name="consumer",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.consumer"),
        ),
        migrations.AddField(
            model_name="screeningmatch",
            name="decided_by",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="screeningmatch",
            name="recommended_by",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="screeningmatch",
            index=models.Index(
                condition=models.Q(("status__in", ["open", "confirmed"])), fields=["consumer"], name="screening_match_stops"
            ),
        ),
        migrations.AddIndex(
            model_name="screeningmatch",
            index=models.Index(fields=["status", "-id"], name="screening_match_by_status"),
        ),
        migrations.AddIndex(
            model_name="screeningmatch",
            index=models.Index(fields=["raised_at"], name="screening_match_age"),
        ),
        migrations.AddConstraint(
            model_name="screeningmatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["open", "cleared", "accepted", "confirmed"])), name="screening_match_status_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="screeningmatch",
            constraint=models.UniqueConstraint(fields=("consumer", "fingerprint"), name="screening_match_once"),
        ),
        migrations.AddConstraint(
            model_name="screeningmatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("decided_by", None), ("status", "open")),
                    models.Q(models.Q(("status", "open"), _negated=True), ("decided_at__isnull", False), ("decided_by__isnull", False)),
                    _connector="OR",
                ),
                name="screening_match_decided_by_whom",
            ),
        ),
        migrations.AddConstraint(
            model_name="screeningmatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status", "open"),
                    ("kind", "pep"),
                    models.Q(("recommended_by__isnull", False), models.Q(("recommended_by", models.F("decided_by")), _negated=True)),
                    _connector="OR",
                ),
                name="screening_match_two_people",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="screeningmatch",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="b1877ecd45f7d4b44aca6e9b6c5f4418c1cabbb2",
                    operation="DELETE",
                    pgid="pgtrigger_kept_cab62",
                    table="accounts_screeningmatch",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="screeningmatch",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."consumer_id" IS DISTINCT FROM (NEW."consumer_id") OR OLD."fingerprint" IS DISTINCT FROM (NEW."fingerprint") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."list_name" IS DISTINCT FROM (NEW."list_name") OR OLD."provider" IS DISTINCT FROM (NEW."provider") OR OLD."raised_at" IS DISTINCT FROM (NEW."raised_at") OR OLD."screening" IS DISTINCT FROM (NEW."screening") OR OLD."told" IS DISTINCT FROM (NEW."told"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="6a339423fa2ca98f771a0d7cbbf597b9af0ddad0",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_17c9e",
                    table="accounts_screeningmatch",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="screeningmatch",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="4c615f0845174623c9ed57634376ff5381262a40",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_27355",
                    table="accounts_screeningmatch",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="screeningmatch",
            trigger=pgtrigger.compiler.Trigger(
                name="status_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('confirmed', 'cleared'), ('open', 'accepted'), ('open', 'cleared'), ('open', 'confirmed')))",
                    func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                    hash="aa576e449298c5ca62000b1034fdbbc3f65d4d5f",
                    operation='UPDATE OF "status"',
                    pgid="pgtrigger_status_moves_f232d",
                    table="accounts_screeningmatch",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="screeningmatch",
            trigger=pgtrigger.compiler.Trigger(
                name="status_begins",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.\"status\" NOT IN ('open'))",
                    func="RAISE EXCEPTION 'no row of % begins as %', TG_TABLE_NAME, NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                    hash="07457524911f484e38028f2bfabcfcc86ae26a90",
                    operation="INSERT",
                    pgid="pgtrigger_status_begins_b7fdd",
                    table="accounts_screeningmatch",
                    when="BEFORE",
                ),
            ),
        ),
    ]
