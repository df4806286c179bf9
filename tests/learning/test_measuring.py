"""Figures against scikit-learn's own, and folds that keep the same rows together."""

import numpy as np
import pytest
from sklearn import metrics as sk

from learning.folds import folds, same_rows
from learning.metrics import auc, average_precision, brier, ece, ks, log_loss, recall_at
from learning.tables import Table, Words


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_figures_are_those_of_scikit_learn(seed, ties):
    dice = np.random.default_rng(seed)
    y = (dice.random(400) < 0.2).astype(float)
    p = np.clip(dice.normal(0.3 + 0.2 * y, 0.2), 0.001, 0.999)
    p = p.round(1) if ties else p
    p = np.clip(p, 0.001, 0.999)
    w = dice.uniform(1, 200, 400)
    false, true, _at = sk.roc_curve(y, p, drop_intermediate=False)
    assert auc(y, p) == pytest.approx(sk.roc_auc_score(y, p), abs=1e-12)
    assert ks(y, p) == pytest.approx((true - false).max(), abs=1e-12)
    assert brier(y, p) == pytest.approx(sk.brier_score_loss(y, p), abs=1e-12)
    assert log_loss(y, p) == pytest.approx(sk.log_loss(y, p), abs=1e-9)
    assert average_precision(y, p) == pytest.approx(sk.average_precision_score(y, p), abs=1e-12)
    assert average_precision(y, p, w) == pytest.approx(sk.average_precision_score(y, p, sample_weight=w), abs=1e-12)
    assert recall_at(y, p) == pytest.approx(true[false <= 0.01].max(), abs=1e-12)


def test_the_calibration_error_is_the_mean_of_ten_bins_by_rows():
    y, p = np.array([0.0, 1.0, 1.0, 0.0]), np.array([0.05, 0.05, 1.0, 0.95])
    # Bin 0: predicted .05, observed .5, two rows; bin 9: predicted .975, observed .5, two rows.
    assert ece(y, p) == pytest.approx(0.5 * 0.45 + 0.5 * 0.475)


def test_rows_that_are_the_same_stand_in_one_fold():
    dice = np.random.default_rng(0)
    numbers, codes = dice.integers(0, 12, 500).astype(float), dice.integers(0, 5, 500).astype(np.int32)
    table = Table({"a": numbers, "b": Words(codes, list("abcde"))}, 500)
    groups = same_rows(table)
    pairs = {}
    for number, code, group in zip(numbers, codes, groups, strict=True):
        pairs.setdefault((number, code), set()).add(group)
    assert all(len(some) == 1 for some in pairs.values())
    assert len({next(iter(some)) for some in pairs.values()}) == len(pairs)
    y = (dice.random(500) < 0.3).astype(float)
    fold = folds(y, groups, seed=1)
    assert all(len(set(fold[groups == group])) == 1 for group in set(groups))
    assert min(np.bincount(fold, minlength=5)) > 40


def test_each_fold_has_its_share_of_bad_rows():
    y = np.array([1.0] * 50 + [0.0] * 950)
    fold = folds(y, np.arange(1000), seed=2)
    assert [int(y[fold == number].sum()) for number in range(5)] == [10] * 5
