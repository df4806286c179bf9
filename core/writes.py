"""Combined writes: the writes of several services in one unit of work become one SQL statement.

A service writes with `insert`, `update` and `change`. Outside `together` each runs at once, through the ORM or as its own statement. Inside
`together` they are collected, and sent as the parts of one statement, each app's part written by that app. That saves a round trip to the
database, and the ORM's work, for each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from hashlib import md5
from json import dumps
from operator import attrgetter
from typing import Any, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import AutoField, Field, JSONField, Model
from django.db.models.base import ModelState

from core.db import execute, rows
from core.prepared import WRITE, Statement

Then = Callable[[int], None]
Row = TypeVar("Row", bound=Model)


class _Waiting:
    """The collected parts, the callbacks that get a part's row count, and the functions to call afterwards."""

    def __init__(self, *, prepared: bool) -> None:
        self.prepared = prepared
        self.parts: list[str] = []
        self.params: list[Any] = []
        self.told: list[tuple[int, Then]] = []
        self.after: list[Callable[[], None]] = []

    def add(self, sql: str, params: Sequence[Any], then: Then | None = None) -> None:
        if then is not None:
            self.told.append((len(self.parts), then))
        self.parts.append(sql)
        self.params += params

    def send(self) -> None:
        if self.parts:
            counts = self._send_parts()
            for number, then in self.told:
                then(counts[number])
        for act in self.after:
            act()

    def _send_parts(self) -> list[int]:
        """Send the parts and return how many rows each affected; the statement counts them in turn, so that they run in order."""
        numbers = range(len(self.parts))
        parts = ", ".join([f"w{number} AS ({self.parts[number]} RETURNING 1)" for number in numbers])
        counts = ", ".join([f"(SELECT count(*) FROM w{number})" for number in numbers])  # noqa: S608  (a number)
        sql = f"WITH {parts} SELECT ARRAY[{counts}]"
        found = _statement(sql).rows(*self.params) if self.prepared else rows(sql, self.params)
        return found[0][0]  # type: ignore[no-any-return]


@cache
def _statement(sql: str) -> Statement:
    """Return a combination of parts as a statement to prepare; there are few of them, since a service always writes the same."""
    return Statement(f"{WRITE}{md5(sql.encode(), usedforsecurity=False).hexdigest()[:12]}", sql)


_now_waiting: ContextVar[_Waiting | None] = ContextVar("waiting", default=None)


@contextmanager
def together(*, prepared: bool = False) -> Iterator[None]:
    """Collect the writes of the block and send them as one statement at its end; an error in the block sends nothing.

    With `prepared`, each session with the database prepares the statement once (`core.prepared`): for blocks that run often and write few
    combinations of rows. Inside another `together`, that one decides.

    All parts see the database as it was before the first of them. So code in the block may not read what the block wrote, no two parts may
    touch the same row, and a key that the database generates is not read back.
    """
    if _now_waiting.get() is not None:
        yield
        return
    waiting = _Waiting(prepared=prepared)
    token = _now_waiting.set(waiting)
    try:
        yield
    finally:
        _now_waiting.reset(token)
    waiting.send()


def fresh_row(model: type[Row], **values: Any) -> Row:
    """Return a new row to be inserted, as the model itself would, in a third of its time: for hot paths."""
    made = model.__new__(model)
    made.__dict__.update(_state=ModelState(), **{name: default() for name, default in _defaults(model) if name not in values})
    for name, value in values.items():
        setattr(made, name, value)
    return made


@cache
def _defaults(model: type[Model]) -> list[tuple[str, Callable[[], Any]]]:
    """Return the names of a model's values, with the functions that make them. The model has no `__init__` of its own."""
    assert model.__init__ is Model.__init__
    return [(field.attname, field.get_default) for field in model._meta.concrete_fields]


def insert(row: Model) -> None:
    """Insert a new row."""
    waiting = _now_waiting.get()
    if waiting is None:
        row.save(force_insert=True)
        return
    sql, plain, texts, others = _insertion(type(row))
    database = connections[DEFAULT_DB_ALIAS]
    values = [str(value) if isinstance(value, UUID) else value for value in plain(row)]
    values += [None if value is None else dumps(value) for value in [getattr(row, name) for name in texts]]
    waiting.add(sql, [*values, *[field.get_db_prep_save(field.pre_save(row, add=True), database) for field in others]])
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS  # noqa: SLF001  (the documented state of an instance)


@cache
def _insertion(model: type[Model]) -> tuple[str, Callable[[Model], tuple[Any, ...]], list[str], list[Field[Any, Any]]]:
    """Return how a model's rows are inserted.

    That is: the statement, a getter of the values that need no conversion, the names of those written as JSON, and the other fields.
    Keys and JSON go as text, which the driver quotes many times faster than its own types for them.
    """
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, AutoField)]
    plain = [field for field in fields if _is_plain(field)]
    texts = [field for field in fields if type(field) is JSONField and field.encoder is None]
    others = [field for field in fields if field not in plain and field not in texts]
    columns = ", ".join(f'"{field.column}"' for field in [*plain, *texts, *others])
    places = ", ".join(["%s"] * len(fields))
    sql = f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({places})'  # noqa: S608  (names of our own)
    return sql, attrgetter(*[field.attname for field in plain]), [field.attname for field in texts], others


def _is_plain(field: Field[Any, Any]) -> bool:
    """Return whether a field's value goes to the driver unchanged: its database form is the same, and `auto_now` does not set it."""
    own = type(field).__module__
    automatic = getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    return own.startswith(("django.db.models.fields", "django_fsm")) and not isinstance(field, JSONField) and not automatic


def update(row: Model, *names: str) -> None:
    """Write these fields of a row that the caller has locked."""
    waiting = _now_waiting.get()
    if waiting is None:
        row.save(update_fields=names)
        return
    sql, fields = _updating(type(row), names)
    database = connections[DEFAULT_DB_ALIAS]
    waiting.add(sql, [*[field.get_db_prep_save(field.pre_save(row, add=False), database) for field in fields], row.pk])


@cache
def _updating(model: type[Model], names: tuple[str, ...]) -> tuple[str, list[Field[Any, Any]]]:
    fields: list[Field[Any, Any]] = [model._meta.get_field(name) for name in names]  # type: ignore[misc]
    pairs = ", ".join(f'"{field.column}" = %s' for field in fields)
    sql = f'UPDATE "{model._meta.db_table}" SET {pairs} WHERE "{model._meta.pk.column}" = %s'  # noqa: S608  (names of our own)
    return sql, fields


def change(sql: str, params: Sequence[Any] = (), then: Then | None = None) -> None:
    """Run one writing statement without its own RETURNING; `then` is called with the number of affected rows."""
    waiting = _now_waiting.get()
    if waiting is not None:
        waiting.add(sql, params, then)
        return
    count = execute(sql, params)
    if then is not None:
        then(count)


def afterwards(act: Callable[[], None]) -> None:
    """Call a function that reads what was written: now, or once the collected writes are sent."""
    waiting = _now_waiting.get()
    if waiting is None:
        act()
    else:
        waiting.after.append(act)
