"""The target of a table, and the columns that may be used to learn it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.sentences import Figure, Sentence, marked
from learning.errors import BadTable
from learning.known import SOCIAL_LAW, WEIGHT_NAMES, Known, is_social, known_for
from learning.metrics import auc
from learning.recipe import weights_of_words
from learning.tables import Column, Floats, Table, Words, is_dates, rows_of, strange_words

LEAST_OF_A_CLASS = 20
MOST_WORDS = 1_000
GIVES_AWAY, SUSPECT = 0.985, 0.95
"""A column that alone ranks this share of the pairs of a good and a bad row correctly is a leak of the target, or is named in a note."""
LEAK_FOLDS = 5
SOME = 8
"""So many words of a column are named where it is refused."""


@dataclass(frozen=True)
class Labelled:
    """The rows with a known target: facts by name, 1 for bad, weights if the table has them, notes on what was left out.

    `protected` are the attributes by which fairness is measured, and `dates` the first column of dates; nothing is learned from them.
    """

    table: Table
    y: Floats
    weights: Floats | None
    known: Known
    notes: list[str]
    protected: dict[str, Column] = field(default_factory=dict)
    dates: Words | None = None


def labels_of(table: Table, target: str, positive: str) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the labels (1 for the positive value, 0 for the other), and a mask of the rows that have one."""
    if target not in table.columns:
        raise BadTable("no_target", f"there is no column {target}; there are {', '.join(table.columns)}", target=target)
    column = table.columns[target]
    if isinstance(column, Words):
        seen = column.codes >= 0
        words = [column.levels[code] for code in np.unique(column.codes[seen])]
        if not positive:
            told = f"{target} holds words ({_some(words)}): say which one is bad with --positive"
            raise BadTable("target_in_words", told, target=target, words=words[:SOME])
        if positive not in words:
            told = f"{target} is never {positive}; it holds {_some(words)}"
            raise BadTable("no_such_value", told, target=target, value=positive, words=words[:SOME])
        return (column.codes == column.levels.index(positive)).astype(float), seen
    seen = ~np.isnan(column)
    values = np.unique(column[seen])
    wanted = 1.0
    if positive:
        try:
            wanted = float(positive)
        except ValueError:
            wanted = np.nan
        if wanted not in values:
            words = [f"{value:g}" for value in values]
            told = f"{target} is never {positive}; it holds {_some(words)}"
            raise BadTable("no_such_value", told, target=target, value=positive, words=words[:SOME])
    elif not set(values) <= {0.0, 1.0}:
        words = [f"{value:g}" for value in values]
        told = f"{target} is not 0 or 1 but {_some(words)}: say which is bad with --positive"
        raise BadTable("target_not_two", told, target=target, words=words[:SOME])
    return (column == wanted).astype(float), seen


def _some(words: list[str]) -> str:
    return ", ".join(words[:SOME]) + (f" and {len(words) - SOME:,} more" if len(words) > SOME else "")


def prepare(
    table: Table,
    target: str,
    positive: str,
    drop: list[str],
    *,
    weights: str = "",
    keep: frozenset[str] = frozenset(),
    groups: Collection[str] = (),
) -> Labelled:
    """Return the usable rows and columns; BadTable if the table cannot be learned from. `groups` are columns to measure fairness by."""
    unknown = [name for name in [*drop, *([weights] if weights else [])] if name not in table.columns]
    if unknown:
        raise BadTable("no_column", f"there is no column {', '.join(unknown)} to leave out or to weigh by", columns=unknown)
    y, seen = labels_of(table, target, positive)
    notes: list[str] = [] if seen.all() else [Sentence("%(rows)s rows without a target are left out", rows=_number(int((~seen).sum())))]
    y = y[seen]
    bad = int(y.sum())
    if not bad or bad == len(y):
        raise BadTable("one_class", f"every row of {target} is of one class: there is nothing to tell apart", target=target)
    if min(bad, len(y) - bad) < LEAST_OF_A_CLASS:
        few = min(bad, len(y) - bad)
        told = f"{few} rows of one class are too few; {LEAST_OF_A_CLASS} are needed"
        raise BadTable("too_few", told, rows=few, least=LEAST_OF_A_CLASS, target=target)
    known = known_for(set(table.columns))
    of = weights or known.weights or next((name for name in WEIGHT_NAMES if name in table.columns), "")
    weighed = _weights(table.columns[of], seen, of, notes) if of else None
    _refuse_social([name for name in table.columns if name not in {target, of, *drop}])
    columns: dict[str, Column] = {}
    for name, column in table.columns.items():
        if name in {target, of}:
            continue
        if name in drop:
            notes.append(Sentence("%(column)s is left out as told", column=_named(name)))
        elif name.lower() in known.protected:
            notes.append(Sentence("%(column)s is left out: a protected attribute", column=_named(name)))
        elif (why := _useless(name, column := rows_of(column, seen))) and name not in keep:
            notes.append(why)
        else:
            columns[name] = column
    if not columns:
        raise BadTable("no_columns", "no column is left to learn from")
    _refuse_many_words(columns)
    _refuse_leaks(columns, y, keep, notes)
    beside = beside_of(table, seen, groups)
    return Labelled(Table(columns, len(y), table.digest), y, weighed, known, notes, *beside)


