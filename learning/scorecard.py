"""A points scorecard: bins, weights of evidence, logistic regression, rounded points that people can add up.

More points mean less risk: 40 points halve the odds of bad. Each characteristic's worst bin has 0 points.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from learning.binning import Counts, best_bins, fine_edges
from learning.parts import normal_scores
from learning.tables import Floats

HALVING = 40
FACTOR = HALVING / math.log(2)
DRAWN = (50.0, 200.0)
MOST_BINS = 7
"""Of known values; one more is for unknown ones."""
LEAST_VALUE = 0.01
"""Characteristics with a lower information value are left out."""


@dataclass(frozen=True)
class Bins:
    """Bins of a feature: ascending edges (a value on an edge is in the bin below), and the weight of evidence of each bin, unknown last."""

    edges: list[float]
    woe: list[float]
    value: float


@dataclass(frozen=True)
class Card:
    """A fitted scorecard: bins of each used feature by its place, and the regression on their weights."""

    bins: dict[int, Bins]
    model: Any


def bin_column(column: Floats, y: Floats, sign: int, drawn: float) -> Bins:
    """Return the best bins of a column, with their weights of evidence, which rise (sign 1) or fall (-1) if required.

    `drawn` rows are added to each bin for shrinkage, with the rate of bad of a line fitted to the whole column.
    """
    seen = ~np.isnan(column)
    known, ends = column[seen], y[seen]
    least = max(25, len(column) // 30)
    fine = fine_edges(known) if len(known) >= 2 * least else np.empty(0)
    if not len(fine):
        return Bins([], *_weigh(column, y, [], None, drawn))
    prior = _line(known, ends)
    places = np.searchsorted(fine, known, side="left")
    cuts = best_bins(
        Counts(*(_sums(places, some, len(fine) + 1) for some in (np.ones(len(ends)), ends, prior))),
        drawn=drawn,
        least=least,
        most=MOST_BINS,
        sign=sign,
    )
    edges = [float(fine[cut - 1]) for cut in cuts]
    return Bins(edges, *_weigh(column, y, edges, prior if edges else None, drawn))


def _sums(places: Any, values: Floats, number: int) -> Floats:
    return np.bincount(places, weights=values, minlength=number).astype(np.float64)


def places_in(column: Floats, edges: list[float]) -> Any:
    """Return the bin of each value; the last bin is for unknown values."""
    places = np.searchsorted(np.array(edges), column, side="left")
    places[np.isnan(column)] = len(edges) + 1
    return places


def _line(column: Floats, y: Floats) -> Floats:
    """Return for each row the probability from a line fitted only to the column's normal scores."""
    knots, heights = normal_scores(column, word=False)
    if not knots:
        return np.full(len(y), y.mean())
    z = np.interp(column, knots, heights).reshape(-1, 1)
    found: Floats = LogisticRegression(C=1.0).fit(z, y).predict_proba(z)[:, 1] if 0 < y.sum() < len(y) else np.full(len(y), y.mean())
    return found


def _weigh(column: Floats, y: Floats, edges: list[float], prior: Floats | None, drawn: float) -> tuple[list[float], float]:
    """Return the weight of evidence of each bin and the information value; small bins are shrunk towards the line, or else towards 0."""
    base = float(y.mean())
    number = len(edges) + 2
    places = places_in(column, edges)
    rows = np.bincount(places, minlength=number)
    bad = np.bincount(places, weights=y, minlength=number)
    expected = np.full(number, base)
    if prior is not None:
        sums = np.bincount(places[~np.isnan(column)], weights=prior, minlength=number)
        expected[:-1] = np.where(rows[:-1] > 0, sums[:-1] / np.maximum(rows[:-1], 1), base)
    rate = (bad + drawn * expected) / (rows + drawn)
    woe = np.log(rate / (1 - rate)) - math.log(base / (1 - base))
    value = float(np.sum((bad / max(bad.sum(), 1) - (rows - bad) / max((rows - bad).sum(), 1)) * woe))
    return [float(weight) for weight in woe], value


def bin_all(x: Floats, y: Floats, signs: list[int], drawn: float) -> dict[int, Bins]:
    """Return the bins of each feature by its place."""
    return {place: bin_column(column, y, signs[place], drawn) for place, column in enumerate(x.T)}


def fit_card(x: Floats, y: Floats, bins: dict[int, Bins], strength: float) -> Card:
    """Return the fitted card; a characteristic of little value, or whose points would contradict its own bins, is left out."""
    bins = {place: one for place, one in bins.items() if one.value >= LEAST_VALUE} or bins
    while True:
        model = LogisticRegression(C=strength, max_iter=1000).fit(_weights(bins, x), y)
        wrong = [place for place, slope in zip(bins, model.coef_[0], strict=True) if slope <= 0]
        if not wrong or len(wrong) == len(bins):
            return Card(bins, model)
        bins = {place: one for place, one in bins.items() if place not in wrong}


def _weights(bins: dict[int, Bins], x: Floats) -> Floats:
    return np.column_stack([np.array(one.woe)[places_in(x[:, place], one.edges)] for place, one in bins.items()])


def card_raw(card: Card, x: Floats) -> Floats:
    """Return the unrounded log odds of bad."""
    found: Floats = card.model.decision_function(_weights(card.bins, x))
    return found


def points(card: Card) -> tuple[int, dict[int, list[int]]]:
    """Return the base points, and the points of each bin by feature.

    Bins without rows in training (unknown, if no value was unknown) get average points.
    """
    found, start = {}, FACTOR * -float(card.model.intercept_[0])
    for (place, one), slope in zip(card.bins.items(), card.model.coef_[0], strict=True):
        exact = [-FACTOR * float(slope) * weight for weight in one.woe]
        worst = min(exact)
        found[place] = [round(value - worst) for value in exact]
        start += worst
    return round(start), found


def table(start: int, of: dict[int, list[int]], card: Card, names: list[str], words: dict[str, dict[str, float]]) -> list[dict[str, Any]]:
    """Return the card as rows to print: characteristic, bin in words, points."""
    rows: list[dict[str, Any]] = [{"characteristic": "", "bin": "everybody", "points": start}]
    for place, some in of.items():
        edges, name = card.bins[place].edges, names[place]
        bounds = [-math.inf, *edges, math.inf]
        for number, value in enumerate(some):
            if number > len(edges):
                label = "unknown"
            elif name in words:
                inside = [word for word, weight in words[name].items() if bounds[number] < weight <= bounds[number + 1]]
                label = ", ".join(inside) or "other"
            elif not edges:
                label = "any"
            elif number == 0:
                label = f"up to {edges[0]:.6g}"
            elif number == len(edges):
                label = f"above {edges[-1]:.6g}"
            else:
                label = f"above {bounds[number]:.6g} up to {bounds[number + 1]:.6g}"
            rows.append({"characteristic": name, "bin": label, "points": value})
    return rows
