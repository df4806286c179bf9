"""The best bins of a column: of all ways to cut it that are allowed, the one under which its outcomes are most likely.

It is found exactly, by dynamic programming over fine bins. A bin's value is the log likelihood of its outcomes at its own, shrunk rate of
bad: what the regression on the weights of evidence makes large too. Allowed are at most so many bins, each of at least so many rows, whose
weights rise, fall, or turn at most once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from learning.tables import Floats

FINE = 64
"""A column has so many fine bins at most; the best bins are made of whole ones."""


@dataclass(frozen=True)
class Counts:
    """The fine bins of a column in the order of its values: rows, bad rows, and the bad rows that would be expected, of each."""

    rows: Floats
    bad: Floats
    expected: Floats


def fine_edges(seen: Floats) -> Floats:
    """Return the edges of the fine bins of known values: between neighbors if there are few values, else values at equal shares of rows."""
    values: Floats = np.unique(seen)
    if len(values) <= FINE:
        between: Floats = (values[:-1] + values[1:]) / 2
        return between
    found: Floats = np.unique(np.quantile(seen, np.arange(1, FINE) / FINE, method="inverted_cdf"))
    below: Floats = found[found < values[-1]]
    return below


def best_bins(counts: Counts, *, drawn: float, least: float, most: int, sign: int) -> list[int]:
    """Return after which fine bins the best bins are cut, ascending; empty for a single bin.

    `drawn` expected rows are added to each bin. Weights rise with `sign` 1 and fall with -1; with 0 they turn at most once. A bin has at
    least `least` rows, and there are at most `most`.
    """
    weights, values = weigh_all(counts, drawn, least)
    if sign:
        found = [_best(sign * weights, values, most, turns=False)]
    else:
        found = [_best(way * weights, values, most, turns=True) for way in (1, -1)]
    return max(found, key=lambda one: one[0])[1]


def weigh_all(counts: Counts, drawn: float, least: float) -> tuple[Floats, Floats]:
    """Return the weight and the value of the bin from each fine bin to each other, as `[first, after last]`; no value for a small one."""
    rows, bad, expected = (np.append(0.0, np.cumsum(one)) for one in (counts.rows, counts.bad, counts.expected))
    many, worse, foreseen = (one[None, :] - one[:, None] for one in (rows, bad, expected))
    with np.errstate(all="ignore"):
        rate = (worse + drawn * foreseen / many) / (many + drawn)
        weights = np.log(rate) - np.log1p(-rate)
        values = worse * np.log(rate) + (many - worse) * np.log1p(-rate)
    is_bin = np.triu(many >= max(least, 1), 1) & np.isfinite(values)
    return np.where(is_bin, weights, np.nan), np.where(is_bin, values, -np.inf)


def _best(weights: Floats, values: Floats, most: int, *, turns: bool) -> tuple[float, list[int]]:
    """Return the largest sum of values of bins whose weights rise, or with `turns` rise and then fall, and where they are cut.

    For each boundary, number of bins and phase, the best way to end in each bin before it is known before the bins after it are looked at.
    """
    many = len(values)
    phases = 2 if turns else 1
    reached = np.full((phases, most, many, many), -np.inf)
    before = np.zeros((phases, most, many, many, 2), dtype=np.int16)
    reached[0, 0, 0] = values[0]
    for here in range(1, many - 1):
        ends, starts = weights[:here, here], weights[here, here + 1 :]
        rising = np.argsort(ends, kind="stable")[: np.count_nonzero(~np.isnan(ends))]
        if not len(rising):
            continue
        after = values[here, here + 1 :]
        up = np.searchsorted(ends[rising], starts, side="right")
        _extend(reached, before, here, rising, up, after, 0, [0])
        if turns:
            falling = rising[::-1]
            down = np.searchsorted(-ends[falling], -starts, side="right")
            _extend(reached, before, here, falling, down, after, 1, [0, 1])
    phase, number, first = np.unravel_index(int(np.argmax(reached[:, :, :, -1])), reached.shape[:3])
    return float(reached[phase, number, first, -1]), _cuts(before, int(phase), int(number), int(first), many - 1)


def _extend(
    reached: Floats,
    before: NDArray[np.int16],
    here: int,
    order: NDArray[np.intp],
    allowed: NDArray[np.intp],
    after: Floats,
    phase: int,
    ways: list[int],
) -> None:
    """Put each bin that begins `here` after the best of those that end here and are among the first `allowed` of `order`."""
    ending = np.stack([reached[way, :-1, order, here].T for way in ways])
    way = ending.argmax(axis=0)
    best = ending.max(axis=0)
    most = np.maximum.accumulate(best, axis=1)
    # The place of the best so far: where the running maximum rose last.
    rose = np.concatenate([np.ones((len(best), 1), dtype=bool), best[:, 1:] > most[:, :-1]], axis=1)
    place = np.maximum.accumulate(np.where(rose, np.arange(best.shape[1]), 0), axis=1)
    can, at = allowed > 0, np.maximum(allowed - 1, 0)
    reached[phase, 1:, here, here + 1 :] = np.where(can, most[:, at] + after, -np.inf)
    chosen = place[:, at]
    before[phase, 1:, here, here + 1 :, 0] = order[chosen]
    before[phase, 1:, here, here + 1 :, 1] = np.array(ways)[np.take_along_axis(way, chosen, axis=1)]


def _cuts(before: NDArray[np.int16], phase: int, number: int, first: int, end: int) -> list[int]:
    found = []
    while number:
        found.append(first)
        earlier, way = before[phase, number, first, end]
        phase, number, first, end = int(way), number - 1, int(earlier), first
    return found[::-1]
