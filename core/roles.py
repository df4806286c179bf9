"""The two database roles: the owner changes tables, and the application works in them and cannot change evidence.

`DATABASE_URL` names the role of web and workers, `DATABASE_OWNER_URL` the role that migrates. If only the former is set, it is both, and
anyone with that address can switch off the triggers that protect history: `migrate` warns.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection

# The library lets any session name triggers to skip; here only the owner may, to re-encrypt rows with another key.
_PASSED_OVER = """
    CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name NAME) RETURNS BOOLEAN LANGUAGE sql STABLE
    SET search_path = public, pg_temp AS $$
        SELECT coalesce(trigger_name = ANY(nullif(current_setting('pgtrigger.ignore', true), '')::text[]), false)
            AND pg_has_role(current_user, (
                SELECT proowner FROM pg_catalog.pg_proc WHERE oid = 'public._pgtrigger_should_ignore(name)'::regprocedure), 'USAGE')
    $$"""
# PostgreSQL searches a session's temporary tables before all others unless the search path lists them: a temporary table could replace a
# table that a trigger reads. Functions of extensions are not ours.
_OURS = """
    SELECT p.proname FROM pg_catalog.pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.prorettype = 'trigger'::regtype AND p.pronargs = 0
        AND p.proconfig IS DISTINCT FROM ARRAY['search_path=public, pg_temp']
        AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    ORDER BY p.proname"""
# The owner's functions that the application may call, for work that it has no right to do itself (`core.retention`, the audit log).
_LENT = r"""
    SELECT p.oid::regprocedure::text FROM pg_catalog.pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef AND p.prorettype <> 'trigger'::regtype
        AND p.proname SIMILAR TO '(forget|audit)\_%' ORDER BY 1"""
# Tables that only the owner's functions, or `migrate`, write.
_OWN = (
    *("django_migrations", "django_content_type", "auth_permission"),
    *("controls_auditrow", "controls_auditseal", "controls_audithead", "controls_auditanchor"),
)
_THERE = "SELECT quote_ident(name) FROM unnest(%s) AS name WHERE to_regclass('public.' || quote_ident(name)) IS NOT NULL"
_MADE = "SELECT 1 FROM pg_roles WHERE rolname = %s"
_MAY_MAKE = "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
_MAY = """
    REVOKE CREATE ON SCHEMA public FROM PUBLIC, {role};
    GRANT USAGE ON SCHEMA public TO {role};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};
    REVOKE INSERT, UPDATE, DELETE ON {own} FROM {role};"""


class RoleMissing(Exception):
    """The application's role does not exist, and the owner may not make it; the text says what to do."""


@contextmanager
def as_owner() -> Iterator[None]:
    """Connect as the owner of the database in the block, outside any transaction; without a separate owner nothing changes."""
    owner: dict[str, Any] = settings.DATABASE_OWNER
    if not owner:
        yield
        return
    known = connection.settings_dict
    before = {key: known[key] for key in owner}
    connection.close()
    known.update(owner)
    try:
        yield
    finally:
        connection.close()
        known.update(before)


def make_role() -> None:
    """Make the application's role, as the owner, unless it exists or itself owns the tables; RoleMissing if the owner may not."""
    name, password = settings.DATABASE_ROLE
    if not settings.DATABASE_OWNER or name == settings.DATABASE_OWNER["USER"]:
        return
    role = connection.ops.quote_name(name)
    with connection.cursor() as cursor:
        cursor.execute(_MADE, [name])
        if cursor.fetchone() is not None:
            return
        cursor.execute(_MAY_MAKE)
        if not cursor.fetchone()[0]:
            raise RoleMissing(
                f"There is no role {name}, which DATABASE_URL names, and the role of DATABASE_OWNER_URL may not make it. "
                f"As whoever may: CREATE ROLE {role} LOGIN PASSWORD '...'"
            )
        cursor.execute(f"CREATE ROLE {role} LOGIN" + (" PASSWORD %s" if password else ""), [password] if password else [])


def guard() -> None:
    """Grant the application the rights on tables that its work needs, and no more; as the owner, after each migration."""
    with connection.cursor() as cursor:
        cursor.execute(_PASSED_OVER)
        cursor.execute(_OURS)
        for (function,) in cursor.fetchall():
            cursor.execute(f"ALTER FUNCTION public.{connection.ops.quote_name(function)}() SET search_path = public, pg_temp")
        name, _ = settings.DATABASE_ROLE
        if not settings.DATABASE_OWNER or name == settings.DATABASE_OWNER["USER"]:
            return
        role = connection.ops.quote_name(name)
        cursor.execute(_THERE, [list(_OWN)])
        # One request to the server, and so one transaction.
        cursor.execute(_MAY.format(role=role, own=", ".join(name for (name,) in cursor.fetchall())))
        cursor.execute(_LENT)
        for (function,) in cursor.fetchall():
            cursor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {role}")
