"""A new version and the champion side by side: figures and curves on the same rows, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from learning.lab.comparing import LACKING, NO_CHAMPION
from learning.models import Kind, ModelVersion
from learning.reporting.charts import line_chart
from learning.reporting.figures import Shown
from learning.reporting.suggested import NAMES
from learning.reporting.told import Sides, sides_of
from learning.reporting.words import MODELS, QUARTERS, fine, marks, share, whole

STYLES = {Kind.SCORECARD: "main", Kind.BOOSTED: "second"}
CHAMPION = "bad"
Told = Mapping[str, Any]


def why_alone(found: Told) -> str:
    """Return why a version is not compared with the champion; empty if it is."""
    if found.get("why") == NO_CHAMPION:
        return _("No model is champion, so there is nothing to compare with.")
    if found.get("why") == LACKING:
        rest = found["number"] - len(found["columns"])
        names = ", ".join(found["columns"]) + (f" (+{rest})" if rest else "")
        return _("The champion (%(model)s) cannot be measured on this table, which lacks its columns: %(columns)s.") % {
            "model": found["champion"],
            "columns": names,
        }
    return ""


def beside_of(version: ModelVersion, found: Told) -> dict[str, Any]:
    """Return the table of figures and the charts of a version's models and the champion; without the champion, none."""
    if not found or found.get("why"):
        return {}
    of = {kind: version.card["reports"][kind] for kind in Kind.values if kind in version.card.get("reports", {})}
    champion = _("Champion: %(model)s") % {"model": f"{found['champion']}, {MODELS[found['kind']]}"}
    told = [(STYLES[Kind(kind)], str(MODELS[kind]), report) for kind, report in of.items()] + [(CHAMPION, champion, found)]
    return {
        "title": _("Compared on the same rows"),
        "text": _("%(rows)s rows on which the new models were not trained. The champion may have been trained on some of them.")
        % {"rows": whole(found["rows"])},
        "heads": [_("Model"), *NAMES.values()],
        "rows": [[name, *(fine(report["figures"][one]) for one in NAMES)] for _style, name, report in told],
        "charts": [_roc(told, sides_of(version.family)), _calibration(told), _gain(told)],
    }


def _roc(told: list[tuple[str, str, Told]], sides: Sides) -> Shown:
    lines = [("even", _("by chance"), [(0, 0), (1, 1)]), *((style, name, report["roc"]) for style, name, report in told)]
    at = [0.05, 0.1, 0.2, 0.3, 0.5]
    rows = [[share(one), *(share(_between(report["roc"], one)) for _style, _name, report in told)] for one in at]
    return Shown(
        _("ROC curve"),
        str(sides.roc_short),
        [str(sides.good_above), *(name for _style, name, _report in told)],
        rows,
        line_chart(lines, x=(0, 1), y=(0, 1), marks_x=marks(QUARTERS), marks_y=marks(QUARTERS)),
        [(style, name) for style, name, _report in told],
    )


def _calibration(told: list[tuple[str, str, Told]]) -> Shown:
    drawn = [(style, name, [(p, bad) for _at, _rows, p, bad in report["calibration"]]) for style, name, report in told]
    bins = sorted({one[0] for _style, _name, report in told for one in report["calibration"]})
    rows = [[share(at), *(_observed(report["calibration"], at) for _style, _name, report in told)] for at in bins]
    return Shown(
        _("Calibration"),
        _("What was predicted, and how many went bad. On the diagonal both are the same."),
        [_("Predicted from"), *(name for _style, name, _report in told)],
        rows,
        line_chart(
            [("even", _("as predicted"), [(0, 0), (1, 1)]), *drawn], x=(0, 1), y=(0, 1), marks_x=marks(QUARTERS), marks_y=marks(QUARTERS)
        ),
        [(style, name) for style, name, _report in told],
    )


def _observed(bins: list[list[float]], at: float) -> str:
    found = next((one for one in bins if one[0] == at), None)
    return "–" if found is None else f"{share(found[3])} ({whole(int(found[1]))})"


def _gain(told: list[tuple[str, str, Told]]) -> Shown:
    drawn = [(style, name, [(cases, bad) for cases, bad, _lift in report["gain"]]) for style, name, report in told]
    tenths = range(1, min(len(report["gain"]) for _style, _name, report in told))
    rows = [[share(told[0][2]["gain"][at][0]), *(share(report["gain"][at][1]) for _style, _name, report in told)] for at in tenths]
    return Shown(
        _("Gain"),
        _("How many of the bad cases are among the riskiest cases."),
        [_("Riskiest cases"), *(name for _style, name, _report in told)],
        rows,
        line_chart(
            [("even", _("by chance"), [(0, 0), (1, 1)]), *drawn], x=(0, 1), y=(0, 1), marks_x=marks(QUARTERS), marks_y=marks(QUARTERS)
        ),
        [(style, name) for style, name, _report in told],
    )


def _between(points: list[list[float]], at: float) -> float:
    """Return the height of a curve at a place, on the line between its points."""
    before = [0.0, 0.0]
    for point in points:
        if point[0] >= at:
            width = point[0] - before[0]
            return point[1] if not width else before[1] + (point[1] - before[1]) * (at - before[0]) / width
        before = point
    return points[-1][1]


def evidence_of(version: ModelVersion, found: Told) -> str:
    """Return the comparison as text, as evidence of a proposal; empty without one: the proposal's page says why there is none."""
    told = beside_of(version, found)
    if not told:
        return ""
    names = told["heads"][1:]
    lines = [", ".join([name, *(f"{one} {value}" for one, value in zip(names, rest, strict=True))]) for name, *rest in told["rows"]]
    return "\n".join([told["text"], *lines])
