"""The curves of a report: each a chart, and a table of the same for who does not see it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from learning.reporting.charts import Chart, bar_chart, ceiling, line_chart
from learning.reporting.told import Sides, sides_of
from learning.reporting.words import QUARTERS, fine, marks, share, whole

Told = Mapping[str, Any]
FEW = 12
STABLE, MOVED = 0.1, 0.25
"""Bounds of the stability index that supervisors and lenders use: below the first all is as it was, above the second it is not."""


@dataclass(frozen=True)
class Shown:
    """One figure: title, what it says, the chart, what its lines mean (style, words), and the table (heads, rows)."""

    title: str
    text: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    chart: Chart | None = None
    legend: Sequence[tuple[str, str]] = field(default_factory=tuple)


def heads_of(report: Told) -> list[tuple[str, str]]:
    """Return the first figures of a report with their names."""
    found = report["figures"]
    psi = report["stability"].get("psi")
    heads = [
        (_("Cases"), whole(report["rows"])),
        (_("Bad cases"), f"{whole(report['bad'])} ({share(report['bad'] / report['rows'])})"),
        ("AUC", fine(found["auc"])),
        (_("Gini"), fine(2 * found["auc"] - 1)),
        ("KS", fine(found["ks"])),
        (_("Brier score"), fine(found["brier"])),
        (_("Calibration error (ECE)"), fine(found["ece"])),
    ]
    return [*heads, (_("Stability index (PSI)"), fine(psi, 3))] if psi is not None else heads


def charts_of(report: Told, family: str) -> list[Shown]:
    """Return all figures of a report of a family's model that have something to show."""
    sides = sides_of(family)
    makers: list[Callable[[Told], Shown | None]] = [_ks, _calibration, _gain, _spread, _stability, _inputs]
    found = [_roc(report, sides), *(make(report) for make in makers), _cuts(report, sides), _months(report), _reasons(report)]
    return [one for one in found if one is not None]


def _every(rows: Sequence[Any], most: int = FEW) -> list[Any]:
    """Return at most so many rows, evenly spread, with the first and the last."""
    if len(rows) <= most:
        return list(rows)
    return [rows[round(number * (len(rows) - 1) / (most - 1))] for number in range(most)]


def _roc(report: Told, sides: Sides) -> Shown:
    points = report["roc"]
    chart = line_chart(
        [("even", _("by chance"), [(0, 0), (1, 1)]), ("main", _("the model"), points)],
        x=(0, 1),
        y=(0, 1),
        marks_x=marks(QUARTERS),
        marks_y=marks(QUARTERS),
    )
    return Shown(
        _("ROC curve"),
        str(sides.roc),
        [str(sides.good_above), _("Bad cases found")],
        [[share(good), share(bad)] for good, bad in _every(points)],
        chart,
        [("main", _("the model")), ("even", _("by chance"))],
    )


def _ks(report: Told) -> Shown:
    points, cut = report["ks"]["curve"], report["ks"]["cut"]
    top = max(points[-1][0], 1e-6)
    good, bad = [(at, value) for at, value, _b in points], [(at, value) for at, _g, value in points]
    lines = [("main", _("good cases"), good), ("bad", _("bad cases"), bad), ("even", _("largest difference"), [(cut, 0), (cut, 1)])]
    chart = line_chart(
        lines,
        x=(0, top),
        y=(0, 1),
        marks_x=marks([0, top / 2, top]),
        marks_y=marks(QUARTERS),
    )
    return Shown(
        _("Kolmogorov-Smirnov"),
        _("The shares of good and of bad cases up to each probability. They differ most, by %(ks)s, at a probability of %(cut)s.")
        % {"ks": share(report["ks"]["ks"]), "cut": share(cut)},
        [_("Probability up to"), _("Good cases"), _("Bad cases")],
        [[share(at), share(one), share(two)] for at, one, two in _every(points)],
        chart,
        [(style, name) for style, name, _points in lines],
    )


def _calibration(report: Told) -> Shown:
    rows = report["calibration"]
    top = min(ceiling(max(max(mean, seen) for _at, _rows, mean, seen in rows)), 1.0)
    happened = [(mean, seen) for _at, _rows, mean, seen in rows]
    chart = line_chart(
        [("even", _("as predicted"), [(0, 0), (top, top)]), ("dots", _("what happened"), happened)],
        x=(0, top),
        y=(0, top),
        marks_x=marks([0, top / 2, top]),
        marks_y=marks([0, top / 2, top]),
    )
    return Shown(
        _("Calibration"),
        _("Whether a predicted probability comes true. The calibration error (ECE) of %(ece)s is the mean difference, weighted by cases.")
        % {"ece": fine(report["figures"]["ece"])},
        [_("Predicted"), _("Happened"), _("Cases")],
        [[share(mean), share(seen), whole(number)] for _at, number, mean, seen in rows],
        chart,
        [("dots", _("what happened")), ("even", _("as predicted"))],
    )


def _gain(report: Told) -> Shown:
    rows = report["gain"]
    chart = line_chart(
        [("even", _("by chance"), [(0, 0), (1, 1)]), ("main", _("the model"), [(some, bad) for some, bad, _lift in rows])],
        x=(0, 1),
        y=(0, 1),
        marks_x=marks(QUARTERS),
        marks_y=marks(QUARTERS),
    )
    return Shown(
        _("Gain and lift"),
        _("How many of the bad cases are among the riskiest cases; the lift is how many times more than by chance."),
        [_("Riskiest cases"), _("Bad cases found"), _("Lift")],
        [[share(some), share(bad), fine(lift, 2)] for some, bad, lift in rows[1:]],
        chart,
        [("main", _("the model")), ("even", _("by chance"))],
    )


