"""Tables as they are kept for a training, in compressed and encrypted parts; and what a first look shows of them."""

import base64
import hashlib
import io
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from learning.errors import BadTable
from learning.models import TablePart, Training
from learning.tables import PART, Source, Table, Words, is_dates, read_table, strange_words

LOOKED_AT, LEAST_LOOKED_AT = 4_000_000, 20_000
"""The cells that are read while a person waits, and so many rows at least; a larger table is checked whole when its training begins."""
MOST_COLUMNS = 400
"""A form has no more fields than this, and each column is one."""
FEW_WORDS, LONGEST_WORD = 12, 60
"""A column with more words than this, or longer ones, does not show them: they may name people."""
LONGEST_NAME = 200


class StoredTable:
    """The table of a training as a source that `read_table` reads."""

    def __init__(self, training: Training) -> None:
        self.training, self.name, self.size = training, training.file or "table", training.size

    def digest(self) -> str:
        """Return the SHA-256 of the file as it was uploaded."""
        return self.training.sha256

    def check(self) -> None:
        """Raise BadTable if the parts are not the table that was put there."""
        with self.open() as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != self.training.sha256:
                raise BadTable("swapped", "the stored table is not the one that was put there: upload it again")

    def open(self) -> io.BufferedReader:
        """Return a stream over the parts."""
        return io.BufferedReader(_Parts(self.training), PART)


class _Parts(io.RawIOBase):
    """A stream that decrypts one part after the other."""

    def __init__(self, training: Training) -> None:
        self.training, self.next, self.seen, self.rest = training, 0, 0, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self.rest:
            self.rest = memoryview(self._part())
        some = self.rest[: len(buffer)]
        buffer[: len(some)] = some
        self.rest = self.rest[len(some) :]
        self.seen += len(some)
        return len(some)

    def _part(self) -> bytes:
        part = TablePart.objects.filter(training=self.training, number=self.next).first()
        if part is None:
            if self.seen != self.training.size:
                raise BadTable("gone", "the table was deleted: upload it again")
            return b""
        self.next += 1
        return zlib.decompress(base64.b64decode(part.content))


def write_parts(training: Training, chunks: Iterable[bytes], *, most: int, at: datetime) -> None:
    """Write a table as parts of a training, and note its size and SHA-256; BadTable beyond `most` bytes."""
    whole, size = hashlib.sha256(), 0
    for number, part in enumerate(_parts_of(chunks)):
        size += len(part)
        if size > most:
            raise BadTable("too_big", f"the file is larger than {most:,} bytes", bytes=most)
        whole.update(part)
        content = base64.b64encode(zlib.compress(part, 1)).decode()
        TablePart(training=training, number=number, content=content, added_at=at).save(force_insert=True)
    training.size, training.sha256 = size, whole.hexdigest()


def _parts_of(chunks: Iterable[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) >= PART:
            yield bytes(held[:PART])
            del held[:PART]
    if held:
        yield bytes(held)


@dataclass(frozen=True)
class Look:
    """The first rows of a table, and whether these are all."""

    table: Table
    is_whole: bool


def look_at(source: Source) -> Look:
    """Read the first rows of a table; BadTable if it is none, or has too many columns to be shown."""
    columns = len(read_table(source, most=1).columns)
    most = max(LOOKED_AT // columns, LEAST_LOOKED_AT)
    table = read_table(source, most=most + 1)
    if len(table.columns) > MOST_COLUMNS:
        told = f"the table has {len(table.columns)} columns, {MOST_COLUMNS} are the most"
        raise BadTable("many_columns", told, number=len(table.columns), most=MOST_COLUMNS)
    if longest := [name for name in table.columns if len(name) > LONGEST_NAME]:
        raise BadTable("long_name", f"the name of a column is longer than {LONGEST_NAME} characters", columns=[longest[0][:40]])
    return Look(table, table.rows <= most)


def columns_of(table: Table) -> list[dict[str, Any]]:
    """Return what a page shows of the columns: name, kind, and their words if they are few and short.

    The kind is number, word or date; `comma` or `mixed` for words that seem meant as numbers (`strange_words`), with some of them.
    """
    found = []
    for name, column in table.columns.items():
        levels = column.levels if isinstance(column, Words) else []
        is_few = 0 < len(levels) <= FEW_WORDS and all(len(word) <= LONGEST_WORD for word in levels)
        kind, words = "date" if is_dates(column) else "word" if levels else "number", sorted(levels) if is_few else []
        why, strange = strange_words(column) if isinstance(column, Words) and kind == "word" else ("", [])
        found.append({"name": name, "kind": why or kind, "words": [word[:LONGEST_WORD] for word in strange] if why else words})
    return found
