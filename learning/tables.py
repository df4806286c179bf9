"""Reads labelled tables from CSV files, plain or gzipped; a column's values decide whether it is numeric or a category."""

import csv
import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from learning.errors import BadTable

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]

MOST_BYTES = 4 << 30
"""The largest uncompressed size of a file, in bytes."""
MOST_RATIO, RATIO_FROM = 150, 64 << 20
"""Beyond `RATIO_FROM` bytes, a file that expands to more than this many times its size is refused as a zip bomb."""
READ_AHEAD = 256 << 10
"""So many packed bytes at most are read before they are unpacked."""
PART = 1 << 20
"""The bytes that are measured at once."""
CHUNK = 20_000
MOST_HEADS = 1_000
"""The most columns of a table."""
LONGEST_NUMBER = 64
"""The longest text of a number, in characters: cells are read into arrays as wide as the longest."""
LONGEST_LINE = 4 << 20
"""The longest line of a file, in characters: a file without line ends is not read into memory whole."""
FEW_LEVELS, MOST_STRANGE = 30, 0.1
"""A column of at least so many words, of which at most this share are no numbers, was meant to be one of numbers."""
UNKNOWN = {"", "na", "n/a", "nan", "null", "none", "-", "?", "."}
"""Texts that mean unknown in a column of numbers; in a column of words only an empty cell does."""
DATE = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?|\d{1,2}[./]\d{1,2}[./]\d{4}"
    r"|\d{1,2}\.? [^\W\d]{3,9}\.? \d{4}"
)
NUMBER, COMMA_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?"), re.compile(r"[-+]?\d{1,12},\d+")
SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1", b"%PDF")
"""How zip archives and new spreadsheets, old spreadsheets, Parquet files and PDFs begin."""


@dataclass(frozen=True)
class Words:
    """A column of categories: the index of each row's word in `levels`, -1 for an empty cell."""

    codes: Codes
    levels: list[str]

    def rows(self, mask: NDArray[Any]) -> "Words":
        """Return the column for some rows."""
        return Words(self.codes[mask], self.levels)


Column = Floats | Words


@dataclass(frozen=True)
class Table:
    """Columns by name, the number of rows, and the SHA-256 of the file."""

    columns: dict[str, Column]
    rows: int
    digest: str = ""
    notes: list[str] = field(default_factory=list)


def rows_of(column: Column, mask: NDArray[Any]) -> Column:
    """Return a column for some rows."""
    return column.rows(mask) if isinstance(column, Words) else column[mask]


class Source(Protocol):
    """What a table is read from, several times: its name, its size in bytes, and the SHA-256 of its bytes."""

    name: str

    @property
    def size(self) -> int:
        """The size in bytes."""
        ...

    def digest(self) -> str:
        """Return the SHA-256 of the bytes."""
        ...

    def open(self) -> io.BufferedReader:
        """Return a new stream of the bytes, from the first one on."""
        ...


