"""The sandbox's data: one SQLite file, one connection, one writer.

Requests that arrive together share a transaction (group commit): `begin_request` opens it when needed and sets a savepoint,
`commit` ends it, and only then are the answers sent. So every answer that a client has received is stored.
"""

import json
import secrets
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

SCHEMA = (Path(__file__).parent / "schema.sql").read_text()
"""The tables that several companies share."""
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
COLUMNS = 'SELECT name, type, "notnull" AS needed, dflt_value FROM pragma_table_info(?)'


class Store:
    """Opens the file, hands out sequence numbers, and keeps small settings."""

    def __init__(self, path: str, schemas: Iterable[str] = ()) -> None:
        self.path = path
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
        self.db.row_factory = sqlite3.Row
        self.open = False
        self._prepare("\n".join([SCHEMA, *schemas]))

    def _prepare(self, schema: str) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=5000", "cache_size=-65536", "temp_store=MEMORY"):
            self.db.execute(f"PRAGMA {pragma}")
        self._add_columns(schema)
        self.db.executescript(schema)
        if self.setting("world") is None:
            self.set_setting("world", secrets.token_hex(3))
        self._load()

    def _add_columns(self, schema: str) -> None:
        """Add the columns that a file of an earlier version lacks."""
        fresh = sqlite3.connect(":memory:")
        fresh.executescript(schema)
        for (table,) in fresh.execute(TABLES).fetchall():
            present = {row["name"] for row in self.all(COLUMNS, table)}
            for name, kind, needed, default in fresh.execute(COLUMNS, [table]).fetchall():
                if present and name not in present:
                    rest = (" NOT NULL" if needed else "") + ("" if default is None else f" DEFAULT {default}")
                    self.run(f"ALTER TABLE {table} ADD COLUMN {name} {kind}{rest}")
        fresh.close()

    def _load(self) -> None:
        self.world = str(self.setting("world"))
        self.numbered = [table for table in self._tables() if any(row["name"] == "seq" for row in self.all(COLUMNS, table))]
        self._last = {name: self.one_value(f"SELECT coalesce(max(seq), 0) FROM {name}") for name in self.numbered}  # noqa: S608 - names are ours, values are bound

    def next_seq(self, table: str) -> int:
        """The next sequence number of a table; numbers may be skipped, but always rise."""
        self._last[table] += 1
        return int(self._last[table])

    def id_of(self, prefix: str, seq: int) -> str:
        """The public id of a numbered row."""
        return f"{prefix}_{self.world}{seq:09d}"

    def seq_of(self, prefix: str, public_id: str) -> int:
        """The sequence number in a public id, -1 if the id is not of this sandbox."""
        head = f"{prefix}_{self.world}"
        digits = public_id[len(head) :]
        if not public_id.startswith(head) or not digits.isascii() or not digits.isdigit() or len(digits) > 18:
            return -1
        return int(digits)

    def begin_request(self) -> None:
        """Open the shared transaction if needed and set a savepoint."""
        if not self.open:
            self.db.execute("BEGIN IMMEDIATE")
            self.open = True
        self.db.execute("SAVEPOINT request")

    def end_request(self, keep: bool) -> None:
        """Keep or drop what this request wrote."""
        if not keep:
            self.db.execute("ROLLBACK TO request")
        self.db.execute("RELEASE request")

    def commit(self) -> None:
        """End the shared transaction."""
        if self.open:
            self.open = False
            self.db.execute("COMMIT")

    def abandon(self) -> None:
        """Give up the shared transaction after a failed commit."""
        self.open = False
        if self.db.in_transaction:
            self.db.execute("ROLLBACK")

    def run(self, sql: str, values: Iterable[Any] = ()) -> sqlite3.Cursor:
        """Run one statement."""
        return self.db.execute(sql, tuple(values))

    def one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        """The first row or None."""
        row: sqlite3.Row | None = self.db.execute(sql, values).fetchone()
        return row

    def one_value(self, sql: str, *values: Any) -> Any:
        """The first column of the first row."""
        return self.db.execute(sql, values).fetchone()[0]

    def all(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """All rows."""
        return self.db.execute(sql, values).fetchall()

    def setting(self, name: str) -> Any:
        """A remembered setting or None."""
        row = self.one("SELECT value FROM settings WHERE name = ?", name)
        return None if row is None else json.loads(row["value"])

    def set_setting(self, name: str, value: Any) -> None:
        """Remember a setting."""
        self.run("INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", (name, json.dumps(value)))

    def forget_everything(self) -> None:
        """Empty every table and take a new name, so that old ids are unknown."""
        for name in self._tables():
            if name != "settings":
                self.run(f"DELETE FROM {name}")  # noqa: S608 - names are ours, values are bound
        self.world = secrets.token_hex(3)  # The numbers continue, so that a running delivery cannot mark a new event as sent.
        self.set_setting("world", self.world)

    def _tables(self) -> list[str]:
        return [row["name"] for row in self.all(TABLES)]

    def close(self) -> None:
        """Commit and close the file."""
        self.commit()
        self.db.close()
