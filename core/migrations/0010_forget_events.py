from django.db import migrations, models

# Owned by the role that migrates, which alone can skip the table's guard: rows that are too young or not done stay, whatever the caller
# asks for. The setting is made in the function's body, since as a clause only a superuser may write it, and the owner need not be one.
FORGET = """
CREATE FUNCTION public.forget_events(before timestamptz, most integer) RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    deleted bigint;
    ignored text := coalesce(current_setting('pgtrigger.ignore', true), '');
BEGIN
    PERFORM set_config('pgtrigger.ignore', '{pgtrigger_kept_3fdcf}', true);
    WITH old AS MATERIALIZED (
        SELECT r.id FROM public.core_outboxevent r
        WHERE r.at < least(before, now() - interval '30 days')
            AND r.relayed AND NOT EXISTS (SELECT 1 FROM public.core_delivery d WHERE d.event_id = r.id)
        ORDER BY r.at LIMIT least(most, 10000) FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM public.core_outboxevent r USING old WHERE r.id = old.id RETURNING 1
    )
    SELECT count(*) INTO deleted FROM gone;
    PERFORM set_config('pgtrigger.ignore', ignored, true);
    RETURN deleted;
END
$$;
REVOKE ALL ON FUNCTION public.forget_events(timestamptz, integer) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    """Delete events that all handlers have handled, after at least a month; store the daily sizes of tables."""

    dependencies = [
        ("core", "0009_found_by_age"),
    ]

    operations = [
        migrations.CreateModel(
            name="TableDay",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=63)),
                ("day", models.DateField()),
                ("rows", models.BigIntegerField(null=True)),
                ("table_bytes", models.BigIntegerField(null=True)),
                ("index_bytes", models.BigIntegerField(null=True)),
                ("forgotten", models.BigIntegerField(default=0)),
                ("forgotten_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "size",
                "verbose_name_plural": "sizes",
                "indexes": [models.Index(fields=["day"], name="table_day_age")],
                "constraints": [models.UniqueConstraint(fields=("name", "day"), name="table_day_once")],
            },
        ),
        migrations.RunSQL(FORGET, "DROP FUNCTION public.forget_events(timestamptz, integer);"),
    ]
