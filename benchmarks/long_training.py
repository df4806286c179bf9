"""Training: both models from a table of 1,000,000 applications with 40 columns, from the file to what is stored; minutes and memory.

It takes up to a quarter of an hour, so `make bench` leaves it out: `.venv/bin/python -m benchmarks training` runs it alone. The table is
written here: 30 numbers, 10 categories, a twentieth of the cells unknown, and a target that depends on some of them. `BENCH_ROWS` makes it
smaller. Progress is printed as it comes. No servers are needed.
"""

import os
import resource
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.harness import Figure, run

ROWS, NUMBERS, CATEGORIES = int(os.environ.get("BENCH_ROWS", "1000000")), 30, 10
CHUNK = 50_000


def write(path: Path) -> None:
    """Write the table, a chunk of rows at a time."""
    dice = np.random.default_rng(0)
    heads = [*(f"n{at}" for at in range(NUMBERS)), *(f"c{at}" for at in range(CATEGORIES)), "bad"]
    with path.open("w") as file:
        file.write(",".join(heads) + "\n")
        for start in range(0, ROWS, CHUNK):
            count = min(CHUNK, ROWS - start)
            x = dice.lognormal(0, 1, (count, NUMBERS)).round(3)
            words = dice.integers(0, 12, (count, CATEGORIES))
            odds = np.log(x[:, 0] / x[:, 1]) + 0.4 * x[:, 2] - 0.3 * x[:, 4] * (words[:, 0] > 5) + 0.2 * words[:, 1] - 3
            bad = (dice.random(count) < 1 / (1 + np.exp(-odds))).astype(int)
            cells = x.astype(str)
            cells[dice.random(x.shape) < 0.05] = ""
            for numbers, some, end in zip(cells, words, bad, strict=True):
                file.write(",".join([*numbers, *(f"word {word}" for word in some), str(end)]) + "\n")


def measure() -> list[Figure]:
    """Write the table, then read it and train, and return the minutes and the largest memory."""
    from learning.labels import prepare
    from learning.tables import read_table
    from learning.training import train

    moments: list[float] = []

    def say(*told: object) -> None:
        moments.append(time.perf_counter())
        print(*told, file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "applications.csv"
        write(path)
        size = path.stat().st_size
        before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
        moments.append(start)
        say(f"{ROWS:,} rows, {size / 1e6:,.0f} MB")
        data = prepare(read_table(path), "bad", "", [])
        say(f"read: {len(data.table.columns)} columns")
        trained = train(data, say=say)
        moments.append(time.perf_counter())
    minutes = (moments[-1] - start) / 60
    gigabytes = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1e6
    silence = max(after - earlier for earlier, after in pairwise(moments))
    auc = trained.figures["boosted"]["auc"]
    told = f"{len(moments)} lines of progress, at most {silence:.0f} s apart"
    detail = f"{ROWS:,} rows x {NUMBERS + CATEGORIES} columns, {size / 1e6:,.0f} MB; AUC of the challenger {auc:.3f}; {told}"
    return [
        Figure("training_minutes", minutes, 15, 10, "lower", detail),
        Figure("training_gigabytes", gigabytes, 16, 8, "lower", f"the largest resident memory; {before / 1e6:.1f} before"),
    ]


if __name__ == "__main__":
    run(measure)
