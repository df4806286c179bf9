"""Retention: each app says how long the rows of its traffic tables are kept, and one timer deletes older ones.

The database refuses to delete from tables that are evidence (`core.evidence`). A function of the tables' owner deletes their old rows after
checking itself that each is old enough and done; the application cannot delete them in any other way.
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

from core.adjusting import find_by_variable, value_of
from core.clock import wall
from core.db import execute, rows, unit

log = logging.getLogger("bnpl.retention")
BATCH = 2_000
BUDGET_S = 5.0
"""The longest that one call of the timer deletes, in seconds; the next call continues."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long the rows of a table are kept: a number of days after the column `age`, at least `floor` days, for the reason in `why`.

    `setting` names the variable with the days; several tables may share one. `done` is SQL over the row `r`: a row is kept until it holds.
    `by_wall` says that the column is real time, which nobody moves. `function` is the owner's function that deletes from an evidence table,
    `fn(before, most)`; it checks the floor and `done` itself.
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
        setting = find_by_variable(self.setting)
        return max(self.floor, value_of(setting) if setting else settings.KEEP_DAYS[self.setting])

    @property
    def before(self) -> str:
        """The moment before which rows may be deleted, in SQL with the parameters `at` and `wall`."""
        limit = f"%({'wall' if self.by_wall else 'at'})s::timestamptz - interval '{self.days} days'"
        return f"least({limit}, now() - interval '{self.floor} days')" if self.function else limit

    @property
    def old(self) -> str:
        """The SQL condition that a row `r` may be deleted."""
        return f"r.{self.age} < {self.before}" + (f" AND {self.done}" if self.done else "")


def any_old(retentions: Iterable[Retention]) -> str:
    """Return the SQL condition that some row may be deleted, which is the timer's condition."""
    return "(" + " OR ".join(f"EXISTS (SELECT 1 FROM {one.table} r WHERE {one.old})" for one in retentions) + ")"  # noqa: S608  (ours)


def list_retentions() -> Sequence[Retention]:
    """Return the retention of each traffic table; a table comes after the tables that refer to it."""
    retentions: Sequence[Retention] = import_string(settings.RETENTIONS)
    return retentions


# Locked rows are skipped, so that no transaction waits for another here.
_FORGET = """
    WITH old AS MATERIALIZED (
        SELECT r.{key} AS key FROM {table} r WHERE {old} ORDER BY r.{age} LIMIT %(most)s FOR UPDATE SKIP LOCKED)
    DELETE FROM {table} r USING old WHERE r.{key} = old.key"""
_FORGET_GUARDED = "SELECT public.{function}({before}, %(most)s)"
_COUNT = """
    INSERT INTO core_tableday AS d (name, day, forgotten, forgotten_at) VALUES (%s, %s, %s, %s)
    ON CONFLICT (name, day) DO UPDATE SET forgotten = d.forgotten + EXCLUDED.forgotten, forgotten_at = EXCLUDED.forgotten_at"""


def forget_batch(one: Retention, *, at: datetime, most: int = BATCH) -> int:
    """Delete up to `most` of the oldest rows that may be deleted, in one transaction, and record the count; return it."""
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
    """Delete traffic rows that are past their retention, in small batches, one table after the other; a timer. Return how many."""
    whole, stop = 0, time.monotonic() + BUDGET_S
    much = True
    while much:
        much = False
        # All tables once more: the deleted rows may have held back rows of other tables.
        for one in list_retentions():
            if time.monotonic() >= stop:
                return whole
            gone = _forget_some(one, at)
            whole, much = whole + gone, much or gone >= BATCH
    return whole


def _forget_some(one: Retention, at: datetime) -> int:
    """Delete a batch; an error in one table does not stop the others."""
    try:
        return forget_batch(one, at=at)
    except DatabaseError:
        log.exception("nothing was forgotten of %s", one.table)
        return 0
