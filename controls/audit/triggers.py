"""The triggers that write the audit log, and what they write about the rows of each table. `migrate` installs them.

Each is declared as data (`bnpl.audited`): which rows of which table, and SQL for the act, the actor, the objects and the facts. The rows
are written in the transaction of the act, by a function that belongs to the owner of the tables; the application may not write them itself.
"""

from dataclasses import dataclass
from hashlib import sha256

from django.conf import settings
from django.utils.module_loading import import_string

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


def list_watched() -> list[Watched]:
    """Return what the installation watches."""
    found: list[Watched] = import_string(settings.AUDITED)
    return found
