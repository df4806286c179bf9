"""The search of bins: never worse than any other cut that is allowed, which small cases try all of."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from learning.binning import FINE, Counts, best_bins, fine_edges, weigh_all
from learning.scorecard import MOST_BINS, bin_column


def is_allowed(weights, sign) -> bool:
    steps = np.sign(np.diff(weights))
    steps = steps[steps != 0]
    return bool((steps == sign).all()) if sign else np.count_nonzero(np.diff(steps)) <= 1


def of_cuts(table, cuts, many):
    ends = [0, *cuts, many]
    return [table[first, last] for first, last in pairwise(ends)]


@pytest.mark.parametrize("sign", [-1, 0, 1])
def test_no_other_cut_of_a_small_column_is_better(sign):
    dice = np.random.default_rng(7 + sign)
    tried = 0
    for _case in range(40):
        many = int(dice.integers(1, 9))
        rows = dice.integers(0, 40, many).astype(float)
        bad = dice.binomial(rows.astype(int), dice.random(many)).astype(float)
        counts, drawn, least = Counts(rows, bad, rows * dice.random()), float(dice.choice([1, 50])), float(dice.integers(1, 40))
        most = int(dice.integers(1, MOST_BINS + 1))
        weights, values = weigh_all(counts, drawn, least)
        best = -np.inf
        for number in range(most):
            for cuts in combinations(range(1, many), number):
                value = sum(of_cuts(values, cuts, many))
                if value > best and is_allowed(of_cuts(weights, cuts, many), sign):
                    best = value
        found = best_bins(counts, drawn=drawn, least=least, most=most, sign=sign)
        assert sum(of_cuts(values, found, many)) == pytest.approx(best, abs=1e-9) or best == -np.inf
        assert len(found) < most
        assert best == -np.inf or is_allowed(of_cuts(weights, found, many), sign)
        tried += best > -np.inf
    assert tried > 20


@pytest.mark.parametrize(("sign", "turns"), [(1, 0), (-1, 0), (0, 1)])
def test_a_column_s_bins_are_few_large_and_of_the_told_shape(sign, turns):
    dice = np.random.default_rng(3)
    column = dice.normal(size=6_000)
    y = (dice.random(6_000) < 0.1 + 0.3 * np.exp(-(column**2)) + 0.1 * (column > 0)).astype(float)
    column[::9] = np.nan
    found = bin_column(column, y, sign, 50.0)
    known, places = ~np.isnan(column), np.searchsorted(found.edges, column)
    assert 1 <= len(found.edges) < MOST_BINS
    assert len(found.woe) == len(found.edges) + 2
    assert np.bincount(places[known]).min() >= len(column) // 30
    steps = np.sign(np.diff(found.woe[:-1]))
    assert np.count_nonzero(np.diff(steps)) == turns
    assert not sign or set(steps) == {sign}


def test_fine_bins_lie_between_few_values_and_on_quantiles_of_many():
    assert list(fine_edges(np.array([3.0, 1.0, 1.0, 2.0]))) == [1.5, 2.5]
    assert list(fine_edges(np.array([4.0, 4.0]))) == []
    many = fine_edges(np.arange(10_000.0))
    assert len(many) == FINE - 1
    assert np.bincount(np.searchsorted(many, np.arange(10_000.0))).max() <= 10_000 // FINE + 1
    skewed = fine_edges(np.append(np.zeros(5_000), np.arange(500.0)))
    assert skewed[0] == 0.0
    assert (np.diff(skewed) > 0).all()
