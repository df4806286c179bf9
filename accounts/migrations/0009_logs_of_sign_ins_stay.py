from django.db import migrations

KEPT = """
CREATE FUNCTION public.log_is_append_only() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END; $$;
"""
LOGS = ("axes_accesslog", "axes_accessfailurelog")
GUARDS = "".join(
    f"""
CREATE TRIGGER log_kept BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION public.log_is_append_only();
CREATE TRIGGER log_not_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION public.log_is_append_only();
"""
    for table in LOGS
)
# A sign-in, or an operator who ends a lockout, deletes tries; nobody reduces a count or moves it to another user.
TRIES = """
CREATE TRIGGER log_kept BEFORE UPDATE ON axes_accessattempt FOR EACH ROW WHEN (
    NEW.failures_since_start < OLD.failures_since_start OR NEW.attempt_time < OLD.attempt_time
    OR (NEW.id, NEW.username, NEW.ip_address, NEW.user_agent) IS DISTINCT FROM (OLD.id, OLD.username, OLD.ip_address, OLD.user_agent)
) EXECUTE FUNCTION public.log_is_append_only();
"""


class Migration(migrations.Migration):
    """Let the library's logs of sign-ins only grow; tries of a password can only be deleted as whole rows."""

    dependencies = [
        ("accounts", "0008_answered_requests_stay"),
        ("axes", "0010_accessattemptexpiration"),
    ]

    operations = [migrations.RunSQL(KEPT + GUARDS + TRIES, "DROP FUNCTION public.log_is_append_only() CASCADE")]
