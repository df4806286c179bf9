"""Charts: whole positions, nothing outside of the plot, the numbers kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portals import charts
from portals.merchant.overview.views import LETTERS


def points(*values):
    return [charts.Point(f"day {place}", value, f"${value}") for place, value in enumerate(values)]


def test_bars_are_laid_out_from_the_floor():
    chart = charts.bar_chart(points(10, 20, 30), str)
    assert [(bar.x, bar.y, bar.width, bar.height) for bar in chart.bars] == [(57, 95, 219, 43), (390, 52, 219, 86), (723, 8, 219, 130)]
    assert [(line.at, line.label) for line in chart.lines] == [(95, "10"), (52, "20"), (8, "30")]
    assert [(mark.left, mark.label, mark.anchor) for mark in chart.marks] == [
        ("0.0%", "day 0", "start"),
        ("50.0%", "day 1", "middle"),
        ("100.0%", "day 2", "end"),
    ]
    assert chart.summary == "day 0 – day 2. day 2: $30."
    assert chart.points == tuple(points(10, 20, 30))


def test_nothing_to_show_is_a_chart_without_bars():
    assert charts.bar_chart([], str).bars == ()
    assert {bar.height for bar in charts.bar_chart(points(0, 0), str).bars} == {0}


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=90))
def test_bars_stay_inside_of_the_plot(values):
    chart = charts.bar_chart(points(*values), str)
    for bar in chart.bars:
        assert charts.TOP <= bar.y <= charts.FLOOR
        assert bar.y + bar.height == charts.FLOOR
        assert 0 <= bar.x <= bar.x + bar.width <= charts.WIDTH
    assert 1 <= len(chart.lines) <= 5
    assert all(charts.TOP <= line.at <= charts.FLOOR for line in chart.lines)


@pytest.mark.parametrize(("top", "step"), [(0, 1), (1, 1), (7, 5), (29, 10), (2900, 1000), (4500, 2000), (290000, 100000)])
def test_the_axis_counts_in_round_numbers(top, step):
    assert charts.axis_step(top) == step


def test_a_funnel_is_measured_by_its_first_step():
    steps = charts.funnel([("Opened", 512), ("Identified", 466), ("Completed", 369)])
    assert [(step.across, step.share_bps) for step in steps] == [("100.0%", 10000), ("91.0%", 9101), ("72.0%", 7918)]
    assert charts.funnel([("Opened", 0)])[0].width == 0
    assert charts.funnel([]) == ()


def test_the_money_bar_splits_captured_into_kept_and_refunded():
    parts = charts.money_segments(captured=18900, refunded=4000, left=4000)
    assert [(part.tone, part.x, part.width, part.minor) for part in parts] == [
        ("good", 0, 650, 14900),
        ("warn", 650, 175, 4000),
        ("rest", 825, 175, 4000),
    ]
    assert sum(part.width for part in charts.money_segments(0, 0, 0)) == 0
    parts = charts.money_segments(captured=15000, refunded=0, left=0, released=5000)
    assert [(part.tone, part.width) for part in parts] == [("good", 750), ("warn", 0), ("rest", 0), ("mute", 250)]


@pytest.mark.parametrize(
    ("told", "shown"), [("DKK 3K", "3K"), ("3.000\xa0DKK", "3.000"), ("250\xa0US$", "250"), ("3\xa0t\xa0kr.", "3\xa0t"), ("$3K", "$3K")]
)
def test_the_axis_leaves_out_a_currency_in_letters(told, shown):
    assert LETTERS.sub("", told) == shown
