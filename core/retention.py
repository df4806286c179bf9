"""What grows by itself has an end: each app says how long its rows of traffic are kept, and one timer forgets what is older.

A table whose rows are evidence is guarded by the database itself (`core.evidence`). Of it a function forgets that belongs to the owner of
the tables: it knows by itself what is too young or not done yet, whatever it is asked for, and the application has no other way.
"""

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Model
from django.utils.module_loading import import_string

from core.clock import wall
from core.db import execute, rows, unit

log = logging.getLogger("bnpl.retention")
BATCH = 2_000
BUDGET_S = 5.0
"""So long a timer forgets at most; what is left it forgets at its next call."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long the rows of a table are kept: so many days after its column `age`, and never less than `floor` days, which `why` explains.

    `setting` names the variable with the days; several tables may share one. `done` is SQL over the row `r`: what is still to
    be done is kept. `by_wall` says that the column is real time, which nobody moves. `function` is the owner's function that forgets of a
    guarded table, `fn(before, most)`; it has the floor and `done` in it.
    """

    model: type[Model]
    age: str
    setting: str
    floor: int
    why: str
    done: str = ""
    by_wall: bool = False
    function: str = ""

    @property
    def table(self) -> str:
        """The table's name."""
        return self.model._meta.db_table

    @property
    def days(self) -> int:
        """How many days its rows are kept in this installation."""
        return max(self.floor, settings.KEEP_DAYS[self.setting])

    @property
    def before(self) -> str:
        """What is older than this may go, in SQL over the moments `at` and `wall`."""
        limit = f"%({'wall' if self.by_wall else 'at'})s::timestamptz - interval '{self.days} days'"
        return f"least({limit}, now() - interval '{self.floor} days')" if self.function else limit

    @property
    def old(self) -> str:
        """The condition of a row `r` that may go, in SQL."""
        return f"r.{self.age} < {self.before}" + (f" AND {self.done}" if self.done else "")


def any_old(retentions: Iterable[Retention]) -> str:
    """Return the SQL that says whether any row may go: the condition of the timer."""
    return "(" + " OR ".join(f"EXISTS (SELECT 1 FROM {one.table} r WHERE {one.old})" for one in retentions) + ")"  # noqa: S608  (ours)


def list_retentions() -> Sequence[Retention]:
    """Return how long the rows of each table of traffic are kept; a table comes behind those that point to it."""
    retentions: Sequence[Retention] = import_string(settings.RETENTIONS)
    return retentions


# Rows that somebody is at are passed over, so that nobody waits for this and this waits for nobody.
_FORGET = """
    WITH old AS MATERIALIZED (
        SELECT r.{key} AS key FROM {table} r WHERE {old} ORDER BY r.{age} LIMIT %(most)s FOR UPDATE SKIP LOCKED)
    DELETE FROM {table} r USING old WHERE r.{key} = old.key"""
_FORGET_GUARDED = "SELECT public.{function}({before}, %(most)s)"
_COUNT = """
    INSERT INTO core_tableday AS d (name, day, forgotten, forgotten_at) VALUES (%s, %s, %s, %s)
    ON CONFLICT (name, day) DO UPDATE SET forgotten = d.forgotten + EXCLUDED.forgotten, forgotten_at = EXCLUDED.forgotten_at"""


def forget_batch(one: Retention, *, at: datetime, most: int = BATCH) -> int:
    """Forget up to so many of the oldest rows that may go, in a transaction of its own, and count them; return how many."""
    now = wall()
    params = {"at": at, "wall": now, "most": most}
    with unit():
        if one.function:
            gone = int(rows(_FORGET_GUARDED.format(function=one.function, before=one.before), params)[0][0])
        else:
            key = one.model._meta.pk.column
            gone = execute(_FORGET.format(table=one.table, key=key, old=one.old, age=one.age), params)
        if gone:
            execute(_COUNT, [one.table, now.date(), gone, now])
    return gone


def forget_old(*, at: datetime) -> int:
    """Forget rows of traffic that are older than they are kept, in small batches, table by table in turn; a timer. Return how many."""
    whole, stop = 0, time.monotonic() + BUDGET_S
    much = True
    while much:
        much = False
        # All of them again: what went from one table may have kept rows of another.
        for one in list_retentions():
            if time.monotonic() >= stop:
                return whole
            gone = _forget_some(one, at)
            whole, much = whole + gone, much or gone >= BATCH
    return whole


def _forget_some(one: Retention, at: datetime) -> int:
    """Forget a batch; a table of which nothing can be forgotten keeps no other from it."""
    try:
        return forget_batch(one, at=at)
    except DatabaseError:
        log.exception("nothing was forgotten of %s", one.table)
        return 0
