"""Scoring: one application by a scorecard and a challenger with reasons, compared with one numpy dot product and sigmoid.

Also: the time of one row, and rows per second if a whole table is scored. No servers are needed; the models are trained here on generated
rows of twelve numbers, three categories and four ratios, with as many trees as in the product.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import Figure, run

ROWS, NUMBERS, CATEGORIES, ROUNDS = 3_000, 12, 3, 2_000
MANY = 1_000_000
RATIOS = [[f"ratio_{at}", "/", f"n{at}", f"n{at + 1}"] for at in range(4)]


def made_up(folder: Path) -> Path:
    """Write a table whose target depends on some of its columns."""
    dice = np.random.default_rng(0)
    x = dice.lognormal(0, 1, (ROWS, NUMBERS)).round(4)
    words = dice.integers(0, 6, (ROWS, CATEGORIES))
    odds = np.log(x[:, 0] / x[:, 1]) + 0.4 * x[:, 2] - 0.3 * x[:, 4] * (words[:, 0] > 2) + 0.3 * words[:, 1] - 2
    bad = dice.random(ROWS) < 1 / (1 + np.exp(-odds))
    heads = [*(f"n{at}" for at in range(NUMBERS)), *(f"c{at}" for at in range(CATEGORIES)), "bad"]
    lines = [",".join(heads)]
    for numbers, some, end in zip(x, words, bad, strict=True):
        cells = ["" if dice.random() < 0.03 else str(number) for number in numbers]
        lines.append(",".join([*cells, *(f"word {word}" for word in some), str(int(end))]))
    path = folder / "made_up.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def p50(what: Callable[[Any], object], over: list[Any]) -> float:
    """Return the median time of a call in microseconds."""
    times = []
    for one in over:
        start = time.perf_counter()
        what(one)
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e6


def measure() -> list[Figure]:
    """Train once; then measure the dot product and the scoring of a row alternately."""
    from learning.flat import Flat, Scorer
    from learning.labels import prepare
    from learning.recipe import as_features
    from learning.tables import Words, read_table
    from learning.training import train

    with tempfile.TemporaryDirectory() as folder:
        data = prepare(read_table(made_up(Path(folder))), "bad", "", [])
    data.known.derived.extend(RATIOS)
    trained = train(data)
    recipe = trained.fitted.recipe
    scorer = Scorer(recipe, {name: Flat(one) for name, one in trained.flats.items()}, trained.references)
    rows = [
        {
            name: (column.levels[column.codes[at]] if isinstance(column, Words) else float(column[at]))
            for name, column in data.table.columns.items()
        }
        for at in range(ROUNDS)
    ]
    weights, values = np.random.default_rng(1).random((2, len(recipe.features)))
    pairs = []
    for _round in range(5):
        dot = p50(lambda _row: 1 / (1 + np.exp(-(values @ weights))), rows)
        pairs.append((p50(scorer.explain, rows), dot))
    row, ratio = statistics.median(a for a, _b in pairs), statistics.median(a / b for a, b in pairs)
    x = np.tile(as_features(recipe, data.table), (MANY // ROWS + 1, 1))[:MANY]
    start = time.perf_counter()
    scorer.models["boosted"].scores(x)
    rate = MANY / (time.perf_counter() - start)
    detail = f"{row:.0f} us; dot product and sigmoid {statistics.median(b for _a, b in pairs):.2f} us"
    return [
        Figure("scoring_one_row_to_dot", ratio, 150, 60, "lower", detail),
        Figure("scoring_one_row_us", row, 100, 60, "lower", f"both models with reasons, {len(recipe.features)} features"),
        Figure("scoring_rows_a_second", rate, 200_000, 400_000, "higher", f"{MANY:,} rows at once by the challenger"),
    ]


if __name__ == "__main__":
    run(measure)
