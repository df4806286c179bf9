from django.db import migrations

# Owned by whoever migrates, who alone may pass over the guard of the table: what is too young, or not done yet, stays whatever is asked for.
# The setting is made in the body: as a clause of the function only a superuser may write it, and the owner need not be one.
FORGET = """
CREATE FUNCTION public.forget_webhook_attempts(before timestamptz, most integer) RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    deleted bigint;
    ignored text := coalesce(current_setting('pgtrigger.ignore', true), '');
BEGIN
    PERFORM set_config('pgtrigger.ignore', '{pgtrigger_kept_afa7a}', true);
    WITH old AS MATERIALIZED (
        SELECT r.id FROM public.webhooks_attempt r
        WHERE r.at < least(before, now() - interval '30 days')
            AND NOT EXISTS (SELECT 1 FROM public.webhooks_delivery d WHERE d.id = r.delivery_id AND d.status = 'waiting')
        ORDER BY r.at LIMIT least(most, 10000) FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM public.webhooks_attempt r USING old WHERE r.id = old.id RETURNING 1
    )
    SELECT count(*) INTO deleted FROM gone;
    PERFORM set_config('pgtrigger.ignore', ignored, true);
    RETURN deleted;
END
$$;
REVOKE ALL ON FUNCTION public.forget_webhook_attempts(timestamptz, integer) FROM PUBLIC;

CREATE FUNCTION public.forget_merchant_events(before timestamptz, most integer) RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    deleted bigint;
    ignored text := coalesce(current_setting('pgtrigger.ignore', true), '');
BEGIN
    PERFORM set_config('pgtrigger.ignore', '{pgtrigger_kept_1014f}', true);
    WITH old AS MATERIALIZED (
        SELECT r.id FROM public.webhooks_merchantevent r
        WHERE r.created_at < least(before, now() - interval '30 days')
            AND NOT EXISTS (SELECT 1 FROM public.webhooks_delivery d WHERE d.event_id = r.id)
        ORDER BY r.created_at LIMIT least(most, 10000) FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM public.webhooks_merchantevent r USING old WHERE r.id = old.id RETURNING 1
    )
    SELECT count(*) INTO deleted FROM gone;
    PERFORM set_config('pgtrigger.ignore', ignored, true);
    RETURN deleted;
END
$$;
REVOKE ALL ON FUNCTION public.forget_merchant_events(timestamptz, integer) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    """Tries of deliveries, and events that are on no way any more, are forgotten after a month at the earliest."""

    dependencies = [
        ("webhooks", "0006_found_by_age"),
    ]

    operations = [
        migrations.RunSQL(
            FORGET,
            "DROP FUNCTION public.forget_merchant_events(timestamptz, integer); DROP FUNCTION public.forget_webhook_attempts(timestamptz, integer);",
        ),
    ]