def _bins(edges: Sequence[float], words: Callable[[float], str] = share) -> list[str]:
    """Return the words of the bins between edges, without the bin of unknown values."""
    if not edges:
        return [_("all")]
    inner = [f"{words(low)} – {words(high)}" for low, high in pairwise(edges)]
    return [f"≤ {words(edges[0])}", *inner, f"> {words(edges[-1])}"]


def _spread(report: Told) -> Shown:
    rows = report["spread"]
    top = ceiling(max(max(good, bad) for _at, good, bad in rows))
    step = rows[1][0] - rows[0][0]
    names = [f"{share(at)} – {share(at + step)}" for at, _good, _bad in rows]
    groups = [
        [("main", good, f"{name}: {share(good)}"), ("bad", bad, f"{name}: {share(bad)}")]
        for name, (_at, good, bad) in zip(names, rows, strict=True)
    ]
    ends = [share(at) if place % 5 == 0 else "" for place, (at, _good, _bad) in enumerate(rows)]
    return Shown(
        _("Distribution of the score"),
        _("How the probabilities of good and of bad cases are spread. The less they overlap, the better the model tells them apart."),
        [_("Probability"), _("Good cases"), _("Bad cases")],
        [[name, share(good), share(bad)] for name, (_at, good, bad) in zip(names, rows, strict=True)],
        bar_chart(groups, y=(0, top), marks_x=ends, marks_y=marks([0, top / 2, top])),
        [("main", _("good cases")), ("bad", _("bad cases"))],
    )


def _stability(report: Told) -> Shown | None:
    found = report["stability"]
    if not found:
        return None
    then, now, names = found["then"], found["now"], _bins(found["edges"])
    top = ceiling(max([*then, *now]))
    groups = [
        [("then", then[place], f"{name}: {share(then[place])}"), ("main", now[place], f"{name}: {share(now[place])}")]
        for place, name in enumerate(names)
    ]
    ends = [names[0], *[""] * (len(names) - 2), names[-1]] if len(names) > 1 else names
    return Shown(
        _("Stability of the score"),
        _stability_words(found["psi"]),
        [_("Probability"), _("In training"), _("Here")],
        [[name, share(then[place]), share(now[place])] for place, name in enumerate(names)],
        bar_chart(groups, y=(0, top), marks_x=ends, marks_y=marks([0, top / 2, top])),
        [("then", _("in training")), ("main", _("here"))],
    )


def _stability_words(psi: float) -> str:
    if psi < STABLE:
        return _("The stability index (PSI) of %(psi)s says that the cases are like those of training.") % {"psi": fine(psi, 3)}
    if psi <= MOVED:
        return _("The stability index (PSI) of %(psi)s says that the cases have moved away from those of training.") % {"psi": fine(psi, 3)}
    return _("The stability index (PSI) of %(psi)s says that these are other cases than those of training.") % {"psi": fine(psi, 3)}


def _inputs(report: Told) -> Shown | None:
    rows = report["stability"].get("inputs")
    if not rows:
        return None
    return Shown(
        _("Stability of each column"),
        _("The stability index (PSI) of each column against training: up to 0.1 is usual, above 0.25 the cases are other ones."),
        [_("Column"), "PSI"],
        [[name, fine(psi, 3)] for name, psi in rows],
    )


def _cuts(report: Told, sides: Sides) -> Shown:
    rows = report["cuts"]
    top = min(ceiling(max(row[2] for row in rows)), 1.0)
    chart = line_chart(
        [("bad", str(sides.bad_below), [(row[1], row[2]) for row in rows])],
        x=(0, 1),
        y=(0, top),
        marks_x=marks(QUARTERS),
        marks_y=marks([0, top / 2, top]),
    )
    return Shown(
        str(sides.cuts_title),
        str(sides.cuts_text),
        [str(head) for head in sides.cuts_heads],
        [[share(value) for value in row] for row in rows],
        chart,
        [("bad", str(sides.bad_by_share))],
    )


def _months(report: Told) -> Shown | None:
    rows = report["months"]
    if not rows:
        return None
    top = min(ceiling(max(max(seen, mean) for _m, _c, seen, mean in rows)), 1.0)
    last = max(len(rows) - 1, 1)
    names = [(place, month) for place, (month, *_rest) in enumerate(rows)]
    chart = line_chart(
        [
            ("bad", _("what happened"), [(place, seen) for place, (_m, _c, seen, _p) in enumerate(rows)]),
            ("main", _("as predicted"), [(place, mean) for place, (_m, _c, _s, mean) in enumerate(rows)]),
        ],
        x=(0, last),
        y=(0, top),
        marks_x=[names[0], names[-1]] if len(names) > 1 else names,
        marks_y=marks([0, top / 2, top]),
    )
    return Shown(
        _("By month of the case (vintage)"),
        _("The share of bad cases of each month beside what was predicted for them."),
        [_("Month"), _("Cases"), _("Happened"), _("Predicted")],
        [[month, whole(number), share(seen), share(mean)] for month, number, seen, mean in rows],
        chart,
        [("bad", _("what happened")), ("main", _("as predicted"))],
    )


def _reasons(report: Told) -> Shown | None:
    rows = report["reasons"]
    if not rows:
        return None
    return Shown(
        _("Reasons"),
        _("Of the cases above the cut-off of %(cut)s: how often each column is the first reason, and how often one of the first four.")
        % {"cut": share(report["cut"])},
        [_("Column"), _("First reason"), _("Among four")],
        [[name, share(first), share(among)] for name, first, among in rows],
    )
