"""Install the audit log's triggers, and tell the database which settings one person may change; called by `migrate`."""

from django.db import connection

from controls.audit.triggers import TABLE, Watched, list_watched
from controls.guards import TAKES_ONE
from core.adjusting import list_settings
from core.db import execute, rows, unit

_FUNCTION = """
    CREATE OR REPLACE FUNCTION public.{name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $audit$ {body} $audit$"""
# Anybody may put triggers on their own temporary tables. Without EXECUTE on the function, they cannot use this one.
_OURS_ONLY = "REVOKE ALL ON FUNCTION public.{name}() FROM PUBLIC"
_FOUND = r"""
    SELECT t.tgname, t.tgrelid::regclass::text, coalesce(obj_description(t.oid, 'pg_trigger'), '') FROM pg_catalog.pg_trigger t
    WHERE NOT t.tgisinternal AND t.tgname LIKE 'audit\_%%'"""

_TAKES_ONE = """
    CREATE OR REPLACE FUNCTION public.{name}(text) RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $settings$ SELECT $1 = ANY(ARRAY[{names}]::text[]) $settings$"""


def install() -> int:
    """Create or replace the triggers that differ from their declaration, as the owner of the tables; return how many.

    Triggers that are up to date are not touched, so that their tables are not locked.
    """
    if not rows("SELECT to_regclass(%s)", [f"public.{TABLE}"])[0][0]:
        return 0
    known = {name: (table, version) for name, table, version in rows(_FOUND)}
    wanted = {one.trigger: one for one in list_watched()}
    made = 0
    for name, (table, _version) in known.items():
        if name not in wanted:
            execute(f"DROP TRIGGER {name} ON {connection.ops.quote_name(table)}")
    for name, one in wanted.items():
        if known.get(name) != (one.table, one.version):
            with unit():
                _make(one, known.get(name, ("", ""))[0])
            made += 1
    return made


def install_settings() -> None:
    """Tell the database which settings one person may change, as the owner of the tables (`controls.guards`)."""
    names = ", ".join(f"'{one.name}'" for one in list_settings() if not one.dangerous)
    execute(_TAKES_ONE.format(name=TAKES_ONE, names=names))


def _make(one: Watched, before: str) -> None:
    execute(_FUNCTION.format(name=one.trigger, body=one.function))
    execute(_OURS_ONLY.format(name=one.trigger))
    if before:
        execute(f"DROP TRIGGER {one.trigger} ON {before}")
    execute(one.made)
    execute(f"COMMENT ON TRIGGER {one.trigger} ON {one.table} IS '{one.version}'")
