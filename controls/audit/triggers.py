"""The triggers that write the audit log, and their content for each table. `migrate` installs them.

Each is declared as data (`bnpl.audited`): the table, a condition on its rows, and SQL for the act, actor, objects and facts. A function of
the tables' owner writes the log's rows in the transaction of the act; the application itself may not write them.
"""

from dataclasses import dataclass
from hashlib import sha256

from django.conf import settings
from django.utils.module_loading import import_string

TABLE = "controls_auditrow"
WHO = "coalesce(nullif({}, ''), nullif(current_setting('bnpl.actor', true), ''), 'role:' || session_user)"
"""SQL for who acted: the row's own word, else the transaction's, else the role of the session."""


@dataclass(frozen=True, slots=True)
class Watched:
    """How to log a new row of a table, or a change of a row (`changes`); all values except `table` and `name` are SQL.

    `NEW` is the row, `OLD` the row before the change; `when` selects the rows to log. `act` is a text, `about` an array of texts, `facts` a
    JSON object without personal data. If one statement writes many rows (`many`), `n` is the row. Where `actor` is empty, it is the actor
    of the transaction (`core.actor_rows`); where the program told none, as in a console, the role of the database.
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
        values = f"{self.at}, {WHO.format(self.actor)}, {self.source}, {self.act}, array_remove({self.about}, NULL), {self.facts}"
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
        """A hash that identifies this version of the declaration."""
        return sha256(f"{self.function} {self.made}".encode()).hexdigest()[:32]


def list_watched() -> list[Watched]:
    """Return the declarations of this installation."""
    found: list[Watched] = import_string(settings.AUDITED)
    return found
