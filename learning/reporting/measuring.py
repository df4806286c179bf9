"""Measures what a report shows of one model on rows with a known end, as plain JSON values; shares and probabilities are 0 to 1."""

from typing import Any

import numpy as np

from learning.metrics import curve
from learning.tables import Column, Floats, Words

POINTS = 60
"""The most points of a drawn curve."""
TENTHS = 10
CUTS = 20
LEAST_SHARE = 1e-4
"""The least share of a bin in a stability index, so that an empty bin does not make it infinite."""
MOST_LEVELS = 20


def round_all(values: Any) -> list[float]:
    """Return numbers rounded to six decimals."""
    return [round(float(value), 6) for value in values]


def thinned(*columns: Floats) -> list[list[float]]:
    """Return rows of several columns of one length, at most POINTS of them, with the first and the last."""
    places = np.unique(np.linspace(0, len(columns[0]) - 1, POINTS).round().astype(int))
    return [round_all(row) for row in np.column_stack([column[places] for column in columns])]


def roc(y: Floats, p: Floats) -> list[list[float]]:
    """Return points of the ROC curve: the shares of good and of bad cases that are at or above a score."""
    false, true = curve(y, p)
    even = np.linspace(0, 1, POINTS)
    return [[0.0, 0.0], *(round_all(row) for row in np.column_stack([even, np.interp(even, false, true)]))]


def separation(y: Floats, p: Floats) -> dict[str, Any]:
    """Return the shares of good and of bad cases up to each probability, and the probability at which they differ most (KS)."""
    order = np.argsort(p, kind="stable")
    bad, good = np.cumsum(y[order]) / y.sum(), np.cumsum(1 - y[order]) / (len(y) - y.sum())
    ends = np.append(np.flatnonzero(np.diff(p[order])), len(y) - 1)
    at, bad, good = p[order][ends], bad[ends], good[ends]
    best = int(np.argmax(good - bad))
    return {"curve": thinned(at, good, bad), "cut": float(at[best]), "ks": round(float(good[best] - bad[best]), 6)}


def spread(y: Floats, p: Floats) -> list[list[float]]:
    """Return for each of twenty bins of equal width: its start, and the shares of all good and of all bad cases in it."""
    top = float(p.max()) or 1.0
    places = np.minimum((p / top * CUTS).astype(int), CUTS - 1)
    bad = np.bincount(places, weights=y, minlength=CUTS) / y.sum()
    good = np.bincount(places, weights=1 - y, minlength=CUTS) / (len(y) - y.sum())
    return [round_all(row) for row in np.column_stack([np.arange(CUTS) / CUTS * top, good, bad])]


def calibration(y: Floats, p: Floats) -> list[list[float]]:
    """Return for each of ten bins of equal width that has rows: its start, the rows, the mean probability, the share of bad."""
    places = np.minimum((p * TENTHS).astype(int), TENTHS - 1)
    found = []
    for place in range(TENTHS):
        inside = places == place
        if rows := int(inside.sum()):
            found.append([place / TENTHS, rows, *round_all([p[inside].mean(), y[inside].mean()])])
    return found


def gain(y: Floats, p: Floats) -> list[list[float]]:
    """Return for each tenth of the cases, the riskiest first: the share of cases so far, of bad cases so far, and the lift so far."""
    bad = y[np.argsort(-p, kind="stable")]
    found = [[0.0, 0.0, 0.0]]
    for tenth in range(1, TENTHS + 1):
        some = max(round(len(bad) * tenth / TENTHS), 1)
        share = bad[:some].sum() / bad.sum()
        found.append(round_all([some / len(bad), share, share * len(bad) / some]))
    return found


def edges_of(p: Floats) -> list[float]:
    """Return the inner edges of ten bins with equally many rows; fewer where values repeat."""
    return [float(edge) for edge in np.unique(np.quantile(p, np.linspace(0, 1, TENTHS + 1)[1:-1], method="inverted_cdf"))]