def _refuse_social(names: Sequence[str]) -> None:
    found = [name for name in names if is_social(name)]
    if found:
        told = f"{', '.join(found)}: data of social networks or of a neighbourhood is not learned from ({SOCIAL_LAW}); leave it out"
        raise BadTable("social", told, columns=found, law=SOCIAL_LAW)


def beside_of(table: Table, seen: NDArray[np.bool_], groups: Collection[str]) -> tuple[dict[str, Column], Words | None]:
    """Return what a report needs besides the facts: the protected columns of `groups`, and the first column of dates."""
    protected = {name: rows_of(column, seen) for name, column in table.columns.items() if name.lower() in groups}
    dates = next((column.rows(seen) for column in table.columns.values() if isinstance(column, Words) and is_dates(column)), None)
    return protected, dates


def _weights(column: Column, seen: NDArray[np.bool_], name: str, notes: list[str]) -> Floats | None:
    if isinstance(column, Words) or not (column[seen] > 0).all():
        raise BadTable("weights", f"{name} is no column of weights: a positive number is needed in every row", columns=[name])
    notes.append(Sentence("%(column)s weighs rows and is not learned from", column=_named(name)))
    return column[seen]


def _useless(name: str, column: Column) -> str:
    if is_dates(column):
        text = marked("%(column)s is left out: dates are not learned from (a day never comes again); give a number, such as the days since")
        return Sentence(text, column=_named(name))
    if isinstance(column, Words):
        is_constant = len(np.unique(column.codes)) < 2
    else:
        seen = column[~np.isnan(column)]
        is_constant = not len(seen) or (len(seen) == len(column) and bool((seen == seen[0]).all()))
    return Sentence("%(column)s is left out: one value in every row", column=_named(name)) if is_constant else ""


def _named(column: str) -> Figure:
    """Return the name of a column as a fact that no language translates."""
    return Figure(column, "name", column)


def _number(value: int) -> Figure:
    return Figure(f"{value:,}", "number", value)


def refuse_directions(columns: Mapping[str, Column], told: Mapping[str, int]) -> None:
    """Refuse directions of risk that cannot hold: of columns that are not learned from, and of words, which have no order; BadTable."""
    if absent := sorted(told.keys() - columns.keys()):
        raise BadTable("no_column", f"{', '.join(absent)} cannot be told a direction: no such column is learned from", columns=absent)
    if words := sorted(name for name in told if isinstance(columns[name], Words)):
        raise BadTable("no_order", f"{', '.join(words)} holds words, which have no order: it cannot be told a direction", columns=words)


def _refuse_many_words(columns: dict[str, Column]) -> None:
    for name, column in columns.items():
        if not isinstance(column, Words):
            continue
        why, words = strange_words(column)
        if why == "comma":
            told = f"{name} holds numbers with decimal commas ({_some(words)}): write decimal points"
            raise BadTable("decimal_comma", told, columns=[name], words=words)
        if why == "mixed":
            told = f"{name} holds numbers and words ({_some(words)}): empty those cells, or use --drop {name}"
            raise BadTable("mixed", told, columns=[name], words=words)
        if (number := len(np.unique(column.codes))) > MOST_WORDS:
            told = f"{name} has {number:,} different words: group them, or leave it out with --drop {name}"
            raise BadTable("many_words", told, columns=[name], number=number)


def _refuse_leaks(columns: dict[str, Column], y: Floats, keep: frozenset[str], notes: list[str]) -> None:
    """Raise BadTable for columns that leak the target, by their values or by where they are unknown; note those that may."""
    found: dict[str, float] = {}
    for name, column in columns.items():
        if isinstance(column, Words):
            scores = _unseen_weights(column, y)
            unknown = column.codes < 0
        else:
            unknown = np.isnan(column)
            scores = np.where(unknown, 0.0, column)
        best = max(_apart(y, scores), _apart(y, unknown.astype(float)))
        if best >= GIVES_AWAY and name not in keep:
            found[name] = best
        elif best >= SUSPECT:
            share = Figure(f"{best:.1%}", "percent", round(best * 10_000))
            text = marked("%(column)s alone sorts %(share)s of good and bad: make sure that it is known when a case is decided")
            notes.append(Sentence(text, column=_named(name), share=share))
    if found:
        told = ", ".join(f"{name} ({best:.1%})" for name, best in found.items())
        raise BadTable(
            "leak",
            f"{told} gives the target away: alone it sorts that share of good and bad. Leave it out with --drop {','.join(found)}",
            columns=list(found),
            shares=[round(best, 4) for best in found.values()],
        )


def _unseen_weights(column: Words, y: Floats) -> Floats:
    """Return the weight of each row's word, computed from other rows, so that words of a single row tell nothing."""
    found, fold = np.zeros(len(y)), np.random.default_rng(0).permutation(len(y)) % LEAK_FOLDS
    for number in range(LEAK_FOLDS):
        inside = fold == number
        weights = weights_of_words(column.rows(~inside), y[~inside])
        found[inside] = np.array([*(weights.get(word, 0.0) for word in column.levels), 0.0])[column.codes[inside]]
    return found


def _apart(y: Floats, scores: Floats) -> float:
    area = auc(y, scores)
    return max(area, 1 - area)
