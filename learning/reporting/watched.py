"""The daily watch of a model in words: drift and outcomes by day as charts with tables, and the alarms."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from core.moments import day_words
from learning.models import WatchedDay
from learning.reporting.charts import ceiling, line_chart
from learning.reporting.figures import Shown
from learning.reporting.words import fine, marks, share, whole
from learning.watching import AUC, CALIBRATION, INPUT, UNUSED

MOST_DAYS = 30
"""The newest days in a table; the chart shows all of them."""
Days = Sequence[tuple[Any, Mapping[str, Any]]]


def alarm_words(alarm: Sequence[Any]) -> str:
    """Return an alarm (what, column, value) as a sentence."""
    what, column, value = alarm
    if what == INPUT:
        return _("The column %(column)s has drifted (PSI %(value)s).") % {"column": column, "value": fine(value, 3)}
    if what == AUC:
        return _("It tells good and bad apart worse than in training (AUC %(value)s).") % {"value": fine(value)}
    if what == CALIBRATION:
        return _("Its probabilities are off by %(value)s on average.") % {"value": share(value)}
    if what == UNUSED:
        return _("It cannot be used and decides nothing: its stored form is damaged, or it was trained on other facts.")
    return _("The score has drifted (PSI %(value)s).") % {"value": fine(value, 3)}


def watched_of(days: Sequence[WatchedDay], bound: float) -> list[Shown]:
    """Return the figures of the days on which one model was watched, the oldest first; `bound` is the drift that raises an alarm."""
    recent = [(one.day, one.recent) for one in days if one.recent.get("cases")]
    ended = [(one.day, one.ended) for one in days if one.ended]
    return [*([_drift(recent, bound), _columns(recent[-1][1])] if recent else []), *([_ended(ended)] if ended else [])]


def _drift(days: Days, bound: float) -> Shown:
    last, worst = max(len(days) - 1, 1), [told["inputs"][0][1] if told["inputs"] else 0.0 for _day, told in days]
    top = ceiling(max(bound, *worst, *(told["psi"] for _day, told in days)))
    lines = [
        ("main", _("the score"), [(place, told["psi"]) for place, (_day, told) in enumerate(days)]),
        ("bad", _("the column that moved most"), list(enumerate(worst))),
        ("even", _("alarm"), [(0, bound), (last, bound)]),
    ]
    return Shown(
        _("Drift by day"),
        _("The stability index (PSI) of the cases of the last 30 days against training."),
        [_("Day"), _("Cases"), "PSI", _("Mean probability")],
        [[day_words(day), whole(told["cases"]), fine(told["psi"], 3), share(told["mean"])] for day, told in _newest(days)],
        line_chart(lines, x=(0, last), y=(0, top), marks_x=_ends(days), marks_y=[(at, fine(at, 2)) for at in (0, top / 2, top)]),
        [(style, name) for style, name, _points in lines],
    )


def _newest(days: Days) -> Days:
    return list(reversed(days))[:MOST_DAYS]


def _ends(days: Days) -> list[tuple[float, str]]:
    """Return the marks of the first and the last day."""
    first, last = (f"{day:%m-%d}" for day in (days[0][0], days[-1][0]))
    return [(0, first), (len(days) - 1, last)] if len(days) > 1 else [(0, first)]


def _columns(told: Mapping[str, Any]) -> Shown:
    return Shown(
        _("Drift of each column on the last day"),
        _("Those that moved most come first."),
        [_("Column"), "PSI"],
        [[name, fine(psi, 3)] for name, psi in told["inputs"]],
    )


def _ended(days: Days) -> Shown:
    last = max(len(days) - 1, 1)
    top = min(ceiling(max(max(told["rate"], told["predicted"]) for _day, told in days)), 1.0)
    lines = [
        ("bad", _("what happened"), [(place, told["rate"]) for place, (_day, told) in enumerate(days)]),
        ("main", _("as predicted"), [(place, told["predicted"]) for place, (_day, told) in enumerate(days)]),
    ]
    return Shown(
        _("How cases ended, by day"),
        _("Of the decisions of a year whose end is known: the share that went bad, beside what the model says of them."),
        [_("Day"), _("Cases"), _("Happened"), _("Predicted"), "AUC", "ECE"],
        [
            [day_words(day), whole(told["cases"]), share(told["rate"]), share(told["predicted"]), fine(told["auc"]), fine(told["ece"])]
            for day, told in _newest(days)
        ],
        line_chart(lines, x=(0, last), y=(0, top), marks_x=_ends(days), marks_y=marks([0, top / 2, top])),
        [(style, name) for style, name, _points in lines],
    )
