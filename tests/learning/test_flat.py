"""The flat form against scikit-learn's own estimators, and its reasons against the score itself."""

import itertools
import math
import subprocess
import sys

import numpy as np
import pytest

from learning import storing
from learning.errors import Damaged
from learning.flat import Flat, Scorer, probabilities, probability
from learning.labels import prepare
from learning.parts import line_raw, raw
from learning.recipe import Recipe, as_features
from learning.scorecard import card_raw
from learning.storing import digest, flatten, restore, store, unflatten
from learning.tables import Table, as_numbers, read_table
from learning.training import Trained, train
from tests.house.sources import ROOT
from tests.learning.conftest import rows_of_cases, write

DERIVED = [
    ["ratio", "/", "amount", "income"],
    ["gap", "-", "income", "amount"],
    ["most", "max", "late", "noise"],
    ["all", "mean", "late", "noise"],
]


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Trained:
    """Both models of made-up cases, with ratios."""
    path = write(tmp_path_factory.mktemp("cases") / "cases.csv", rows_of_cases(500))
    data = prepare(read_table(path), "bad", "", [])
    data.known.derived.extend(DERIVED)
    return train(data)


@pytest.fixture
def scorer(trained) -> Scorer:
    return Scorer(trained.fitted.recipe, {name: Flat(one) for name, one in trained.flats.items()}, trained.references)


def random_rows(number: int, seed: int) -> list[dict]:
    """Rows as callers send them: within the trained range and far out, missing, unknown words, thresholds hit exactly, texts."""
    dice = np.random.default_rng(seed)
    rows = []
    for _number in range(number):
        row = {
            "income": float(dice.choice([dice.lognormal(8, 0.6), 0.0, -5.0, 1e9, dice.lognormal(8, 0.1)])),
            "amount": float(dice.choice([dice.lognormal(6, 1), 0.0, 1e-9, 1e12])),
            "late": int(dice.integers(0, 6)),
            "noise": float(dice.normal()),
            "job": str(dice.choice(["fixed", "freelance", "none", "never seen", ""])),
        }
        for name in list(row):
            chance = dice.random()
            if chance < 0.1:
                del row[name]
            elif chance < 0.15:
                row[name] = None
            elif chance < 0.2 and name != "job":
                row[name] = "not a number" if chance < 0.17 else str(row[name])
        rows.append(row)
    return rows


def as_matrix(recipe: Recipe, rows: list[dict]) -> np.ndarray:
    """The features of rows by way of a table, as training makes them."""
    columns = {}
    for name in recipe.facts:
        cells = [row.get(name) for row in rows]
        if name in recipe.words:
            weights = recipe.words[name]
            columns[name] = np.array([math.nan if cell in {None, ""} else weights.get(cell, 0.0) for cell in cells])
        else:
            columns[name] = as_numbers(["" if cell in {None, "not a number"} else str(cell) for cell in cells])
    numbers = Recipe([*recipe.numbers, *recipe.words], {}, recipe.derived)
    return as_features(numbers, Table(columns, len(rows)))


def boosted_by_sklearn(trained: Trained, x: np.ndarray) -> np.ndarray:
    fitted, (steps, pairs, line, card, base) = trained.fitted, trained.blend
    parts = steps * raw(fitted.steps, x) + pairs * raw(fitted.pairs, x)
    return parts + line * line_raw(fitted.line, x) + card * card_raw(fitted.card, x) + base


def test_every_row_scores_as_the_library_does(trained, scorer):
    rows = random_rows(3000, seed=5)
    x = as_matrix(trained.fitted.recipe, rows)
    by_sklearn = boosted_by_sklearn(trained, x)
    at_once = scorer.models["boosted"].scores(x)
    one_by_one = np.array([scorer.score(row, "boosted") for row in rows])
    assert np.abs(at_once - by_sklearn).max() < 1e-12
    assert np.abs(one_by_one - by_sklearn).max() < 1e-12


def test_values_on_a_threshold_score_as_the_library_does(trained, scorer):
    names = trained.fitted.recipe.features
    part = scorer.models["boosted"].parts[names.index("amount")]
    rows = [{"income": 3000.0, "late": 1, "noise": 0.1, "job": "fixed", "amount": knot} for knot in part.knots]
    by_sklearn = boosted_by_sklearn(trained, as_matrix(trained.fitted.recipe, rows))
    assert len(rows) > 20
    assert np.abs(np.array([scorer.score(row, "boosted") for row in rows]) - by_sklearn).max() < 1e-12


