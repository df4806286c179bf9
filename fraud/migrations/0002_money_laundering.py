import core.crypto
import core.ids
import django.db.models.deletion
import django_fsm
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


# Owned by whoever migrates, who alone may pass over the guard of the table: what is open or too young stays whatever is asked for.
FORGET = """
CREATE FUNCTION public.forget_laundering_alerts(before timestamptz, most integer) RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    deleted bigint;
    ignored text := coalesce(current_setting('pgtrigger.ignore', true), '');
BEGIN
    PERFORM set_config('pgtrigger.ignore', '{pgtrigger_kept_c10e5}', true);
    WITH old AS MATERIALIZED (
        SELECT r.id FROM public.fraud_launderingalert r
        WHERE r.raised_at < least(before, now() - interval '1827 days') AND r.status <> 'open'
        ORDER BY r.raised_at LIMIT least(most, 10000) FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM public.fraud_launderingalert r USING old WHERE r.id = old.id RETURNING 1
    )
    SELECT count(*) INTO deleted FROM gone;
    PERFORM set_config('pgtrigger.ignore', ignored, true);
    RETURN deleted;
END
$$;
REVOKE ALL ON FUNCTION public.forget_laundering_alerts(timestamptz, integer) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    """Alerts about money laundering."""

    dependencies = [
        ("accounts", "0026_first_classes"),
        ("fraud", "0001_sightings_and_assessments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LaunderingAlert",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("rule", models.CharField(max_length=40)),
                ("rule_name", models.CharField(max_length=160)),
                ("reason", models.CharField(max_length=40)),
                ("version", models.PositiveIntegerField()),
                ("facts", models.JSONField()),
                ("currency", models.CharField(max_length=3)),
                ("status", django_fsm.FSMField(default="open", max_length=50, protected=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decision", core.crypto.EncryptedTextField(blank=True)),
                ("raised_at", models.DateTimeField()),
                (
                    "consumer",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.consumer"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "money laundering alert",
                "verbose_name_plural": "money laundering alerts",
                "permissions": [
                    ("handle_laundering", "Can see and decide alerts about money laundering, and report suspicions"),
                    ("audit_laundering", "Can see what the money laundering desk did and looked at"),
                ],
                "indexes": [
                    models.Index(fields=["status", "-id"], name="laundering_alert_by_status"),
                    models.Index(fields=["consumer", "-raised_at"], name="laundering_alert_of_person"),
                    models.Index(fields=["raised_at"], name="laundering_alert_age"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["open", "cleared", "reported"])), name="laundering_alert_status_known"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "open")), fields=("consumer", "rule"), name="laundering_alert_open_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("decided_by", None), ("status", "open")),
                            models.Q(
                                models.Q(("status", "open"), _negated=True), ("decided_at__isnull", False), ("decided_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="laundering_alert_decided_by_whom",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="launderingalert",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="abd4a3b7e3c82d4af17191ca3a015ad8166647e4",
                    operation="DELETE",
                    pgid="pgtrigger_kept_c10e5",
                    table="fraud_launderingalert",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="launderingalert",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."consumer_id" IS DISTINCT FROM (NEW."consumer_id") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."facts" IS DISTINCT FROM (NEW."facts") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."raised_at" IS DISTINCT FROM (NEW."raised_at") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."rule" IS DISTINCT FROM (NEW."rule") OR OLD."rule_name" IS DISTINCT FROM (NEW."rule_name") OR OLD."version" IS DISTINCT FROM (NEW."version"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="5627c13d8594b6f2fbeadea8eda4b069fad991c5",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_78e6c",
                    table="fraud_launderingalert",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="launderingalert",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="d4a7c315348ffeafc4a97083d2d3e30799a31d02",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_d6684",
                    table="fraud_launderingalert",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="launderingalert",
            trigger=pgtrigger.compiler.Trigger(
                name="status_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('open', 'cleared'), ('open', 'reported')))",
                    func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                    hash="cff73ab02a7b1aa521e6ede785a0d7ba9c0b9cee",
                    operation='UPDATE OF "status"',
                    pgid="pgtrigger_status_moves_b4362",
                    table="fraud_launderingalert",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="launderingalert",
            trigger=pgtrigger.compiler.Trigger(
                name="status_begins",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.\"status\" NOT IN ('open'))",
                    func="RAISE EXCEPTION 'no row of % begins as %', TG_TABLE_NAME, NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                    hash="09e3772378c34cef979215634ea410221848c781",
                    operation="INSERT",
                    pgid="pgtrigger_status_begins_b2243",
                    table="fraud_launderingalert",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="launderingalert",
            trigger=pgtrigger.compiler.Trigger(
                name="decided_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.status <> 'open') AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="ddc44e7c1bdd06b8c5c8f6971a60573a042226cc",
                    operation="UPDATE",
                    pgid="pgtrigger_decided_once_48d24",
                    table="fraud_launderingalert",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(FORGET, "DROP FUNCTION public.forget_laundering_alerts(timestamptz, integer);"),
    ]
