from django.db import migrations

# Owned by whoever migrates, who alone may pass over the guard of a table: what stops somebody, or is too young, stays whatever is asked for.
SCREENINGS = """
CREATE FUNCTION public.forget_screenings(before timestamptz, most integer) RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    deleted bigint;
    ignored text := coalesce(current_setting('pgtrigger.ignore', true), '');
BEGIN
    PERFORM set_config('pgtrigger.ignore', '{pgtrigger_kept_d6a51}', true);
    WITH old AS MATERIALIZED (
        SELECT r.id FROM public.accounts_screening r
        WHERE r.asked_at < least(before, now() - interval '1827 days')
        ORDER BY r.asked_at LIMIT least(most, 10000) FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM public.accounts_screening r USING old WHERE r.id = old.id RETURNING 1
    )
    SELECT count(*) INTO deleted FROM gone;
    PERFORM set_config('pgtrigger.ignore', ignored, true);
    RETURN deleted;
END
$$;
REVOKE ALL ON FUNCTION public.forget_screenings(timestamptz, integer) FROM PUBLIC;
"""
MATCHES = """
CREATE FUNCTION public.forget_screening_matches(before timestamptz, most integer) RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    deleted bigint;
    ignored text := coalesce(current_setting('pgtrigger.ignore', true), '');
BEGIN
    PERFORM set_config('pgtrigger.ignore', '{pgtrigger_kept_cab62}', true);
    WITH old AS MATERIALIZED (
        SELECT r.id FROM public.accounts_screeningmatch r
        WHERE r.raised_at < least(before, now() - interval '1827 days') AND r.status IN ('cleared', 'accepted')
        ORDER BY r.raised_at LIMIT least(most, 10000) FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM public.accounts_screeningmatch r USING old WHERE r.id = old.id RETURNING 1
    )
    SELECT count(*) INTO deleted FROM gone;
    PERFORM set_config('pgtrigger.ignore', ignored, true);
    RETURN deleted;
END
$$;
REVOKE ALL ON FUNCTION public.forget_screening_matches(timestamptz, integer) FROM PUBLIC;
"""


class Migration(migrations.Migration):
    """Old screenings and decided matches are deleted by functions of the tables' owner."""

    dependencies = [
        ("accounts", "0030_screening"),
    ]

    operations = [
        migrations.RunSQL(SCREENINGS, "DROP FUNCTION public.forget_screenings(timestamptz, integer);"),
        migrations.RunSQL(MATCHES, "DROP FUNCTION public.forget_screening_matches(timestamptz, integer);"),
    ]
