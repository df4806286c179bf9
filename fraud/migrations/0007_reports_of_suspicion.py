import core.crypto
import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


# Owned by whoever migrates, who alone may pass over the guard of the table: what is too young stays whatever is asked for.
FORGET = """
CREATE FUNCTION public.forget_laundering_reports(before timestamptz, most integer) RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    deleted bigint;
    ignored text := coalesce(current_setting('pgtrigger.ignore', true), '');
BEGIN
    PERFORM set_config('pgtrigger.ignore', '{pgtrigger_kept_cd001}', true);
    WITH old AS MATERIALIZED (
        SELECT r.id FROM public.fraud_launderingreport r
        WHERE r.made_at < least(before, now() - interval '1827 days')
        ORDER BY r.made_at LIMIT least(most, 10000) FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM public.fraud_launderingreport r USING old WHERE r.id = old.id RETURNING 1
    )
    SELECT count(*) INTO deleted FROM gone;
    PERFORM set_config('pgtrigger.ignore', ignored, true);
    RETURN deleted;
END
$$;
REVOKE ALL ON FUNCTION public.forget_laundering_reports(timestamptz, integer) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    """Reports of suspicion, each a version, filed once."""

    dependencies = [
        ("fraud", "0006_labels_of_the_desk"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LaunderingReport",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("header", core.crypto.EncryptedJSONField()),
                ("xml", core.crypto.EncryptedTextField()),
                ("made_at", models.DateTimeField()),
                ("filed_number", models.CharField(blank=True, default="", max_length=80)),
                ("filed_on", models.DateField(null=True)),
                ("filed_at", models.DateTimeField(null=True)),
                (
                    "alert",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="reports",
                        to="fraud.launderingalert",
                    ),
                ),
                (
                    "filed_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["made_at"], name="laundering_report_age")],
                "constraints": [models.UniqueConstraint(fields=("alert", "number"), name="laundering_report_number_once")],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="launderingreport",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="cce9af472764cf707dfe1137fa2503db9d3c3082",
                    operation="DELETE",
                    pgid="pgtrigger_kept_cd001",
                    table="fraud_launderingreport",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="launderingreport",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."alert_id" IS DISTINCT FROM (NEW."alert_id") OR OLD."header" IS DISTINCT FROM (NEW."header") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at") OR OLD."made_by_id" IS DISTINCT FROM (NEW."made_by_id") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."xml" IS DISTINCT FROM (NEW."xml"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="bb2d9f9e1c07547220b26fb6da1510f4328bbe56",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_a7ea7",
                    table="fraud_launderingreport",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="launderingreport",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="962d420df35b5aef27a4c28cc2afcb37a75d5661",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_a6227",
                    table="fraud_launderingreport",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="launderingreport",
            trigger=pgtrigger.compiler.Trigger(
                name="filed_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN ((OLD.filed_at IS NOT NULL) AND ((OLD."filed_at" IS DISTINCT FROM (NEW."filed_at") OR OLD."filed_by_id" IS DISTINCT FROM (NEW."filed_by_id") OR OLD."filed_number" IS DISTINCT FROM (NEW."filed_number") OR OLD."filed_on" IS DISTINCT FROM (NEW."filed_on"))))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="f931ffde82ffa45858109d03ac520cda13bd8ebc",
                    operation="UPDATE",
                    pgid="pgtrigger_filed_once_e5150",
                    table="fraud_launderingreport",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(FORGET, "DROP FUNCTION public.forget_laundering_reports(timestamptz, integer);"),
    ]
