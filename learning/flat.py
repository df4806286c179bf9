"""Scores one row or many rows from plain lookup tables, without loading scikit-learn.

A model is a sum: a base, a piecewise linear function of each feature, and step functions of some pairs of features. Trees whose leaves
depend on at most two features each are exactly such a sum, and so is a scorecard. Place `i` of a value is the number of knots below it; the
last place is for unknown values.
"""

import math
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isnan
from typing import Any

import numpy as np

from learning.recipe import NAN, Recipe, as_number, as_word, derive_one
from learning.tables import Floats

AT_ONCE = 16_384
LEAST_LOSS = 1e-9


@dataclass(frozen=True, slots=True)
class Part:
    """A feature's function: at place `i` it is `y[i] + (x - x0[i]) * slope[i]`; `y` has one more value, for unknown."""

    knots: list[float]
    y: list[float]
    x0: list[float]
    slope: list[float]
    slopes: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """A step function of two features: its value at place `i` of one and `j` of the other is `values[i * width + j]`."""

    first: int
    second: int
    width: int
    values: list[float]


@dataclass(frozen=True, slots=True)
class Reason:
    """A fact that raises the risk: with the value `reference` instead, the log odds of bad would be lower by `loss`."""

    fact: str
    value: Any
    reference: Any
    loss: float


class Flat:
    """One model over the features of a recipe."""

    def __init__(self, plain: Mapping[str, Any]) -> None:
        self.base: float = plain["base"]
        self.parts = [Part(one["knots"], one["y"], one["x0"], one["slope"], any(one["slope"])) for one in plain["parts"]]
        self.pairs = [Pair(one["first"], one["second"], one["width"], one["values"]) for one in plain["pairs"]]

        self.silent = [not any(part.y) and not part.slopes for part in self.parts]
        for pair in self.pairs:
            self.silent[pair.first] = self.silent[pair.second] = False

    def scores(self, x: Floats) -> Floats:
        """Return the log odds of bad of many rows of features, in chunks that fit the processor's cache."""
        arrays, steps = self._arrays
        found = [self._some(x[start : start + AT_ONCE], arrays, steps) for start in range(0, len(x), AT_ONCE)]
        return np.concatenate(found) if found else np.empty(0)

    @cached_property
    def _arrays(self) -> tuple[list[tuple[Floats, ...]], list[Floats]]:
        """The parts and pairs as arrays, made when many rows are scored for the first time."""
        parts = [tuple(np.array([*values, *more]) for values, more in _padded(part)) for part in self.parts]
        return parts, [np.array(pair.values) for pair in self.pairs]

    def _some(self, x: Floats, arrays: list[tuple[Floats, ...]], steps: list[Floats]) -> Floats:
        total = np.full(len(x), self.base)
        places: list[Any] = []
        for part, column, silent, (knots, y, x0, slope) in zip(self.parts, np.array(x.T, order="C"), self.silent, arrays, strict=True):
            if silent:
                places.append(None)
                continue
            unknown = np.isnan(column)
            place = np.searchsorted(knots, column, side="left")
            place[unknown] = len(knots) + 1
            places.append(place)
            total += y.take(place)
            if part.slopes:
                column[unknown] = 0.0
                total += (column - x0.take(place)) * slope.take(place)
        for pair, values in zip(self.pairs, steps, strict=True):
            total += values.take(places[pair.first] * pair.width + places[pair.second])
        return total


def _padded(part: Part) -> list[tuple[list[float], list[float]]]:
    """Return a part's numbers, padded with a slope of 0 for unknown values."""
    return [(part.knots, []), (part.y, []), (part.x0, [0.0]), (part.slope, [0.0])]


