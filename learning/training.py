"""Trains a scorecard and a challenger on one table, calibrates both by cross-validation, and flattens both.

The challenger adds four parts in log odds (boosted steps, boosted pairs, a line, the scorecard), with weights fitted on rows that the part
was not trained on. The total is still a sum over features and pairs of features.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from learning import parts, scorecard
from learning.errors import BadTable
from learning.flat import probabilities
from learning.folds import FOLDS, folds, same_rows
from learning.labels import Labelled, refuse_directions
from learning.metrics import auc, figures, log_loss
from learning.recipe import Recipe, as_features, weights_of_words
from learning.steps import Progress, Say, Step, silent
from learning.sums import Sum
from learning.tables import Floats, Table, Words, rows_of

BAG, BAG_OF_LARGE = 3, 1
LARGE = 100_000
"""From this number of rows on, only one fold of five is held out instead of each in turn, and one forest is trained instead of three."""
CLASSES = 2
FEW_WORDS, FEW_ON_CARD = 8, 20
"""Columns of more words have each row's weight from other rows: on the card, whose points are few, only those of many more words."""
EVEN = 4.0
"""How strongly the parts' weights are shrunk towards equal shares, in rows."""
PARTS = ("steps", "pairs", "line", "card")


@dataclass(frozen=True)
class Fitted:
    """The parts trained on some rows."""

    recipe: Recipe
    steps: list[Any]
    pairs: list[Any]
    line: parts.Line
    card: scorecard.Card

    def raw(self, x: Floats) -> Floats:
        """Return the log odds from each part, one column per part."""
        columns = [parts.raw(self.steps, x), parts.raw(self.pairs, x), parts.line_raw(self.line, x), scorecard.card_raw(self.card, x)]
        return np.column_stack(columns)


@dataclass(frozen=True)
class Trained:
    """The result of training: the parts, their weights in the challenger, both flat models, references, points, cross-validated figures.

    `tested` is a mask of the rows that were tested in cross-validation, `tested_p` their probabilities by model.
    """

    fitted: Fitted
    blend: list[float]
    flats: dict[str, dict[str, Any]]
    references: dict[str, Any]
    points: list[dict[str, Any]]
    figures: dict[str, dict[str, Any]]
    settings: dict[str, Any] = field(default_factory=dict)
    tested: Any = None
    tested_p: dict[str, Floats] = field(default_factory=dict)


def recipe_for(data: Labelled, told: dict[str, int], y: Floats, table: Table) -> Recipe:
    """Return the recipe of a table. Columns derived from one with a required direction are left out, because they could undo it."""
    numbers = [name for name, column in table.columns.items() if not isinstance(column, Words)]
    words = {name: weights_of_words(column, y) for name, column in table.columns.items() if isinstance(column, Words)}
    there, derived = {*numbers, *words}, []
    for name, operation, *columns in data.known.derived:
        if set(columns) <= there and name not in there and not set(columns) & told.keys():
            derived.append([name, operation, *columns])
            there.add(name)
    return Recipe(numbers, words, derived)


def fit(
    data: Labelled,
    table: Table,
    y: Floats,
    told: dict[str, int],
    *,
    bag: int,
    strengths: tuple[float, float, float],
    done: Callable[[float], None] = lambda _share: None,
) -> Fitted:
    """Return the parts trained on the rows of a table; `done` is called with the share of the work that is done, from 0 to 1."""
    recipe = recipe_for(data, told, y, table)
    x = as_features(recipe, table)
    signs = [told.get(name, 0) for name in recipe.features]
    words = [name in recipe.words for name in recipe.features]
    unseen = _unseen_words(recipe, table, x, y)
    done(0.05)
    together = parts.best_pairs(unseen, y, signs)
    done(0.25)
    steps = parts.boosts(unseen, y, signs, range(bag), together=None)
    done(0.5)
    pairs = parts.boosts(unseen, y, signs, range(bag), together=together or [(0, 0)])
    done(0.85)
    line = parts.line(unseen, y, words, signs, strengths[0])
    done(0.95)
    on_card = _unseen_words(recipe, table, x, y, few=FEW_ON_CARD)
    card = scorecard.fit_card(on_card, y, scorecard.bin_all(on_card, y, signs, strengths[2]), strengths[1])
    return Fitted(recipe, steps, pairs, line, card)


