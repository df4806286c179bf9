from django.db import migrations

# Owned by whoever migrates, who alone may pass over the guard of the table: what is too young, or not done yet, stays whatever is asked for.
FORGET = """
CREATE FUNCTION public.forget_gateway_events(before timestamptz, most integer) RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp SET pgtrigger.ignore = '{pgtrigger_kept_acc1b}' AS $$
    WITH old AS MATERIALIZED (
        SELECT r.id FROM public.payments_gatewayevent r
        WHERE r.received_at < least(before, now() - interval '120 days')
        ORDER BY r.received_at LIMIT least(most, 10000) FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM public.payments_gatewayevent r USING old WHERE r.id = old.id RETURNING 1
    )
    SELECT count(*) FROM gone
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