class FileSource:
    """A file of the disk as the source of a table."""

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name

    @property
    def size(self) -> int:
        """The size of the file in bytes."""
        return self.path.stat().st_size

    def digest(self) -> str:
        """Return the SHA-256 of the file."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def open(self) -> io.BufferedReader:
        """Open the file."""
        return self.path.open("rb")


class _Counted(io.RawIOBase):
    """A stream that counts and limits the bytes read; `fed` counts the packed bytes from which they come."""

    def __init__(self, inner: IO[bytes] | gzip.GzipFile, packed: int, fed: "_Fed | None" = None) -> None:
        self.inner, self.packed, self.fed, self.seen, self.part = inner, packed, fed, 0, (0, 0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.inner.read(len(buffer))
        self.seen += len(data)
        if self.seen > MOST_BYTES or (self.seen > RATIO_FROM and self.seen > MOST_RATIO * self.packed) or self._swells():
            told = f"the file unpacks to more than {self.seen:,} bytes from {self.packed:,}: refused as a gzip bomb"
            raise BadTable("too_large", told, bytes=self.seen, packed=self.packed)
        if b"\0" in data:
            raise BadTable("not_csv", "the file holds NUL bytes: it is binary, or text in UTF-16, and no CSV file in UTF-8")
        buffer[: len(data)] = data
        return len(data)

    def _swells(self) -> bool:
        """Return whether the last `RATIO_FROM` bytes were packed as only a bomb is, or the whole will be far too large at this rate."""
        seen, taken = self.part
        if self.fed is None or self.seen - seen < RATIO_FROM:
            return False
        self.part = (self.seen, self.fed.taken)
        expands = self.seen - seen > MOST_RATIO * (self.fed.taken - taken + READ_AHEAD)
        return expands or self.seen * self.packed > 2 * MOST_BYTES * self.fed.taken


class _Fed:
    """A file of packed bytes that counts what is taken from it."""

    def __init__(self, inner: IO[bytes]) -> None:
        self.inner, self.taken = inner, 0

    def read(self, size: int) -> bytes:
        data = self.inner.read(size)
        self.taken += len(data)
        return data


def read_table(path: Path | Source, *, most: int | None = None) -> Table:
    """Read a CSV file, or its first `most` rows; BadTable if it is not a table."""
    source = FileSource(path) if isinstance(path, Path) else path
    with readable(source):
        if most is None:
            measure(source)
        digest = source.digest()
        heads, columns, rows = _numbers(source, most)
        texts = [place for place, parts in enumerate(columns) if parts is None]
        words = _words(source, texts, most) if texts else {}
    found: dict[str, Column] = {}
    for place, (head, parts) in enumerate(zip(heads, columns, strict=True)):
        found[head] = words[place] if parts is None else np.concatenate(parts)
    return Table(found, rows, digest)


@contextmanager
def readable(source: Source) -> Iterator[None]:
    """Raise what goes wrong while a table is read as BadTable."""
    try:
        yield
    except (OSError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadTable("unreadable", f"{source.name} cannot be read: {error}") from error
    except UnicodeDecodeError as error:
        raise BadTable("not_utf8", f"{source.name} is not UTF-8 text (byte {error.start})", byte=error.start) from error
    except csv.Error as error:
        raise BadTable("not_csv", f"{source.name} is not a CSV file: {error}") from error


def measure(source: Source) -> None:
    """Read a gzipped table to its end, as bytes; BadTable if it cannot be unpacked, or unpacks to far more than its size."""
    with readable(source):
        with source.open() as file:
            if not _is_packed(file):
                return
        with unpacked(source) as counted:
            while counted.read(PART):
                pass


def _is_packed(file: io.BufferedReader) -> bool:
    return file.peek(2)[:2] == b"\x1f\x8b"


@contextmanager
def unpacked(source: Source) -> Iterator[io.BufferedReader]:
    """Open the bytes of a table, unpacked where they are gzipped, and bounded; BadTable for archives and spreadsheets."""
    with source.open() as file:
        if file.peek(4)[:4] in SPREADSHEETS:
            raise BadTable("spreadsheet", f"{source.name} is an archive, a spreadsheet or a document: save it as CSV in UTF-8")
        if not _is_packed(file):
            if source.size > MOST_BYTES:
                told = f"the file has {source.size:,} bytes, {MOST_BYTES:,} are the most"
                raise BadTable("too_big", told, bytes=MOST_BYTES)
            yield io.BufferedReader(_Counted(file, MOST_BYTES), PART)
            return
        fed: Any = _Fed(file)
        yield io.BufferedReader(_Counted(gzip.GzipFile(fileobj=fed, mode="rb"), source.size, fed), PART)


def heads_of(first: str, name: str) -> tuple[list[str], str]:
    """Return the names of a table's columns from its first line, and what separates its cells; BadTable if there are none."""
    if not first.strip():
        raise BadTable("empty", f"{name} is empty")
    refuse_long(first, 1)
    mark = max(",;\t|", key=first.count)
    heads = [head.strip() for head in next(csv.reader([first], delimiter=mark))]
    if len(heads) > MOST_HEADS:
        told = f"the table has {len(heads)} columns, {MOST_HEADS} are the most"
        raise BadTable("many_columns", told, number=len(heads), most=MOST_HEADS)
    twice = sorted({head for head in heads if heads.count(head) > 1})
    if twice or "" in heads:
        raise BadTable("heads", f"columns without a name or named twice: {', '.join(twice) or '(no name)'}", columns=twice)
    if len(heads) == 1:
        told = f"{name} has a single column ({heads[0][:80]}): separate by comma, semicolon, tab or bar"
        raise BadTable("one_column", told, head=heads[0][:80])
    return heads, mark


def refuse_ragged(cells: Sequence[str], heads: Sequence[str], line: int) -> None:
    """Raise BadTable if a line does not have a cell for each column."""
    if len(cells) != len(heads):
        told = f"line {line} has {len(cells)} cells, the heads are {len(heads)}"
        raise BadTable("ragged", told, line=line, cells=len(cells), heads=len(heads))


