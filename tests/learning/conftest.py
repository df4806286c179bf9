"""Small tables made here: none of the public data is kept in this repository."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from learning import decided, parts


@pytest.fixture(autouse=True)
def few_trees(monkeypatch):
    """Train in a second: forty trees in place of three hundred, and fewer strengths tried."""
    monkeypatch.setattr(parts, "SINGLE", {**parts.SINGLE, "max_iter": 40})
    monkeypatch.setattr(parts, "DOUBLE", {**parts.DOUBLE, "max_iter": 40})
    monkeypatch.setattr(parts, "PAIR_TREES", 10)
    monkeypatch.setattr(parts, "STRENGTHS", (0.03, 0.3))


@pytest.fixture
def of_cases(monkeypatch):
    """Decisions of credit have the columns of `rows_of_cases`, so that a model of those may decide."""
    monkeypatch.setitem(decided._facts, "credit", frozenset({"income", "amount", "late", "noise", "job"}))


def rows_of_cases(rows: int = 600, seed: int = 1) -> dict[str, list[str]]:
    """Columns of made-up applications: income, amount, job and late payments say something, noise says nothing."""
    dice = np.random.default_rng(seed)
    income, amount = dice.lognormal(8, 0.5, rows).round(2), dice.lognormal(6, 0.8, rows).round(2)
    late, noise = dice.poisson(0.8, rows), dice.normal(size=rows).round(4)
    job = dice.choice(["fixed", "freelance", "none"], rows, p=[0.6, 0.3, 0.1])
    odds = -1.2 + 0.9 * np.log(amount / income + 0.01) + 2 + 0.8 * late + np.where(job == "none", 1.2, 0) - np.where(job == "fixed", 0.6, 0)
    bad = dice.random(rows) < 1 / (1 + np.exp(-odds))
    known = dice.random(rows) > 0.1
    return {
        "income": [f"{value}" if seen else "" for value, seen in zip(income, known, strict=True)],
        "amount": [f"{value}" for value in amount],
        "late": [f"{value}" for value in late],
        "noise": [f"{value}" for value in noise],
        "job": list(job),
        "sex": list(dice.choice(["f", "m"], rows)),
        "bad": [str(int(value)) for value in bad],
    }


def write(path: Path, columns: dict[str, list[str]]) -> Path:
    """Write columns as CSV, gzipped where the name says so."""
    text = "\n".join([",".join(columns), *(",".join(row) for row in zip(*columns.values(), strict=True))]) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.fixture
def cases(tmp_path) -> Path:
    return write(tmp_path / "cases.csv.gz", rows_of_cases())