class Scorer:
    """Scores rows (facts by name) with one or several models of one recipe, with reasons."""

    def __init__(self, recipe: Recipe, models: Mapping[str, Flat], references: Mapping[str, Any]) -> None:
        self.recipe, self.models = recipe, dict(models)
        names = recipe.features
        place = {name: number for number, name in enumerate(names)}
        self.words = [recipe.words.get(name) for name in recipe.facts]
        self.facts = recipe.facts
        self.derived = [(place[name], operation, [place[c] for c in columns]) for name, operation, *columns in recipe.derived]
        self.references = [references.get(name) for name in self.facts]
        self.moved = [self._value(number, value) for number, value in enumerate(self.references)]
        self.follows = [self._following(number) for number in range(len(self.facts))]
        self.touched = {
            name: [
                [pair for pair in model.pairs if {pair.first, pair.second} & {number, *(one[0] for one in self.follows[number])}]
                for number in range(len(self.facts))
            ]
            for name, model in self.models.items()
        }

    def _following(self, fact: int) -> list[tuple[int, str, list[int]]]:
        """Return the derived features that depend on a fact, in order of computation."""
        changed, found = {fact}, []
        for one in self.derived:
            if changed & set(one[2]):
                changed.add(one[0])
                found.append(one)
        return found

    def _value(self, number: int, value: Any) -> float:
        weights = self.words[number]
        if weights is None:
            return as_number(value)
        if value is None or (isinstance(value, float) and isnan(value)):
            return NAN
        word = as_word(value)
        return weights.get(word, 0.0) if word else NAN

    def features(self, row: Mapping[str, Any]) -> list[float]:
        """Return the features of a row; missing facts are unknown."""
        get = row.get
        values = [self._value(number, get(name)) for number, name in enumerate(self.facts)]
        for _place, operation, columns in self.derived:
            values.append(derive_one(operation, [values[column] for column in columns]))
        return values

    def score(self, row: Mapping[str, Any], model: str) -> float:
        """Return the log odds of bad of a row."""
        return self._total(self.models[model], self.features(row))[0]

    @staticmethod
    def _total(model: Flat, values: list[float]) -> tuple[float, list[int], list[float]]:
        total = model.base
        places, shares = [], []
        for part, value, silent in zip(model.parts, values, model.silent, strict=True):
            if silent:
                place, share = 0, 0.0
            elif isnan(value):
                place, share = len(part.knots) + 1, part.y[-1]
            else:
                place = bisect_left(part.knots, value)
                share = part.y[place]
                if part.slopes:
                    share += (value - part.x0[place]) * part.slope[place]
            places.append(place)
            shares.append(share)
            total += share
        for pair in model.pairs:
            total += pair.values[places[pair.first] * pair.width + places[pair.second]]
        return total, places, shares

    def explain(self, row: Mapping[str, Any], most: int = 4) -> dict[str, tuple[float, list[Reason]]]:
        """Return for each model the log odds of bad, and the facts that raise it most compared with their references, largest first."""
        values = self.features(row)
        changes = [
            (fact, self._changes(fact, moved, values))
            for fact, moved in enumerate(self.moved)
            if moved != values[fact] and not (isnan(moved) and isnan(values[fact]))
        ]
        found = {}
        for name, model in self.models.items():
            total, places, shares = self._total(model, values)
            touched, losses = self.touched[name], []
            for fact, new in changes:
                loss = _loss(model, new, places, shares, touched[fact])
                if loss > LEAST_LOSS:
                    losses.append((loss, fact))
            losses.sort(reverse=True)
            reasons = [Reason(self.facts[fact], row.get(self.facts[fact]), self.references[fact], loss) for loss, fact in losses[:most]]
            found[name] = (total, reasons)
        return found

    def _changes(self, fact: int, moved: float, values: list[float]) -> list[tuple[int, float]]:
        """Return the features that change if a fact takes its reference value, with their new values."""
        follows = self.follows[fact]
        if not follows:
            return [(fact, moved)]
        new = {fact: moved}
        for place, operation, columns in follows:
            new[place] = derive_one(operation, [new[column] if column in new else values[column] for column in columns])
        return list(new.items())


def _loss(model: Flat, new: list[tuple[int, float]], places: list[int], shares: list[float], pairs: list[Pair]) -> float:
    """Return by how much the log odds fall with new values of some features; `pairs` are the pairs with any of these features."""
    loss = 0.0
    silent, parts = model.silent, model.parts
    at = places.copy() if pairs else places
    for feature, value in new:
        if silent[feature]:
            continue
        part = parts[feature]
        if isnan(value):
            place = len(part.knots) + 1
            share = part.y[-1]
        else:
            place = bisect_left(part.knots, value)
            share = part.y[place]
            if part.slopes:
                share += (value - part.x0[place]) * part.slope[place]
        loss += shares[feature] - share
        if pairs:
            at[feature] = place
    for pair in pairs:
        width, steps = pair.width, pair.values
        before, after = places[pair.first] * width + places[pair.second], at[pair.first] * width + at[pair.second]
        if before != after:
            loss += steps[before] - steps[after]
    return loss


def probability(log_odds: float) -> float:
    """Convert log odds to a probability."""
    if log_odds >= 0:
        return 1.0 / (1.0 + math.exp(-log_odds))
    power = math.exp(log_odds)
    return power / (1.0 + power)


def probabilities(log_odds: Floats) -> Floats:
    """Convert log odds to probabilities."""
    return 1.0 / (1.0 + np.exp(-np.clip(log_odds, -500, 500)))
