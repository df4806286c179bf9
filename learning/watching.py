"""Compares the cases of the last days with a model's training, and its probabilities with how cases ended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from learning.flat import Scorer, probabilities
from learning.metrics import figures
from learning.recipe import as_features
from learning.reporting.measuring import shares_in, shares_like, stability
from learning.tables import Column, Floats, Table, Words, as_numbers

LEAST_OF_A_CLASS = 20
"""With fewer bad or good cases that ended, nothing is said about how well they were told apart."""
SCORE, INPUT, AUC, CALIBRATION, UNUSED = "score", "input", "auc", "calibration", "unused"


@dataclass(frozen=True, slots=True)
class Bounds:
    """When an alarm is raised: the largest stability index, the most AUC lost, the largest calibration error, and the fewest cases."""

    drift: float
    auc_lost: float
    calibration: float
    cases: int


def table_of(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    """Return rows as a table, as if they had been read from a file: None and empty texts are unknown."""
    cells = list(rows)
    found: dict[str, Column] = {}
    for place, name in enumerate(names):
        column = ["" if row[place] is None else str(row[place]).strip() for row in cells]
        numbers = as_numbers(column)
        if numbers is None:
            place_of: dict[str, int] = {"": -1}
            codes = [place_of.setdefault(word, len(place_of) - 1) for word in column]
            found[name] = Words(np.array(codes, dtype=np.int32), list(place_of)[1:])
        else:
            found[name] = numbers
    return Table(found, len(cells))


def compare_recent(scorer: Scorer, kind: str, base: dict[str, Any], recent: Table) -> dict[str, Any]:
    """Return how recent cases differ from those of training: the stability index of the score and of each input, the mean probability."""
    if not recent.rows:
        return {"cases": 0, "psi": None, "mean": None, "inputs": []}
    p = _probabilities(scorer, kind, recent)
    of_score = base["scores"][kind]
    inputs = [
        [name, stability(one["shares"], shares_like(recent.columns.get(name), one, recent.rows))] for name, one in base["inputs"].items()
    ]
    return {
        "cases": recent.rows,
        "psi": stability(of_score["shares"], shares_in(p, of_score["edges"])),
        "mean": round(float(p.mean()), 6),
        "inputs": sorted(inputs, key=lambda one: -one[1]),
    }


def measure_ended(scorer: Scorer, kind: str, ended: Table, y: Floats) -> dict[str, Any]:
    """Return how a model's probabilities fit cases that ended; empty with too few of them."""
    bad = int(y.sum())
    if min(bad, len(y) - bad) < LEAST_OF_A_CLASS:
        return {}
    p = _probabilities(scorer, kind, ended)
    means = {"rate": round(float(y.mean()), 6), "predicted": round(float(p.mean()), 6)}
    return {"cases": len(y), "bad": bad, **means, **figures(y, p)}


def alarms_of(recent: dict[str, Any], ended: dict[str, Any], trained: dict[str, float], bounds: Bounds) -> list[list[Any]]:
    """Return what lies beyond the bounds: what it is, the column for an input, the value; a model's figures in training are `trained`."""
    found: list[list[Any]] = []
    if recent["cases"] >= bounds.cases:
        if recent["psi"] > bounds.drift:
            found.append([SCORE, "", recent["psi"]])
        found += [[INPUT, name, psi] for name, psi in recent["inputs"] if psi > bounds.drift]
    if ended and ended["cases"] >= bounds.cases:
        if trained["auc"] - ended["auc"] > bounds.auc_lost:
            found.append([AUC, "", ended["auc"]])
        if ended["ece"] > bounds.calibration:
            found.append([CALIBRATION, "", ended["ece"]])
    return found


def _probabilities(scorer: Scorer, kind: str, table: Table) -> Floats:
    return probabilities(scorer.models[kind].scores(as_features(scorer.recipe, table)))
