"""The whole report of one model on one table, as plain JSON values: what `page` draws and what a version's card keeps."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from learning.flat import Scorer, probabilities
from learning.metrics import figures
from learning.recipe import as_features
from learning.reporting import measuring
from learning.reporting.fairness import measure_fairness
from learning.tables import Column, Floats, Table, Words, rows_of

LEAST = 1e-9
"""Probabilities stay this far from 0 and 1, so that their log odds are finite."""
EXPLAINED = 500
"""Reasons are counted on at most so many cases, spread evenly over those that the cut-off refuses."""


@dataclass(frozen=True)
class Rows:
    """Rows with a known end: the facts, 1 for bad, protected columns to measure fairness by, and the day on which each case began."""

    table: Table
    y: Floats
    protected: dict[str, Column] = field(default_factory=dict)
    dates: Words | None = None

    def some(self, mask: Any) -> "Rows":
        """Return some of the rows."""
        table = Table({name: rows_of(column, mask) for name, column in self.table.columns.items()}, int(mask.sum()))
        protected = {name: rows_of(column, mask) for name, column in self.protected.items()}
        return Rows(table, self.y[mask], protected, self.dates.rows(mask) if self.dates else None)


def report_of(
    rows: Rows, scorer: Scorer, kind: str, *, p: Floats | None = None, base: dict[str, Any] | None = None, cut: float | None = None
) -> dict[str, Any]:
    """Return the report of the model `kind` of a scorer on some rows.

    `p` are probabilities if they are known already (of cross-validation). `base` is what `bases_of` returned for the training. `cut` is the
    highest probability that is approved, by default that at which good and bad cases are told apart best.
    """
    y = rows.y
    p = probabilities(_odds(rows.table, scorer, kind)) if p is None else p
    p = np.clip(p, LEAST, 1 - LEAST)
    split = measuring.separation(y, p)
    cut = split["cut"] if cut is None else cut

    odds = _odds(rows.table, scorer, kind)

    def without(fact: str) -> Floats:
        # The change is added to the given probabilities, which may be of models trained on other rows.
        return probabilities(np.log(p / (1 - p)) + _odds(_alike(rows.table, fact, scorer), scorer, kind) - odds)

    return {
        "rows": len(y),
        "bad": int(y.sum()),
        "figures": figures(y, p),
        "roc": measuring.roc(y, p),
        "ks": split,
        "calibration": measuring.calibration(y, p),
        "gain": measuring.gain(y, p),
        "spread": measuring.spread(y, p),
        "stability": _stability(rows.table, p, kind, base),
        "cut": cut,
        "cuts": measuring.cuts(y, p),
        "months": measuring.months(rows.dates, y, p) if rows.dates else [],
        "reasons": _reasons(rows.table, scorer, kind, p, cut),
        "fairness": measure_fairness(y, p, cut, rows.protected, scorer.facts, without),
    }


def bases_of(table: Table, p: dict[str, Floats], facts: list[str]) -> dict[str, Any]:
    """Return how the facts and each model's probabilities were spread in training, to compare later cases with."""
    return {
        "inputs": {name: measuring.base_of(table.columns[name]) for name in facts},
        "scores": {kind: measuring.base_of(one) for kind, one in p.items()},
    }


def _odds(table: Table, scorer: Scorer, kind: str) -> Floats:
    return scorer.models[kind].scores(as_features(scorer.recipe, table))


def _alike(table: Table, fact: str, scorer: Scorer) -> Table:
    """Return a table in which a fact has its reference value in every row."""
    value = scorer.references[scorer.facts.index(fact)]
    if isinstance(value, str):
        column: Column = Words(np.zeros(table.rows, dtype=np.int32), [value])
    else:
        column = np.full(table.rows, np.nan if value is None else float(value))
    return Table({**table.columns, fact: column}, table.rows)


def _stability(table: Table, p: Floats, kind: str, base: dict[str, Any] | None) -> dict[str, Any]:
    """Return the score's distribution beside that of training, with the stability index of the score and each input; empty without base."""
    if base is None:
        return {}
    of_score = base["scores"][kind]
    now = measuring.shares_in(p, of_score["edges"])
    inputs = [
        [name, measuring.stability(one["shares"], measuring.shares_like(table.columns.get(name), one, table.rows))]
        for name, one in base["inputs"].items()
    ]
    psi = measuring.stability(of_score["shares"], now)
    return {
        "edges": of_score["edges"],
        "then": of_score["shares"],
        "now": now,
        "psi": psi,
        "inputs": sorted(inputs, key=lambda one: -one[1]),
    }


def _reasons(table: Table, scorer: Scorer, kind: str, p: Floats, cut: float) -> list[list[Any]]:
    """Return how often each fact is the first and among the first four reasons of the cases that the cut refuses, in shares of them."""
    refused = np.flatnonzero(p > cut)
    if not len(refused):
        return []
    some = refused[np.unique(np.linspace(0, len(refused) - 1, EXPLAINED).round().astype(int))]
    first: Counter[str] = Counter()
    among: Counter[str] = Counter()
    for row in some:
        named = [one.fact for one in scorer.explain(_row(table, int(row)))[kind][1]]
        first.update(named[:1])
        among.update(named)
    return [[fact, *measuring.round_all([first[fact] / len(some), times / len(some)])] for fact, times in among.most_common()]


def _row(table: Table, number: int) -> dict[str, Any]:
    """Return one row as facts by name."""
    found: dict[str, Any] = {}
    for name, column in table.columns.items():
        if isinstance(column, Words):
            code = column.codes[number]
            found[name] = column.levels[code] if code >= 0 else None
        else:
            found[name] = float(column[number])
    return found
