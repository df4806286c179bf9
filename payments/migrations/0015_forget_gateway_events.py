from django.db import migrations

# Owned by the role that migrates, which alone can skip the table's guard: rows that are too young or not done stay, whatever the caller
# asks for. The setting is made in the function's body, since as a clause only a superuser may write it, and the owner need not be one.
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
    """Delete gateway events, after at least 120 days."""

    dependencies = [
        ("payments", "0014_found_by_age"),
    ]

    operations = [
        migrations.RunSQL(FORGET, "DROP FUNCTION public.forget_gateway_events(timestamptz, integer);"),
    ]
