from django.db import migrations

# Owned by the role that migrates, which alone can skip the table's guard: what is young, led to an order or was decided on stays.
FORGET = """
CREATE FUNCTION public.forget_checkouts(before timestamptz, most integer) RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    deleted bigint;
    ignored text := coalesce(current_setting('pgtrigger.ignore', true), '');
BEGIN
    PERFORM set_config('pgtrigger.ignore', '{pgtrigger_kept_a44db}', true);
    WITH old AS MATERIALIZED (
        SELECT r.id FROM public.checkout_checkout r
        WHERE r.expires_at < least(before, now() - interval '30 days') AND r.status IN ('expired', 'canceled') AND r.decision_id IS NULL
            AND NOT EXISTS (SELECT 1 FROM public.checkout_order o WHERE o.checkout_id = r.id)
        ORDER BY r.expires_at LIMIT least(most, 10000) FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM public.checkout_checkout r USING old WHERE r.id = old.id RETURNING 1
    )
    SELECT count(*) INTO deleted FROM gone;
    PERFORM set_config('pgtrigger.ignore', ignored, true);
    RETURN deleted;
END
$$;
REVOKE ALL ON FUNCTION public.forget_checkouts(timestamptz, integer) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    """Let checkouts be forgotten that ended without an order, and in which nobody was decided on."""

    dependencies = [
        ("checkout", "0028_fees_by_rules"),
    ]

    operations = [
        migrations.RunSQL(FORGET, "DROP FUNCTION public.forget_checkouts(timestamptz, integer);"),
    ]
