import core.crypto
import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


# Owned by the role that migrates, which alone can skip the table's guard: a notice stays until its market's law lets it go.
FORGET = """
CREATE FUNCTION public.forget_notices(before timestamptz, most integer) RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    deleted bigint;
    ignored text := coalesce(current_setting('pgtrigger.ignore', true), '');
BEGIN
    PERFORM set_config('pgtrigger.ignore', '{pgtrigger_kept_ce529}', true);
    WITH old AS MATERIALIZED (
        SELECT r.id FROM public.notifications_notice r WHERE r.keep_until < least(before, now())
        ORDER BY r.keep_until LIMIT least(most, 10000) FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM public.notifications_notice r USING old WHERE r.id = old.id RETURNING 1
    )
    SELECT count(*) INTO deleted FROM gone;
    PERFORM set_config('pgtrigger.ignore', ignored, true);
    RETURN deleted;
END
$$;
REVOKE ALL ON FUNCTION public.forget_notices(timestamptz, integer) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    """Notices of refusals and lower limits are kept as they were sent."""

    dependencies = [
        ("accounts", "0029_reasons_of_changed_rights"),
        ("notifications", "0012_errors_name_nobody"),
    ]

    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=40)),
                ("subject", models.CharField(max_length=40)),
                ("paper", core.crypto.EncryptedJSONField(person="consumer_id")),
                ("seal", models.CharField(max_length=64)),
                ("versions", models.JSONField()),
                ("by_people", models.BooleanField()),
                ("decided_at", models.DateTimeField()),
                ("at", models.DateTimeField()),
                ("keep_until", models.DateTimeField()),
                (
                    "consumer",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="notices", to="accounts.consumer"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["consumer", "-id"], name="notice_of_consumer"),
                    models.Index(fields=["keep_until"], name="notice_to_forget"),
                ],
                "constraints": [models.UniqueConstraint(fields=("kind", "subject"), name="notice_once")],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="notice",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="3bdb24b6baff1b0efe20f3d28d2d0d37c5763b68",
                    operation="DELETE",
                    pgid="pgtrigger_kept_ce529",
                    table="notifications_notice",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="notice",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="de396ee2be465ba91d2a1ae886b724665deef25b",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_34f13",
                    table="notifications_notice",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="notice",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="ef50ab624e0018a55d24936f1ec2650d116a237f",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_b58f6",
                    table="notifications_notice",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(FORGET, "DROP FUNCTION public.forget_notices(timestamptz, integer);"),
    ]
