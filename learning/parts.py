"""The parts of a challenger: boosted steps, boosted pairs, and a line through normal scores. Each is flattened after fitting."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import norm
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from learning.tables import Floats

PAIRS = 24
"""The most pairs of features with an interaction."""
SINGLE = {
    "learning_rate": 0.05,
    "max_iter": 300,
    "max_leaf_nodes": 3,
    "min_samples_leaf": 30,
    "l2_regularization": 5.0,
    "max_features": 0.4,
}
DOUBLE = {
    "learning_rate": 0.04,
    "max_iter": 300,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 30,
    "l2_regularization": 5.0,
    "max_features": 0.4,
}
PAIR_TREES = 80
STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3)
KNOTS = 24


def boosts(x: Floats, y: Floats, signs: list[int], seeds: range, *, together: list[tuple[int, int]] | None) -> list[Any]:
    """Return boosted models, one per seed, whose trees use only one feature each, or one of the pairs `together`."""
    groups: Any = "no_interactions"
    if together:
        groups = [*({a, b} for a, b in together), *({place} for place in range(x.shape[1]))]
    settings = DOUBLE if together else SINGLE
    return [
        HistGradientBoostingClassifier(
            **settings, early_stopping=False, random_state=seed, interaction_cst=groups, monotonic_cst=signs if any(signs) else None
        ).fit(x, y)
        for seed in seeds
    ]


def best_pairs(x: Floats, y: Floats, signs: list[int], most: int = PAIRS) -> list[tuple[int, int]]:
    """Return the pairs of features with the most gain in boosted trees."""
    if x.shape[1] < 2:
        return []
    model = HistGradientBoostingClassifier(
        **{**DOUBLE, "max_iter": PAIR_TREES, "learning_rate": 0.1}, early_stopping=False, random_state=7, interaction_cst="pairwise"
    ).fit(x, y)
    gains: dict[tuple[int, int], float] = {}
    for trees in model._predictors:  # noqa: SLF001  (scikit-learn shows its trees nowhere else)
        nodes = trees[0].nodes
        above: list[frozenset[int]] = [frozenset()] * len(nodes)
        for place, node in enumerate(nodes):
            if not node["is_leaf"]:
                used = above[node["left"]] = above[node["right"]] = above[place] | {int(node["feature_idx"])}
                if len(used) == 2:
                    pair = (min(used), max(used))
                    gains[pair] = gains.get(pair, 0.0) + float(node["gain"])
    return sorted(gains, key=lambda pair: -gains[pair])[:most]


def raw(models: list[Any], x: Floats) -> Floats:
    """Return the mean of the models' log odds."""
    found: Floats = np.mean([model.decision_function(x) for model in models], axis=0)
    return found


@dataclass(frozen=True)
class Line:
    """Logistic regression on the normal scores of features: `knots` and `heights` of each, and whether a column marks unknown values.

    Scores are linear between knots and constant beyond them; unknown values score 0.
    """

    knots: list[list[float]]
    heights: list[list[float]]
    flags: list[bool]
    model: Any


def normal_scores(column: Floats, word: bool) -> tuple[list[float], list[float]]:
    """Return knots of a column and the normal score of each; a word's weight is its own score. Empty lists if there is only one value."""
    seen = column[~np.isnan(column)]
    values = np.unique(seen)
    if len(values) < 2:
        return [], []
    if word:
        return [float(values[0]), float(values[-1])], [float(values[0]), float(values[-1])]
    shares = np.linspace(0, 1, KNOTS + 1)
    knots = np.unique(np.quantile(seen, shares, method="inverted_cdf")) if len(values) > KNOTS else values
    below = np.searchsorted(np.sort(seen), knots, side="left")
    upto = np.searchsorted(np.sort(seen), knots, side="right")
    share = np.clip((below + upto) / 2 / len(seen), 0.01, 0.99)
    return [float(knot) for knot in knots], [float(height) for height in norm.ppf(share)]


def _line_columns(x: Floats, knots: list[list[float]], heights: list[list[float]], flags: list[bool]) -> Floats:
    columns = []
    for place, (at, to, flag) in enumerate(zip(knots, heights, flags, strict=True)):
        column = x[:, place]
        unknown = np.isnan(column)
        columns.append(np.where(unknown, 0.0, np.interp(column, at, to)) if at else np.zeros(len(x)))
        if flag:
            columns.append(unknown.astype(float))
    return np.column_stack(columns)


def line(x: Floats, y: Floats, words: list[bool], signs: list[int], strength: float) -> Line:
    """Return the fitted line; a feature with a known direction of risk is left out if the line would contradict it."""
    shapes = [normal_scores(x[:, place], word) for place, word in enumerate(words)]
    knots, heights = [shape[0] for shape in shapes], [shape[1] for shape in shapes]
    flags = [bool(np.isnan(column).mean() > 0.005) for column in x.T]
    while True:
        z = _line_columns(x, knots, heights, flags)
        model = LogisticRegression(C=strength, max_iter=1000).fit(z, y)
        wrong = [place for place, slope in enumerate(_slopes(model, flags)) if slope * signs[place] < 0 and knots[place]]
        if not wrong:
            return Line(knots, heights, flags, model)
        for place in wrong:
            knots[place], heights[place] = [], []


def _slopes(model: Any, flags: list[bool]) -> list[float]:
    """Return the coefficient of each feature's score."""
    found, place = [], 0
    for flag in flags:
        found.append(float(model.coef_[0][place]))
        place += 2 if flag else 1
    return found


def line_raw(fitted: Line, x: Floats) -> Floats:
    """Return the line's log odds."""
    found: Floats = fitted.model.decision_function(_line_columns(x, fitted.knots, fitted.heights, fitted.flags))
    return found
