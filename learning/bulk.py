"""Scores a table of any length: blocks of lines in, a line of results for each out, in constant memory and in several processes.

A block of plain lines (no quotes) is cut with arrays of byte positions, and its numbers are read eight digits at a time; whatever is not
plain goes through Python's own reader, with the same results. A fault names line and column.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import chain, islice
from multiprocessing import get_context
from typing import Any

import numpy as np

from learning.cells import cut, number_of, numbers_of
from learning.errors import BadTable
from learning.flat import LEAST_LOSS, Scorer, probabilities
from learning.recipe import NAN, as_number, as_word, derive, stacked
from learning.tables import LONGEST_LINE, Floats, Source, heads_of, readable, refuse_long, refuse_ragged, unpacked

BLOCK = 4 << 20
"""The bytes that one process scores at a time."""
MOST_KNOWN = 100_000
"""So many different words of a column are remembered."""
LINE, REASONS = "line", "reasons"


@dataclass(frozen=True)
class Wish:
    """What is wanted of each row: probabilities by models (column to kind), so many reasons of the last model, and the cells to repeat."""

    models: Mapping[str, str]
    reasons: int = 0
    keep: tuple[str, ...] = ()


@dataclass
class Job:
    """How a table is scored: the models, the wish, the table's heads, and what separates its cells."""

    scorer: Scorer
    wish: Wish
    heads: list[str]
    mark: str
    name: str
    words: dict[str, "_Weights"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a table that lacks a column, with the names of all that it lacks."""
        absent = [name for name in [*self.scorer.facts, *self.wish.keep] if name not in self.heads]
        if absent:
            raise BadTable("lacks", f"{self.name} lacks columns that are needed: {', '.join(absent)}", columns=absent)
        self.words = {name: _Weights(weights) for name, weights in self.scorer.recipe.words.items()}


class _Weights(dict[Any, float]):
    """The weight of a cell of words, as bytes or text; 0 for a word that was not in training, unknown for an empty cell."""

    def __init__(self, weights: dict[str, float]) -> None:
        super().__init__()
        self.weights = weights

    def __missing__(self, cell: bytes | str) -> float:
        word = (cell.decode() if isinstance(cell, bytes) else cell).strip()
        known = self.weights.get(word)
        if known is None:
            # A column of numbers in training has its words without a fraction.
            known = self.weights.get(as_word(as_number(word)), 0.0) if word else NAN
        if len(self) >= MOST_KNOWN:
            self.clear()
        self[cell] = known
        return known


def score_table(source: Source, scorer: Scorer, wish: Wish, *, processes: int = 1) -> Iterator[tuple[int, bytes]]:
    """Yield the results of a table in its order, as a number of rows with a piece of a CSV file; the heads come first, with 0.

    A result has the line of the table on which the row begins (the heads are line 1), the kept cells, a probability of bad by model, and
    the facts that raise the risk most, by the last model. BadTable names line and column.
    """
    with readable(source), unpacked(source) as file:
        first = file.readline(LONGEST_LINE)
        refuse_long(first, 1)
        heads, mark = heads_of(first.decode("utf-8-sig"), source.name)
        job = Job(scorer, wish, heads, mark, source.name)
        yield 0, _joined([LINE, *wish.keep, *wish.models, *([REASONS] if wish.reasons else [])])
        rows = 0
        for found in _worked(job, _blocks(file), processes):
            rows += found[0]
            yield found
        if not rows:
            raise BadTable("empty", f"{source.name} has heads and no rows")


def _blocks(file: io.BufferedReader) -> Iterator[tuple[int, bytes]]:
    """Yield whole lines, about `BLOCK` bytes at a time, with the number of the first of them; a quoted cell is not cut."""
    line = 2
    while block := file.read(BLOCK):
        rest = file.readline(LONGEST_LINE)
        refuse_long(rest, line + block.count(b"\n"))
        block += rest
        while block.count(b'"') % 2 and len(block) < 2 * BLOCK and (rest := file.readline(LONGEST_LINE)):
            block += rest
        yield line, block if block.endswith(b"\n") else block + b"\n"
        line += block.count(b"\n")


def _worked(job: Job, blocks: Iterator[tuple[int, bytes]], processes: int) -> Iterator[tuple[int, bytes]]:
    """Yield the results of blocks in their order; at most twice as many are in memory as there are processes."""
    first = list(islice(blocks, 2))
    if processes < 2 or len(first) < 2:
        yield from (score_block(job, line, block) for line, block in chain(first, blocks))
        return
    with ProcessPoolExecutor(processes, get_context("fork"), _begin, (job,)) as pool:
        waiting: list[Future[Any]] = []
        for line, block in chain(first, blocks):
            waiting.append(pool.submit(_score, line, block))
            if len(waiting) >= 2 * processes:
                yield _done(waiting.pop(0))
        while waiting:
            yield _done(waiting.pop(0))


_jobs: list[Job] = []


def _begin(job: Job) -> None:
    _jobs.append(job)


def _score(line: int, block: bytes) -> tuple[int, bytes] | tuple[str, str, dict[str, Any]]:
    """Return the results of a block, or the parts of its fault: an exception with facts does not travel between processes."""
    try:
        return score_block(_jobs[-1], line, block)
    except BadTable as fault:
        return fault.code, str(fault), fault.facts
    except UnicodeDecodeError as error:
        return "not_utf8", f"{_jobs[-1].name} is not UTF-8 text (near line {line})", {"byte": error.start}


def _done(future: Future[Any]) -> tuple[int, bytes]:
    count, *rest = future.result()
    if isinstance(count, str):
        raise BadTable(count, rest[0], **rest[1])
    return count, rest[0]


def score_block(job: Job, line: int, block: bytes) -> tuple[int, bytes]:
    """Return how many rows a block of lines has, and their results; `line` is the number of its first line."""
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
    places = None if b'"' in block or b"\r" in block else cut(block, job.mark, len(job.heads))
    if not block.isascii():
        # Refuses what is no text.
        block.decode()
    rows = _of_text(job, line, block.decode()) if places is None else _of_bytes(job, line, block, *places)
    return (len(rows.lines), _results(job, rows)) if rows.lines else (0, b"")


@dataclass(frozen=True)
class _Rows:
    """The rows of a block: their lines, the features of each, and the kept columns."""

    lines: Sequence[int]
    x: Floats
    kept: list[list[str]]


def _of_bytes(job: Job, line: int, block: bytes, starts: Any, ends: Any) -> _Rows:
    """Return the rows of a block of plain lines."""

    def cells(name: str) -> list[bytes]:
        place = job.heads.index(name)
        return [block[start:end] for start, end in zip(starts[:, place].tolist(), ends[:, place].tolist(), strict=True)]

    found: dict[str, Floats] = {}
    for name in job.scorer.recipe.numbers:
        place = job.heads.index(name)
        found[name], fault = numbers_of(block, starts[:, place], ends[:, place])
        if fault >= 0:
            raise _no_number(name, block[starts[fault, place] : ends[fault, place]].decode(), line + fault)
    for name, weights in job.words.items():
        found[name] = np.array([weights[cell] for cell in cells(name)])
    kept = [[cell.decode() for cell in cells(name)] for name in job.wish.keep]
    return _Rows(range(line, line + len(starts)), stacked(job.scorer.recipe, found), kept)


def _of_text(job: Job, line: int, text: str) -> _Rows:
    """Return the rows of any block, read by Python's own reader."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=job.mark, strict=True)
    lines, rows, before = [], [], 0
    for cells in reader:
        if cells:
            refuse_ragged(cells, job.heads, line + before)
            lines.append(line + before)
            rows.append(cells)
        before = reader.line_num
    columns = dict(zip(job.heads, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(job.heads, ())
    found: dict[str, Floats] = {}
    for name in job.scorer.recipe.numbers:
        numbers = [number_of(cell) for cell in columns[name]]
        if None in numbers:
            fault = numbers.index(None)
            raise _no_number(name, columns[name][fault], lines[fault])
        found[name] = np.array(numbers, dtype=float)
    for name, weights in job.words.items():
        found[name] = np.array([weights[cell] for cell in columns[name]], dtype=float)
    return _Rows(lines, stacked(job.scorer.recipe, found), [list(columns[name]) for name in job.wish.keep])


def _no_number(column: str, cell: str, line: int) -> BadTable:
    told = cell.strip()[:40]
    return BadTable("no_number", f"line {line}: {column} holds {told}, which is no number", columns=[column], line=line, value=told)


def _results(job: Job, rows: _Rows) -> bytes:
    """Return the results of rows as lines."""
    wish = job.wish
    columns: list[Sequence[Any]] = [rows.lines, *rows.kept]
    columns += [probabilities(job.scorer.models[kind].scores(rows.x)).tolist() for kind in wish.models.values()]
    if wish.reasons:
        columns.append(reasons_of(job.scorer, [*wish.models.values()][-1], rows.x, wish.reasons))
    form = ",".join(["%d", *["%s"] * len(wish.keep), *["%.6f"] * len(wish.models), *(["%s"] if wish.reasons else [])]) + "\n"
    if wish.keep:
        columns[1 : 1 + len(wish.keep)] = [[_quoted(cell) for cell in column] for column in rows.kept]
    return "".join([form % row for row in zip(*columns, strict=True)]).encode()


def reasons_of(scorer: Scorer, model: str, x: Floats, most: int) -> list[str]:
    """Return for each row the facts that raise the risk most, largest first, as `Scorer.explain` ranks them, separated by spaces."""
    flat = scorer.models[model]
    whole = flat.scores(x)
    losses = np.empty((len(x), len(scorer.facts)))
    for fact, moved in enumerate(scorer.moved):
        other = x.copy()
        other[:, fact] = moved
        for place, operation, columns in scorer.follows[fact]:
            other[:, place] = derive(operation, [other[:, column] for column in columns])
        losses[:, fact] = whole - flat.scores(other)
    last = losses.shape[1] - 1
    # Of equal ones the last fact comes first, as there.
    order = last - np.argsort(-losses[:, ::-1], axis=1, kind="stable")[:, :most]
    counts = np.take_along_axis(losses, order, axis=1) > LEAST_LOSS
    names = scorer.facts
    return [
        _quoted(" ".join(names[fact] for fact, does in zip(facts, some, strict=True) if does))
        for facts, some in zip(order.tolist(), counts.tolist(), strict=True)
    ]


def _quoted(cell: str) -> str:
    """Return a cell for a file that is separated by commas."""
    return '"' + cell.replace('"', '""') + '"' if any(sign in cell for sign in ',"\r\n') else cell


def _joined(cells: Sequence[str]) -> bytes:
    return (",".join(map(_quoted, cells)) + "\n").encode()