def _unseen_words(recipe: Recipe, table: Table, x: Floats, y: Floats, *, few: int = FEW_WORDS) -> Floats:
    """Return the features; in columns of more than a `few` words, weights are of other rows, so that no row sees its own label."""
    many = [name for name, weights in recipe.words.items() if len(weights) > few]
    if not many:
        return x
    changed = x.copy()
    fold = np.random.default_rng(3).permutation(len(y)) % FOLDS
    for name in many:
        column: Any = table.columns[name]
        place = recipe.features.index(name)
        for number in range(FOLDS):
            inside = fold == number
            weights = weights_of_words(column.rows(~inside), y[~inside])
            values = np.array([*(weights.get(word, 0.0) for word in column.levels), np.nan])
            changed[inside, place] = values[column.codes[inside]]
    return changed


def strengths_for(data: Labelled, told: dict[str, int], fold: Any) -> tuple[float, float, float]:
    """Return the regularization strengths of the line and the card, and the shrinkage of the card's bins, by cross-validation."""
    lines, cards = dict.fromkeys(parts.STRENGTHS, 0.0), {(s, d): 0.0 for d in scorecard.DRAWN for s in parts.STRENGTHS}
    for number in range(FOLDS):
        inside = fold == number
        some = Table({name: rows_of(column, ~inside) for name, column in data.table.columns.items()}, int((~inside).sum()))
        rest = Table({name: rows_of(column, inside) for name, column in data.table.columns.items()}, int(inside.sum()))
        y, truth = data.y[~inside], data.y[inside]
        recipe = recipe_for(data, told, y, some)
        x, other = as_features(recipe, some), as_features(recipe, rest)
        signs, words = [told.get(name, 0) for name in recipe.features], [name in recipe.words for name in recipe.features]
        unseen = _unseen_words(recipe, some, x, y)
        for strength in lines:
            lines[strength] += log_loss(truth, probabilities(parts.line_raw(parts.line(unseen, y, words, signs, strength), other)))
        on_card = _unseen_words(recipe, some, x, y, few=FEW_ON_CARD)
        bins = {drawn: scorecard.bin_all(on_card, y, signs, drawn) for drawn in scorecard.DRAWN}
        for strength, drawn in cards:
            card = scorecard.fit_card(on_card, y, bins[drawn], strength)
            # Its probabilities are calibrated later, so only the ranking counts here.
            cards[strength, drawn] -= auc(truth, scorecard.card_raw(card, other))
    return min(lines, key=lambda one: lines[one]), *min(cards, key=lambda one: cards[one])


def blend(raw: Floats, y: Floats, w: Floats | None = None) -> tuple[list[float], float]:
    """Return non-negative weights of the columns of `raw`, shrunk towards equal shares, and a base, that fit `y` best."""
    rows, many = raw.shape
    weights = np.ones(rows) if w is None else w * rows / w.sum()

    def loss(at: Floats) -> tuple[float, Floats]:
        z = raw @ at[:-1] + at[-1]
        off = at[:-1] - 1 / many
        p = probabilities(z)
        slope = weights * (p - y)
        value = float(np.sum(weights * (np.logaddexp(0, z) - y * z)) + EVEN * np.sum(off**2))
        return value, np.append(raw.T @ slope + 2 * EVEN * off, slope.sum())

    found = minimize(loss, np.append(np.full(many, 1 / many), 0.0), jac=True, method="L-BFGS-B", bounds=[(0, None)] * many + [(None, None)])
    return [float(weight) for weight in found.x[:-1]], float(found.x[-1])


