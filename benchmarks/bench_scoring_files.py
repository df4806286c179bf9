"""Scoring a file: `manage.py credit_model score` of 1,000,000 rows, from the bytes of a file to the bytes of another.

The limit, in the same run, is what no program can leave out: the same rows scored as arrays in memory, by both models, in one process. The
models are those of `bench_scoring`. No servers are needed.
"""

import os
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.bench_scoring import MANY, made_up
from benchmarks.harness import Figure, run

ROUNDS = 3


def measure() -> list[Figure]:
    """Train once; then score the file and the arrays in turn."""
    from learning.bulk import Wish, score_table
    from learning.flat import Flat, Scorer
    from learning.labels import prepare
    from learning.recipe import as_features
    from learning.tables import FileSource, read_table
    from learning.training import train

    processes = min(4, os.cpu_count() or 1)
    with tempfile.TemporaryDirectory() as folder:
        small, large = made_up(Path(folder)), Path(folder) / "large.csv"
        data = prepare(read_table(small), "bad", "", [])
        trained = train(data)
        scorer = Scorer(trained.fitted.recipe, {name: Flat(one) for name, one in trained.flats.items()}, trained.references)
        head, _end, rows = small.read_bytes().partition(b"\n")
        times = -(-MANY // rows.count(b"\n"))
        large.write_bytes(head + b"\n" + rows * times)
        x = np.tile(as_features(trained.fitted.recipe, data.table), (times, 1))
        pairs = []
        for _round in range(ROUNDS):
            start = time.perf_counter()
            for flat in scorer.models.values():
                flat.scores(x)
            arrays, start = time.perf_counter() - start, time.perf_counter()
            wish = Wish({name: name for name in scorer.models})
            with (Path(folder) / "scores.csv").open("wb") as out:
                for _count, text in score_table(FileSource(large), scorer, wish, processes=processes):
                    out.write(text)
            pairs.append((time.perf_counter() - start, arrays))
        size = large.stat().st_size
    seconds, ratio = statistics.median(a for a, _b in pairs), statistics.median(a / b for a, b in pairs)
    about = f"{len(x):,} rows, {size / 1e6:,.0f} MB, both models, {processes} processes: {seconds:.1f} s"
    limit = f"arrays in memory, one process: {statistics.median(b for _a, b in pairs):.1f} s"
    return [
        Figure("scoring_file_rows_a_second", len(x) / seconds, 200_000, 300_000, "higher", about),
        Figure("scoring_file_to_arrays", ratio, 3, 2, "lower", limit),
    ]


if __name__ == "__main__":
    run(measure)
