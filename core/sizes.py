"""How large the tables are, how fast they grow, and how old their oldest rows are, for database administrators."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.apps import apps
from django.db.models import BigAutoField, DateField, Model, UUIDField

from core.clock import wall
from core.db import execute, rows
from core.retention import Retention, list_retentions

GROWTH_DAYS = 7
BY_REAL_TIME = "false"
"""The database grows in real time: moving a sandbox's clock gives this timer nothing to do."""

_TABLES = """
    SELECT c.relname::text AS name, coalesce(nullif(s.n_live_tup, 0), greatest(c.reltuples, 0))::bigint AS rows,
        pg_table_size(c.oid) AS table_bytes, pg_indexes_size(c.oid) AS index_bytes
    FROM pg_class c LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"""
_NOTE = f"""
    INSERT INTO core_tableday AS d (name, day, rows, table_bytes, index_bytes, forgotten)
    SELECT t.name, %s, t.rows, t.table_bytes, t.index_bytes, 0 FROM ({_TABLES}) t
    ON CONFLICT (name, day) DO UPDATE
        SET rows = EXCLUDED.rows, table_bytes = EXCLUDED.table_bytes, index_bytes = EXCLUDED.index_bytes WHERE d.rows IS NULL"""  # noqa: S608  (ours)


def note_sizes(*, at: datetime) -> int:
    """Record once a day (UTC, real time) the size of each table; a timer. Return how many tables."""
    return execute(_NOTE, [wall().date()])


@dataclass(frozen=True, slots=True)
class Size:
    """A table: rows (estimated), bytes, growth a day over the last week (None without an earlier measurement), oldest row, deletions."""

    name: str
    rows: int
    table_bytes: int
    index_bytes: int
    rows_a_day: int | None
    bytes_a_day: int | None
    oldest: datetime | None
    retention: Retention | None
    forgotten: int
    """How many rows were deleted on the last day with deletions."""
    forgotten_at: datetime | None

    @property
    def bytes(self) -> int:
        """The bytes of the table with its indexes."""
        return self.table_bytes + self.index_bytes


_BEFORE = """
    SELECT DISTINCT ON (name) name, day, rows, table_bytes + index_bytes FROM core_tableday
    WHERE day BETWEEN %s AND %s AND rows IS NOT NULL ORDER BY name, day"""
_FORGOTTEN = "SELECT DISTINCT ON (name) name, forgotten, forgotten_at FROM core_tableday WHERE forgotten > 0 ORDER BY name, day DESC"


@dataclass(frozen=True, slots=True)
class Deleted:
    """How many rows of a table were deleted by their age on a day (UTC, real time), and the retention that asks for it."""

    day: date
    name: str
    rows: int
    retention: Retention | None


_DELETED = "SELECT day, name, forgotten FROM core_tableday WHERE forgotten > 0 AND day > %s ORDER BY day DESC, forgotten DESC, name"


def list_deleted(days: int) -> list[Deleted]:
    """Return what was deleted by age on each of the last days, the newest first; one query."""
    retentions = {one.table: one for one in list_retentions()}
    found = rows(_DELETED, [wall().date() - timedelta(days=days)])
    return [Deleted(day, name, count, retentions.get(name)) for day, name, count in found]


def list_sizes() -> list[Size]:
    """Return every table of the database, the largest first; four queries for any number of tables."""
    today = wall().date()
    before = {name: row for name, *row in rows(_BEFORE, [today - timedelta(days=GROWTH_DAYS), today - timedelta(days=1)])}
    forgotten = {name: (count, last) for name, count, last in rows(_FORGOTTEN)}
    oldest = dict(rows(" UNION ALL ".join(_oldest())))
    retentions = {one.table: one for one in list_retentions()}
    return [
        Size(
            name,
            count,
            table_bytes,
            index_bytes,
            *_a_day(before.get(name), today, count, table_bytes + index_bytes),
            oldest.get(name),
            retentions.get(name),
            *forgotten.get(name, (0, None)),
        )
        for name, count, table_bytes, index_bytes in rows(f"{_TABLES} ORDER BY pg_total_relation_size(c.oid) DESC, 1")
    ]


def _a_day(before: list[int] | None, today: date, count: int, whole: int) -> tuple[int | None, int | None]:
    """Return a table's average growth a day, in rows and bytes, since the earlier measurement."""
    if before is None:
        return None, None
    day, rows_then, bytes_then = before
    days = (today - day).days  # type: ignore[operator]
    return round((count - rows_then) / days), round((whole - bytes_then) / days)


_FIRST = "SELECT r.{age} FROM {table} r WHERE r.{age} IS NOT NULL ORDER BY r.{key} LIMIT 1"
_LEAST = "SELECT min(r.{age}) FROM {table} r"


def _oldest() -> Iterator[str]:
    """Yield for each table the query for its oldest row: by the key if keys follow time, otherwise by an index on the age."""
    retentions = {one.model: one.age for one in list_retentions()}
    for model in apps.get_models(include_auto_created=True):
        age, key = retentions.get(model) or _moment(model), model._meta.pk
        by_time = isinstance(key, BigAutoField | UUIDField) and getattr(model, "MADE_IN_ORDER", True)
        if age and (by_time or model in retentions):
            first = (_FIRST if by_time else _LEAST).format(age=age, table=model._meta.db_table, key=key.column)
            yield f"SELECT '{model._meta.db_table}', ({first})::timestamptz"


def _moment(model: type[Model]) -> str:
    """Return the column with a row's time of creation: the first date-time column that is never null; empty where there is none."""
    return next((str(field.column) for field in model._meta.concrete_fields if isinstance(field, DateField) and not field.null), "")
