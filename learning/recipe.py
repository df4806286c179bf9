"""Converts a table's own columns (facts) to the models' columns (features), with the same arithmetic for a table and for one row.

A feature is a number, NaN where unknown. A category becomes the weight of evidence of its word: its log odds of bad relative to those of
all rows, shrunk towards 0 if there are few rows; an unknown word weighs 0.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from learning.tables import Column, Floats, Table, Words

DRAWN = 25.0
"""The number of average rows added to each category, for shrinkage."""
NAN = math.nan


@dataclass(frozen=True)
class Recipe:
    """Facts by name with their type, categories' weights by word, and derived columns: (name, operation, columns ...)."""

    numbers: list[str]
    words: dict[str, dict[str, float]]
    derived: list[list[str]]

    @property
    def facts(self) -> list[str]:
        """The columns of the table that are used."""
        return [*self.numbers, *self.words]

    @property
    def features(self) -> list[str]:
        """The columns that models see."""
        return [*self.facts, *(name for name, *_rest in self.derived)]

    def plain(self) -> dict[str, Any]:
        """Return the recipe as plain values."""
        return asdict(self)


def weights_of_words(column: Words, y: Floats) -> dict[str, float]:
    """Return the shrunk weight of evidence of each word."""
    base = float(y.mean())
    seen = column.codes >= 0
    rows = np.bincount(column.codes[seen], minlength=len(column.levels))
    bad = np.bincount(column.codes[seen], weights=y[seen], minlength=len(column.levels))
    rate = (bad + DRAWN * base) / (rows + DRAWN)
    weights = np.log(rate / (1 - rate)) - math.log(base / (1 - base))
    return {word: float(weight) for word, weight, number in zip(column.levels, weights, rows, strict=True) if number}


def as_features(recipe: Recipe, table: Table) -> Floats:
    """Return the features of all rows, one column each; columns missing in the table are unknown."""
    found: dict[str, Floats] = {}
    for name in recipe.numbers:
        found[name] = _numbers(table.columns.get(name), table.rows)
    for name, weights in recipe.words.items():
        found[name] = _weighed(table.columns.get(name), weights, table.rows)
    return stacked(recipe, found)


def stacked(recipe: Recipe, found: dict[str, Floats]) -> Floats:
    """Return the features of all rows from the numbers and weights of each fact by name, to which derived columns are added."""
    for name, operation, *columns in recipe.derived:
        found[name] = derive(operation, [found[column] for column in columns])
    return np.column_stack([found[name] for name in recipe.features])


def _numbers(column: Column | None, rows: int) -> Floats:
    if column is None:
        return np.full(rows, NAN)
    if isinstance(column, Words):
        values = np.array([*(as_number(word) for word in column.levels), NAN])
        return values[column.codes]
    return column


def _weighed(column: Column | None, weights: Mapping[str, float], rows: int) -> Floats:
    if column is None:
        return np.full(rows, NAN)
    if not isinstance(column, Words):
        values, places = np.unique(column, return_inverse=True)
        return np.array([NAN if math.isnan(value) else weights.get(as_word(value), 0.0) for value in values])[places]
    return np.array([*(weights.get(word, 0.0) for word in column.levels), NAN])[column.codes]


def derive(operation: str, columns: Sequence[Floats]) -> Floats:
    """Return a derived column; unknown if one of its columns is unknown or the result is not finite."""
    with np.errstate(all="ignore"):
        if operation == "/":
            result = columns[0] / columns[1]
        elif operation == "-":
            result = columns[0] - columns[1]
        else:
            rows = np.stack(columns)
            if operation == "min":
                result = rows.min(axis=0)
            elif operation == "max":
                result = rows.max(axis=0)
            elif operation == "over 0":
                result = np.where(np.isnan(rows).any(axis=0), NAN, (rows > 0).sum(axis=0))
            else:
                result = columns[0].copy()
                for column in columns[1:]:
                    result += column
                if operation == "mean":
                    result = result / len(columns)
    return np.where(np.isfinite(result), result, NAN)


def derive_one(operation: str, values: Sequence[float]) -> float:
    """Return a derived value of one row, the same as `derive`."""
    for value in values:
        if math.isnan(value):
            return NAN
    if operation == "/":
        result = values[0] / values[1] if values[1] else NAN
    elif operation == "-":
        result = values[0] - values[1]
    elif operation == "min":
        result = min(values)
    elif operation == "max":
        result = max(values)
    elif operation == "over 0":
        result = float(sum(value > 0 for value in values))
    else:
        result = values[0]
        for value in values[1:]:
            result += value
        if operation == "mean":
            result = result / len(values)
    return result if -math.inf < result < math.inf else NAN


def as_number(value: object) -> float:
    """Return a value as a finite number, NaN for anything else."""
    if type(value) is float or type(value) is int:
        number = float(value)
    else:
        try:
            number = float(str(value)) if value is not None else NAN
        except ValueError:
            return NAN
    return number if -math.inf < number < math.inf else NAN


def as_word(value: object) -> str:
    """Return a value as the word that a table would contain: whole numbers without a fraction."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
