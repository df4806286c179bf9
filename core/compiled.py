"""Queries that are written once with the ORM and compiled once.

Django turns a query into SQL each time that it runs, which takes longer than the database needs to find a row by key. A compiled query
keeps its SQL, for hot paths, and returns the same objects:

    @compiled
    def products(market_code: str) -> QuerySet[Product]:
        return Product.objects.filter(market_id=market_code).select_related("market")

    products("US")  # a list

Arguments are used only as values in `filter`, unchanged: a UUID, a text, a date. The shape of the query must not depend on them.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import update_wrapper
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Expression, Model, QuerySet
from django.db.models.base import ModelState
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError

from core.crypto import open_row, opened_from_db, sealed_fields
from core.prepared import Statement, fetched, open_cursor, sent

Row = TypeVar("Row", bound=Model)


class Slot(Expression):
    """The place of an argument."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def as_sql(self, _compiler: Any, _connection: Any) -> tuple[str, Any]:
        """Return a placeholder, and this slot as its parameter."""
        return "%s", [self]


class _Maker:
    """Makes objects of one table, and their related objects, from the rows of a query, as the ORM does."""

    def __init__(self, info: Mapping[str, Any], select: Sequence[Any]) -> None:
        self.model: type[Model] = info["model"]
        # The ORM would call a model's own `__init__`; here objects are made without it.
        assert self.model.__init__ is Model.__init__
        assert self.model.from_db.__func__ in (Model.from_db.__func__, opened_from_db)  # type: ignore[attr-defined]
        self.is_sealed = bool(sealed_fields(self.model))
        fields = info["select_fields"]
        self.start, self.end = fields[0], fields[-1] + 1
        self.names = [column.target.attname for column, _, _ in select[self.start : self.end]]
        self.key = fields[0] + self.names.index(self.model._meta.pk.attname)
        self.related = [
            (_Maker(child, select), child["local_setter"], child["remote_setter"]) for child in info.get("related_klass_infos", [])
        ]

    def make(self, row: Sequence[Any]) -> Any:
        """Return the object in a row with its relations; None where an outer join found none."""
        if row[self.key] is None:
            return None
        made = self.model.__new__(self.model)
        state = ModelState()
        state.adding, state.db = False, DEFAULT_DB_ALIAS
        made.__dict__.update(zip(self.names, row[self.start : self.end], strict=True), _state=state)
        if self.is_sealed:
            open_row(made)
        for maker, set_here, set_there in self.related:
            other = maker.make(row)
            set_here(made, other)
            if other is not None:
                set_there(other, made)
        return made


class _Form(Generic[Row]):
    """A compiled query: its SQL, its parameters, and how a row becomes objects."""

    def __init__(self, queryset: QuerySet[Row]) -> None:
        compiler: SQLCompiler = queryset.query.get_compiler(connection=connection)
        self.sql, places = compiler.as_sql()
        self.places: list[Any] = list(places)
        self.locks = bool(queryset.query.select_for_update)
        select = compiler.select or []
        self.maker = _Maker(compiler.klass_info or {}, select)
        self.annotated = list(compiler.annotation_col_map.items())
        found = compiler.get_converters([column for column, _, _ in select])
        self.converters = [(place, converter, column) for place, (converters, column) in found.items() for converter in converters]

    def objects(self, rows: Sequence[tuple[Any, ...]]) -> Iterator[Row]:
        """Yield the objects that the ORM would make from rows."""
        for row in rows:
            values = list(row)
            for place, convert, column in self.converters:
                values[place] = convert(values[place], column, connection)
            made = self.maker.make(values)
            for name, place in self.annotated:
                made.__dict__[name] = values[place]
            yield made


class Compiled(Generic[Row]):
    """A compiled query, called with its arguments."""

    def __init__(self, make: Callable[..., QuerySet[Row]]) -> None:
        update_wrapper(self, make)
        self._make = make
        self._form: _Form[Row] | None = None

    def queryset(self, *values: Any) -> QuerySet[Row]:
        """Return the plain ORM query for these arguments, which finds the same rows."""
        return self._make(*values)

    def __call__(self, *values: Any) -> list[Row]:
        """Run the query and return its objects; TransactionManagementError for a locking query outside a transaction."""
        form = self._form
        if form is None:
            count = len(inspect.signature(self._make).parameters)
            form = self._form = _Form(self._make(*(Slot(number) for number in range(count))))
        database = connections[DEFAULT_DB_ALIAS]
        if form.locks and not database.in_atomic_block:
            raise TransactionManagementError("a query that locks runs inside a transaction")
        given = [values[place.number] if isinstance(place, Slot) else place for place in form.places]
        with open_cursor() as cursor:
            return list(form.objects(self._rows(cursor, form, given)))

    def _rows(self, cursor: Any, form: _Form[Row], given: Sequence[Any]) -> list[tuple[Any, ...]]:
        cursor.execute(form.sql, sent(given))
        return fetched(cursor)

    def first(self, *values: Any) -> Row | None:
        """Run the query and return its first object, or None."""
        found = self(*values)
        return found[0] if found else None


class Prepared(Compiled[Row]):
    """A compiled query that each session with the database prepares once (`core.prepared`)."""

    def __init__(self, make: Callable[..., QuerySet[Row]]) -> None:
        super().__init__(make)
        self._name = f"{make.__module__}_{make.__name__}".replace(".", "_")
        self._statement: Statement | None = None

    def _rows(self, cursor: Any, form: _Form[Row], given: Sequence[Any]) -> list[tuple[Any, ...]]:
        if self._statement is None:
            self._statement = Statement(self._name, form.sql)
        return self._statement.run(cursor, given)


def prepared(make: Callable[..., QuerySet[Row]]) -> Prepared[Row]:
    """Decorate a function that returns a query as `compiled` does, and let the database plan it once a session."""
    return Prepared(make)


def compiled(make: Callable[..., QuerySet[Row]]) -> Compiled[Row]:
    """Decorate a function that returns a query: compile the query at the first call, and keep it; for queries by key on hot paths."""
    return Compiled(make)