def train(data: Labelled, *, told: dict[str, int] | None = None, weigh: bool = False, seed: int = 0, say: Say = silent) -> Trained:
    """Return both models, trained on all rows, with their figures on rows that they were not trained on.

    `told` says by column whether the risk may only rise (1) or fall (-1); with `weigh`, probabilities refer to the weighted rows.
    """
    told = told or {}
    refuse_directions(data.table.columns, told)
    large = len(data.y) >= LARGE
    fold = folds(data.y, same_rows(data.table), seed)
    _refuse_alike(data.y, fold)
    with warnings.catch_warnings(), threadpool_limits(None if large else 1):
        warnings.simplefilter("ignore")
        if not large:
            say(Progress(Step.STRENGTHS, 0))
        strengths = (0.1, 0.1, 50.0) if large else strengths_for(data, told, fold)
        tests = range(1 if large else FOLDS)
        unseen, raws = np.zeros(len(fold), dtype=bool), np.zeros((len(fold), len(PARTS)))
        begins = 0 if large else 20
        each = 50 if large else 10
        for number in tests:
            at = Progress(Step.CROSS, begins + number * each, number + 1, len(tests))
            say(at)
            inside = fold == number
            some = Table({name: rows_of(column, ~inside) for name, column in data.table.columns.items()}, int((~inside).sum()))
            fitted = fit(data, some, data.y[~inside], told, bag=1, strengths=strengths, done=at.saying(say, each))
            rest = Table({name: rows_of(column, inside) for name, column in data.table.columns.items()}, int(inside.sum()))
            raws[inside], unseen = fitted.raw(as_features(fitted.recipe, rest)), unseen | inside
        at = Progress(Step.WHOLE, begins + each * len(tests))
        say(at)
        bag = BAG_OF_LARGE if large else BAG
        fitted = fit(data, data.table, data.y, told, bag=bag, strengths=strengths, done=at.saying(say, 100 - at.percent))
    return _finish(data, fitted, raws[unseen], unseen, strengths, seed, weigh)


def _refuse_alike(y: Floats, fold: NDArray[np.int64]) -> None:
    """Refuse rows of which so few differ that a part of them would leave nothing to test on, or one class alone to learn from."""
    for number in range(FOLDS):
        inside = fold == number
        if not inside.any() or len(np.unique(y[~inside])) < CLASSES:
            raise BadTable("alike", "hardly any rows differ: there is nothing to tell apart. Add columns, or rows that differ")


def _finish(
    data: Labelled, fitted: Fitted, raws: Floats, unseen: Any, strengths: tuple[float, float, float], seed: int, weigh: bool
) -> Trained:
    """Calibrate on rows not used in training, and flatten."""
    y, w = data.y[unseen], None if data.weights is None else data.weights[unseen]
    by = w if weigh else None
    weights, base = blend(raws, y, by)
    (slope,), start = blend(raws[:, 3:], y, by)
    p = {"scorecard": probabilities(raws[:, 3] * slope + start), "boosted": probabilities(raws @ np.array(weights) + base)}
    measured = {kind: figures(y, some, fraud=True, w=w) for kind, some in p.items()}
    names = fitted.recipe.features
    start_points, of = scorecard.points(fitted.card)
    card_sum = Sum(len(names), base=start + slope * -start_points / scorecard.FACTOR)
    for place, some in of.items():
        card_sum.add_card(place, fitted.card.bins[place].edges, [float(one) for one in some], -slope / scorecard.FACTOR)
    both = {"scorecard": card_sum.plain(), "boosted": challenger_sum(fitted, weights, base).plain()}
    settings = {"strengths": list(strengths), "seed": seed, "folds": FOLDS, "blend": dict(zip(PARTS, weights, strict=True)), "base": base}
    card_rows = scorecard.table(start_points, of, fitted.card, names, fitted.recipe.words)
    return Trained(fitted, [*weights, base], both, references(data), card_rows, measured, settings, unseen, p)


def challenger_sum(fitted: Fitted, weights: list[float], base: float) -> Sum:
    """Return the challenger as a sum over features and pairs."""
    total = Sum(len(fitted.recipe.features), base=base)
    total.add_boosts(fitted.steps, weights[0])
    total.add_boosts(fitted.pairs, weights[1])
    total.add_line(fitted.line, weights[2])
    total.base += weights[3] * float(fitted.card.model.intercept_[0])
    for (place, bins), slope in zip(fitted.card.bins.items(), fitted.card.model.coef_[0], strict=True):
        total.add_card(place, bins.edges, [float(slope) * one for one in bins.woe], weights[3])
    return total


def references(data: Labelled) -> dict[str, Any]:
    """Return the reference value of each fact among good rows: the median of a number, the most frequent word."""
    found: dict[str, Any] = {}
    for name, column in data.table.columns.items():
        good = rows_of(column, data.y == 0)
        if isinstance(good, Words):
            seen = good.codes[good.codes >= 0]
            found[name] = good.levels[int(np.bincount(seen).argmax())] if len(seen) else None
        else:
            found[name] = float(np.nanquantile(good, 0.5, method="inverted_cdf")) if not np.isnan(good).all() else None
    return found