def shares_in(column: Floats, edges: list[float]) -> list[float]:
    """Return the share of rows in each bin (a value on an edge is in the bin below it); the last one is of unknown values."""
    places = np.searchsorted(np.array(edges), column, side="left")
    places[np.isnan(column)] = len(edges) + 1
    return round_all(np.bincount(places, minlength=len(edges) + 2) / max(len(column), 1))


def base_of(column: Column) -> dict[str, Any]:
    """Return how the values of a column are spread, for later comparison: by bins of a number, by the most frequent words."""
    if not isinstance(column, Words):
        seen = column[~np.isnan(column)]
        edges = edges_of(seen) if len(seen) else []
        return {"edges": edges, "shares": shares_in(column, edges)}
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.levels))
    words = [column.levels[code] for code in np.argsort(-counts, kind="stable")[:MOST_LEVELS] if counts[code]]
    return {"words": words, "shares": shares_of_words(column, words)}


def shares_of_words(column: Words, words: list[str]) -> list[float]:
    """Return the share of rows of each word, then of all other words, then of unknown ones."""
    place = {word: number for number, word in enumerate(words)}
    of_level = np.array([*(place.get(level, len(words)) for level in column.levels), len(words) + 1], dtype=int)
    return round_all(np.bincount(of_level[column.codes], minlength=len(words) + 2) / max(len(column.codes), 1))


def shares_like(column: Column | None, base: dict[str, Any], rows: int) -> list[float]:
    """Return the shares of a column in the bins of a base; a column that is missing or of the other type is unknown in every row."""
    if "words" in base:
        if column is None:
            column = Words(np.full(rows, -1, dtype=np.int32), [])
        elif not isinstance(column, Words):
            values, codes = np.unique(column, return_inverse=True)
            column = Words(np.where(np.isnan(column), -1, codes).astype(np.int32), [f"{value:g}" for value in values])
        return shares_of_words(column, base["words"])
    return shares_in(np.full(rows, np.nan) if column is None or isinstance(column, Words) else column, base["edges"])


def stability(expected: list[float], found: list[float]) -> float:
    """Return the population stability index of two lists of shares: up to 0.1 is usual, above 0.25 the cases are other ones."""
    one, two = np.maximum(expected, LEAST_SHARE), np.maximum(found, LEAST_SHARE)
    return round(float(np.sum((two - one) * np.log(two / one))), 6)


def cuts(y: Floats, p: Floats) -> list[list[float]]:
    """Return five numbers for each cut-off, the strictest first.

    They are the highest approved probability, the share approved, the share of bad of those, and the shares of all bad and of all good
    cases that are refused.
    """
    found = []
    for cut in np.unique(np.quantile(p, np.linspace(0, 1, CUTS + 1)[1:], method="inverted_cdf")):
        approved = p <= cut
        refused = ~approved
        shares = [approved.mean(), y[approved].mean(), y[refused].sum() / y.sum(), (1 - y[refused]).sum() / (len(y) - y.sum())]
        found.append(round_all([cut, *shares]))
    return found


def months(dates: Words, y: Floats, p: Floats) -> list[list[Any]]:
    """Return for each month in which cases began: its name (such as 2026-03), the cases, the share of bad, and the mean probability."""
    names = np.array([*(month_of(word) for word in dates.levels), ""])[dates.codes]
    found = []
    for month in sorted(set(names) - {""}):
        inside = names == month
        found.append([str(month), int(inside.sum()), *round_all([y[inside].mean(), p[inside].mean()])])
    return found


def month_of(word: str) -> str:
    """Return the year and month of a date as `learning.tables.DATE` knows it: 2026-03-01, or 1.3.2026."""
    if word[4:5] == "-":
        return word[:7]
    parts = word.replace("/", ".").split(".")
    return f"{parts[2]}-{int(parts[1]):02}"
