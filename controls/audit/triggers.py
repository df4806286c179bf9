"""The triggers that write the audit log: what is written of a table's rows, and how `migrate` installs it.

Each is declared as data (`bnpl.audited`): which rows of which table, and SQL for the act, the actor, the objects and the facts. The rows
are written in the transaction of the act, by a function that belongs to the owner of the tables; the application may not write them itself.
"""

from dataclasses import dataclass
from hashlib import sha256

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from core.db import execute, rows, unit

TABLE = "controls_auditrow"


@dataclass(frozen=True, slots=True)
class Watched:
    """What the log says of a new row of a table, or of a change of one (`changes`); all values but `table` and `name` are SQL.

    `NEW` is the row, `OLD` the one before the change, and `when` says which of them are told. `act` is a text, `about` an array of texts,
    `facts` a JSON object without personal data. Where many rows are written at once (`many`), `n` is the row.
    """

    table: str
    act: str
    actor: str
    about: str
    at: str = "now()"
    facts: str = "'{}'::jsonb"
    source: str = "coalesce(current_setting('bnpl.source', true), '')"
    when: str = ""
    name: str = ""
    changes: bool = False
    many: bool = False

    @property
    def trigger(self) -> str:
        """The name of the trigger and of its function."""
        return f"audit_{self.name or self.table}"

    @property
    def function(self) -> str:
        """The body of the function."""
        values = f"{self.at}, {self.actor}, {self.source}, {self.act}, array_remove({self.about}, NULL), {self.facts}"
        whence = " FROM fresh n" if self.many else ""
        return f"BEGIN INSERT INTO {TABLE} (at, actor, source, act, about, facts) SELECT {values}{whence}; RETURN NULL; END"

    @property
    def made(self) -> str:
        """The statement that makes the trigger."""
        if self.many:
            each = "REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT"
        else:
            each = "FOR EACH ROW" + (f" WHEN ({self.when})" if self.when else "")
        moment = "UPDATE" if self.changes else "INSERT"
        return f"CREATE TRIGGER {self.trigger} AFTER {moment} ON {self.table} {each} EXECUTE FUNCTION public.{self.trigger}()"

    @property
    def version(self) -> str:
        """What tells this declaration from an earlier one."""
        return sha256(f"{self.function} {self.made}".encode()).hexdigest()[:32]


_FUNCTION = """
    CREATE OR REPLACE FUNCTION public.{name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $audit$ {body} $audit$"""
# Who makes a temporary table may hang triggers on it: without the right to the function, not this one.
_OURS_ONLY = "REVOKE ALL ON FUNCTION public.{name}() FROM PUBLIC"
_FOUND = r"""
    SELECT t.tgname, t.tgrelid::regclass::text, coalesce(obj_description(t.oid, 'pg_trigger'), '') FROM pg_catalog.pg_trigger t
    WHERE NOT t.tgisinternal AND t.tgname LIKE 'audit\_%%'"""


def list_watched() -> list[Watched]:
    """Return what the installation watches."""
    found: list[Watched] = import_string(settings.AUDITED)
    return found


def install() -> int:
    """Bring the triggers up to what is declared, as the owner of the tables; return how many were made anew.

    Triggers that are up to date are left alone, so that nobody waits for a lock of their table.
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


def _make(one: Watched, before: str) -> None:
    execute(_FUNCTION.format(name=one.trigger, body=one.function))
    execute(_OURS_ONLY.format(name=one.trigger))
    if before:
        execute(f"DROP TRIGGER {one.trigger} ON {before}")
    execute(one.made)
    execute(f"COMMENT ON TRIGGER {one.trigger} ON {one.table} IS '{one.version}'")
