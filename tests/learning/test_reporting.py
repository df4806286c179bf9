"""What people read of a model: figures counted by hand, fairness with what would mend it, and the file itself."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from learning.flat import probability
from learning.models import ModelVersion
from learning.queries import scorer_of
from learning.reporting import measuring
from learning.reporting.cards import sheet_of
from learning.reporting.fairness import driving_columns, groups_of, judge, mended_cut
from learning.tables import Words
from tests.learning.conftest import rows_of_cases, write

Y = np.array([0.0] * 8 + [1.0] * 2)
P = np.array([0.1, 0.1, 0.2, 0.2, 0.3, 0.3, 0.4, 0.6, 0.5, 0.7])


def test_figures_are_those_counted_by_hand():
    split = measuring.separation(Y, P)
    # Up to 0.4 there are seven of eight good cases and no bad one.
    assert (split["cut"], split["ks"]) == (0.4, 0.875)
    assert measuring.gain(Y, P)[2] == [0.2, 0.5, 2.5]
    assert measuring.calibration(Y, P)[-1] == [0.7, 1, 0.7, 1.0]
    cut, approved, bad, bad_refused, good_refused = measuring.cuts(Y, P)[-2]
    assert (cut, approved, bad, bad_refused, good_refused) == (0.6, 0.9, 0.111111, 0.5, 0.0)
    assert [sum(row[1] for row in measuring.spread(Y, P)), sum(row[2] for row in measuring.spread(Y, P))] == [1, 1]


def test_the_stability_index_is_that_of_its_definition():
    base = measuring.base_of(np.arange(100.0))
    assert len(base["shares"]) == 11
    assert measuring.stability(base["shares"], base["shares"]) == 0
    # All shares 0.5: (0.9 - 0.5) ln(0.9 / 0.5) + (0.1 - 0.5) ln(0.1 / 0.5).
    assert measuring.stability([0.5, 0.5], [0.9, 0.1]) == pytest.approx(0.4 * np.log(1.8) + 0.4 * np.log(5), abs=1e-6)
    words = Words(np.array([0, 0, 1, -1], dtype=np.int32), ["a", "b"])
    base = measuring.base_of(words)
    assert base == {"words": ["a", "b"], "shares": [0.5, 0.25, 0.0, 0.25]}
    new = Words(np.array([0, 1, 1, 0], dtype=np.int32), ["b", "never seen"])
    assert measuring.shares_like(new, base, 4) == [0.0, 0.5, 0.5, 0.0]
    assert measuring.shares_like(None, base, 4) == [0.0, 0.0, 0.0, 1.0]


def test_vintages_are_by_month_in_either_way_of_writing_dates():
    dates = Words(np.array([0, 1, 1, 2, -1], dtype=np.int32), ["2026-03-01", "2.3.2026", "2026-04-01T10:00:00Z"])
    y, p = np.array([1.0, 0, 0, 1, 1]), np.array([0.5, 0.1, 0.3, 0.9, 0.2])
    assert measuring.months(dates, y, p) == [["2026-03", 3, 0.333333, 0.3], ["2026-04", 1, 1.0, 0.9]]


def test_unlike_approvals_are_told_with_what_would_mend_them():
    dice = np.random.default_rng(0)
    sex = Words(np.repeat([0, 1], 500).astype(np.int32), ["f", "m"])
    fair, unfair = dice.uniform(0, 0.6, 1000), np.where(sex.codes == 0, 0.25, 0.0)
    p, y = fair + unfair, (dice.random(1000) < 0.2).astype(float)
    groups = groups_of("sex", sex)
    found = judge(y, p, 0.4, groups)
    approved = [(p[mask] <= 0.4).mean() for _name, mask in groups]
    assert found["ratio"] == pytest.approx(min(approved) / max(approved), abs=1e-6)
    assert (found["ratio"] < 0.8, found["apart"] > 0.1, found["fair"]) == (True, True, False)
    cut, share, _bad = mended_cut(y, p, 0.4, groups)
    assert judge(y, p, cut, groups)["fair"]
    assert share == pytest.approx((p <= cut).mean(), abs=1e-6)
    without = {"proxy": fair, "other": p}
    (driver,) = driving_columns(y, p, 0.4, groups, ["other", "proxy"], without.__getitem__)
    assert driver[0] == "proxy"
    assert driver[1] > 0.8 > found["ratio"]


def test_ages_are_grouped_in_bands_and_small_groups_are_not_judged():
    ages = np.array([19.0] * 40 + [30.0] * 40 + [90.0] + [np.nan])
    groups = groups_of("age", ages)
    assert [(name, int(mask.sum())) for name, mask in groups] == [("< 25", 40), ("25–34", 40), ("≥ 65", 1)]
    y, p = np.zeros(82), np.append(np.full(81, 0.1), 0.9)
    found = judge(y, p, 0.5, groups)
    assert (found["ratio"], [row[-1] for row in found["groups"]]) == (1.0, [True, True, False])
    assert judge(y, p, 0.5, groups[:1])["ratio"] is None


class Page(HTMLParser):
    """Counts the elements of a page, and gathers what it loads from elsewhere."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen, self.loads = {}, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.seen[tag] = self.seen.get(tag, 0) + 1
        self.loads += [value for name, value in attrs if name in {"src", "href", "srcset"} and not value.startswith("#")]