def _lines(source: Source) -> Iterator[list[str]]:
    """Yield the cells of each line, the header first; every line must have as many cells as the header."""
    with unpacked(source) as counted:
        text = io.TextIOWrapper(counted, encoding="utf-8-sig", newline="")
        heads, mark = heads_of(text.readline(LONGEST_LINE), source.name)
        yield heads
        for number, cells in enumerate(csv.reader(_of_bounded_length(text), delimiter=mark, strict=True), 2):
            if cells:
                refuse_ragged(cells, heads, number)
                yield cells


def refuse_long(line: str | bytes, number: int) -> None:
    """Raise BadTable for a line that is too long for a table's."""
    if len(line) >= LONGEST_LINE:
        raise BadTable("long_line", f"line {number} is longer than {LONGEST_LINE:,} characters: this is no table", line=number)


def _of_bounded_length(text: io.TextIOWrapper) -> Iterator[str]:
    """Yield the lines after the first."""
    for number, line in enumerate(iter(partial(text.readline, LONGEST_LINE), ""), 2):
        refuse_long(line, number)
        yield line


def _numbers(source: Source, most: int | None) -> tuple[list[str], list[list[Floats] | None], int]:
    """Read all columns as numbers; None for columns that contain words."""
    lines = _lines(source)
    heads = next(lines)
    lines = islice(lines, most)
    columns: list[list[Floats] | None] = [[] for _head in heads]
    rows = 0
    while chunk := list(islice(lines, CHUNK)):
        rows += len(chunk)
        for place, cells in enumerate(zip(*chunk, strict=True)):
            parts = columns[place]
            if parts is not None:
                numbers = as_numbers(cells)
                if numbers is None:
                    columns[place] = None
                else:
                    parts.append(numbers)
    if not rows:
        raise BadTable("empty", f"{source.name} has heads and no rows")
    return heads, columns, rows


def as_numbers(cells: Sequence[str]) -> Floats | None:
    """Return cells as numbers, NaN for unknown; None if one is a word, as whatever is longer than any number."""
    if any(len(cell) > LONGEST_NUMBER for cell in cells):
        return None
    try:
        numbers = np.array([cell or "nan" for cell in cells]).astype(np.float64)
    except ValueError:
        try:
            numbers = np.array(["nan" if cell.strip().lower() in UNKNOWN else cell for cell in cells]).astype(np.float64)
        except ValueError:
            return None
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers


def _words(source: Source, places: list[int], most: int | None) -> dict[int, Words]:
    """Read the columns of words, each word as an index."""
    lines = _lines(source)
    next(lines)
    lines = islice(lines, most)
    known: dict[int, dict[str, int]] = {place: {"": -1} for place in places}
    parts: dict[int, list[Codes]] = {place: [] for place in places}
    while chunk := list(islice(lines, CHUNK)):
        columns = list(zip(*chunk, strict=True))
        for place in places:
            of = known[place]
            codes = [of.setdefault(word, len(of) - 1) for word in map(str.strip, columns[place])]
            parts[place].append(np.array(codes, dtype=np.int32))
    return {place: Words(np.concatenate(parts[place]), list(known[place])[1:]) for place in places}


def is_dates(column: Column) -> bool:
    """Return whether a column contains dates, as words or as numbers such as 20260301."""
    if isinstance(column, Words):
        return bool(column.levels) and all(DATE.fullmatch(word) for word in column.levels[:2000])
    seen = column[~np.isnan(column)]
    if not len(seen) or seen.min() < 19_000_101 or seen.max() > 21_001_231 or (seen % 1).any():
        return False
    days, months = seen % 100, seen // 100 % 100
    return bool(((days >= 1) & (days <= 31) & (months >= 1) & (months <= 12)).all())


def strange_words(column: Words) -> tuple[str, list[str]]:
    """Return why a column of many words seems meant as numbers, `comma` or `mixed`, with some of its words; empty if it does not."""
    levels = column.levels
    if len(levels) < FEW_LEVELS:
        return "", []
    commas = [word for word in levels if COMMA_NUMBER.fullmatch(word)]
    others = [word for word in levels if not NUMBER.fullmatch(word) and not COMMA_NUMBER.fullmatch(word)]
    if len(others) > len(levels) * MOST_STRANGE:
        return "", []
    return ("comma", commas[:3]) if commas else ("mixed", others[:3])