def test_points_add_up_to_the_score(trained, scorer):
    """A person adds the printed points; the scorecard's log odds are that sum on one line."""
    seen = {}
    for row in random_rows(400, seed=6):
        values = scorer.features(row)
        total = trained.points[0]["points"]
        by_name = {}
        for line in trained.points[1:]:
            by_name.setdefault(line["characteristic"], []).append(line)
        for place, bins in trained.fitted.card.bins.items():
            lines, value = by_name[trained.fitted.recipe.features[place]], values[place]
            at = len(bins.edges) + 1 if math.isnan(value) else sum(edge < value for edge in bins.edges)
            total += lines[at]["points"]
        seen.setdefault(total, []).append(scorer.score(row, "scorecard"))
    ordered = sorted(seen.items())
    assert all(max(scores) - min(scores) < 1e-9 for _total, scores in ordered)
    assert all(better[1][0] < worse[1][0] for worse, better in itertools.pairwise(ordered))
    assert min(line["points"] for line in trained.points[1:]) == 0


@pytest.mark.parametrize("model", ["scorecard", "boosted"])
def test_moving_a_named_fact_moves_the_score_as_named(trained, scorer, model):
    named = 0
    for row in random_rows(500, seed=7):
        score, reasons = scorer.explain(row)[model]
        assert abs(score - scorer.score(row, model)) < 1e-12
        assert [reason.loss for reason in reasons] == sorted((reason.loss for reason in reasons), reverse=True)
        for reason in reasons:
            moved = scorer.score({**row, reason.fact: reason.reference}, model)
            assert abs(score - moved - reason.loss) < 1e-9
            assert reason.loss > 0
            assert reason.fact in trained.fitted.recipe.facts
            named += 1
    assert named > 800


def test_no_fact_with_a_larger_loss_is_left_unnamed(trained, scorer):
    for row in random_rows(100, seed=8):
        score, reasons = scorer.explain(row, most=2)["boosted"]
        named = {reason.fact for reason in reasons}
        least = min((reason.loss for reason in reasons), default=0.0) if len(reasons) == 2 else 1e-9
        for fact in set(trained.fitted.recipe.facts) - named:
            assert score - scorer.score({**row, fact: trained.references[fact]}, "boosted") <= least + 1e-9


def test_what_is_stored_comes_back_the_same(trained):
    flat, stored = flatten(trained), store(trained.fitted)
    plain = unflatten(flat, digest(flat))
    x = as_matrix(trained.fitted.recipe, random_rows(200, seed=9))
    back = restore(stored, digest(stored))
    assert np.array_equal(back.raw(x), trained.fitted.raw(x))
    assert np.array_equal(Flat(plain["models"]["boosted"]).scores(x), Flat(trained.flats["boosted"]).scores(x))
    changed = bytearray(stored)
    changed[len(changed) // 2] ^= 1
    with pytest.raises(Damaged):
        restore(bytes(changed), digest(stored))
    with pytest.raises(Damaged):
        unflatten(flat[:-1], digest(flat))


def test_a_stored_model_that_holds_another_type_is_not_opened(trained, monkeypatch):
    stored = store(trained.fitted)
    monkeypatch.setattr(storing, "TRUSTED", [name for name in storing.TRUSTED if "TreePredictor" not in name])
    with pytest.raises(Damaged, match="TreePredictor"):
        restore(stored, digest(stored))


def test_a_column_told_a_direction_never_goes_the_other_way(tmp_path):
    data = prepare(read_table(write(tmp_path / "a.csv", rows_of_cases(500))), "bad", "", [])
    data.known.derived.extend(DERIVED)
    told = train(data, told={"amount": 1, "income": -1})
    assert [name for name, *_rest in told.fitted.recipe.derived] == ["most", "all"]
    scorer = Scorer(told.fitted.recipe, {name: Flat(one) for name, one in told.flats.items()}, told.references)
    for row in random_rows(40, seed=10):
        for model in ("scorecard", "boosted"):
            for name, sign in (("amount", 1), ("income", -1)):
                scores = [scorer.score({**row, name: value}, model) for value in np.geomspace(1, 1e6, 60)]
                assert min(sign * np.diff(scores)) > -1e-12, (model, name)


def test_scoring_loads_no_scikit_learn():
    code = "import sys, learning.flat, learning.queries, learning.labels; print('sklearn' in sys.modules, 'scipy' in sys.modules)"
    setup = "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'bnpl.settings'; django.setup(); "
    done = subprocess.run([sys.executable, "-c", setup + code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_a_table_is_scored_as_its_rows(trained, scorer, tmp_path):
    table = read_table(write(tmp_path / "b.csv", {name: cells for name, cells in rows_of_cases(50, seed=3).items() if name != "bad"}))
    found = probabilities(scorer.models["boosted"].scores(as_features(trained.fitted.recipe, table)))
    rows = [dict(zip(rows_of_cases(50, seed=3), cells, strict=True)) for cells in zip(*rows_of_cases(50, seed=3).values(), strict=True)]
    assert np.abs(found - [probability(scorer.score(row, "boosted")) for row in rows]).max() < 1e-12