@pytest.mark.django_db
def test_the_report_is_one_file_and_its_points_add_up(cases, tmp_path, capsys):
    columns = rows_of_cases(400, seed=2)
    others = write(tmp_path / "others.csv", columns | {"day": ["2026-03-01"] * 200 + ["2026-04-01"] * 200})
    call_command("credit_model", "train", "--data", str(cases), "--target", "bad", "--name", "a")
    to = tmp_path / "report.html"
    told = ["--name", "a", "--data", str(others), "--report", str(to)]
    with pytest.raises(CommandError, match="between 0 and 1"):
        call_command("credit_model", "evaluate", *told, "--cut", "2")
    call_command("credit_model", "evaluate", *told, "--language", "da")
    page = Page(text := to.read_text(encoding="utf-8"))
    assert (page.loads, page.seen.get("script")) == ([], None)
    assert "url(" not in text
    # Both models: seven curves each with a table, and tables of stability, reasons, fairness and points besides.
    assert page.seen["svg"] == 2 * 8
    assert page.seen["table"] > page.seen["svg"]
    assert '<html lang="da">' in text
    # The contents lead to every section, and to nothing else.
    places, led = re.findall(r' id="([^"]+)"', text), re.findall(r'href="#([^"]+)"', text)
    assert len(set(places)) == len(places)
    assert set(led) == set(re.findall(r'<section[^>]* id="([^"]+)"', text)) | {"model-card", "model-scorecard", "model-boosted"}
    assert {"scorecard-1", "boosted-1", "scorecard-fair-1", "points"} <= set(led)
    version = ModelVersion.objects.get()
    for word in (version.stored_digest, version.flat_digest, version.lineage["sha256"], version.code, "2026-04"):
        assert word in text, word
    assert [one["column"] for one in version.card["reports"]["scorecard"]["fairness"]] == ["sex"]
    sheet = sheet_of(version, version.card["reports"]["scorecard"])
    row = {"income": 3000, "amount": 400, "late": 1, "noise": 0, "job": "fixed"}
    points = sheet["start"] + sum(dict(rows)[_bin_of(name, row[name], rows)] for name, rows in sheet["groups"])
    below, above = (
        max(total for total, _r in sheet["sums"] if total <= points),
        min(total for total, _r in sheet["sums"] if total > points),
    )
    risk = probability(scorer_of(version.pk).score(row, "scorecard"))
    shares = {total: float(told.rstrip("%")) / 100 for total, told in sheet["sums"]}
    assert shares[above] - 0.001 <= risk <= shares[below] + 0.001


def _bin_of(name, value, rows) -> str:
    """The row of a characteristic that a person would choose, by its words alone."""
    for label, _points in rows:
        low, high = re.search(r"above ([\d.]+)", label), re.search(r"up to ([\d.]+)", label)
        if label == "any" or value in label.split(", "):
            return label
        if (low or high) and (not low or value > float(low[1])) and (not high or value <= float(high[1])):
            return label
    raise AssertionError(name)
