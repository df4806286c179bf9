from django.db import migrations

# Owned by whoever migrates, who alone may pass over the guard of the table: what is too young, or not done yet, stays whatever is asked for.
# The setting is made in the body: as a clause of the function only a superuser may write it, and the owner need not be one.
FORGET = """
CREATE FUNCTION public.forget_gateway_events(before timestamptz, most integer) RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    deleted bigint;
    ignored text := coalesce(current_setting('pgtrigger.ignore', true), '');
BEGIN
    PERFORM set_config('pgtrigger.ignore', '{pgtrigger_kept_acc1b}', true);
    WITH old AS MATERIALIZED (
        SELECT r.id FROM public.payments_gatewayevent r
        WHERE r.received_at < least(before, now() - interval '120 days')
        ORDER BY r.received_at LIMIT least(most, 10000) FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM public.payments_gatewayevent r USING old WHERE r.id = old.id RETURNING 1
    )
    SELECT count(*) INTO deleted FROM gone;
    PERFORM set_config('pgtrigger.ignore', ignored, true);
    RETURN deleted;
END
$$;
REVOKE ALL ON FUNCTION public.forget_gateway_events(timestamptz, integer) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    """Events of gateways are forgotten after 120 days at the earliest."""

    dependencies = [
        ("payments", "0014_found_by_age"),
    ]

    operations = [
        migrations.RunSQL(FORGET, "DROP FUNCTION public.forget_gateway_events(timestamptz, integer);"),
    ]
