"""Folds for cross-validation. Identical rows are in the same fold, so that no row is tested on a model trained on its copy."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from learning.tables import Floats, Table, Words

FOLDS = 5


def same_rows(table: Table) -> NDArray[np.int64]:
    """Return a number for each row; rows that are equal in all columns have the same number."""
    columns = [
        column.codes if isinstance(column, Words) else np.unique(column, return_inverse=True)[1] for column in table.columns.values()
    ]
    rows = np.ascontiguousarray(np.column_stack(columns).astype(np.int32))
    _values, numbers = np.unique(rows.view(f"V{rows.shape[1] * 4}").ravel(), return_inverse=True)
    return numbers.ravel()


def folds(y: Floats, groups: NDArray[np.int64], seed: int, number: int = FOLDS) -> NDArray[np.int64]:
    """Return the fold of each row: groups stay together, and each fold has about as many bad rows."""
    order = np.random.default_rng(int(hashlib.sha256(str(seed).encode()).hexdigest()[:8], 16)).permutation(len(y))
    _heads, first = np.unique(groups[order], return_index=True)
    heads = order[np.sort(first)]
    of_group = np.zeros(groups.max() + 1, dtype=np.int64)
    for value in (0.0, 1.0):
        mine = heads[y[heads] == value]
        of_group[groups[mine]] = np.arange(len(mine)) % number
    return of_group[groups]
