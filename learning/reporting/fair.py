"""Fairness in words: the groups of each protected column, both measures, and what would mend the one that does not hold."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from learning.reporting.fairness import ALIKE, FOUR_FIFTHS
from learning.reporting.told import Sides, sides_of
from learning.reporting.words import fine, share, whole


def fair_of(report: Mapping[str, Any], family: str) -> list[dict[str, Any]]:
    """Return for each protected column its table, what both measures say, and what would mend it."""
    sides = sides_of(family)
    return [
        {"column": one["column"], "fair": one["fair"], "says": _says(one, sides), "mends": _mends(one, report, sides), **_table(one, sides)}
        for one in report["fairness"]
    ]


def _table(one: Mapping[str, Any], sides: Sides) -> dict[str, Any]:
    rows = [
        [name, whole(rows), share(bad), share(approved), share(of_good) + ("" if large else " *")]
        for name, rows, bad, approved, of_good, large in one["groups"]
    ]
    small = not all(group[-1] for group in one["groups"])
    return {"heads": [_("Group"), _("Cases"), _("Bad"), str(sides.below), str(sides.good_below)], "rows": rows, "small": small}


def _says(one: Mapping[str, Any], sides: Sides) -> list[str]:
    if one["ratio"] is None:
        return [_("Too few cases of different groups to judge.")]
    told = {"ratio": share(one["ratio"]), "least": share(FOUR_FIFTHS), "apart": share(one["apart"]), "most": share(ALIKE)}
    return [
        str(sides.four_fifths) % told,
        str(sides.equal) % told,
    ]


def _mends(one: Mapping[str, Any], report: Mapping[str, Any], sides: Sides) -> list[str]:
    """Return what would mend a measure that does not hold; empty if both hold."""
    if one["fair"]:
        return []
    told = []
    if one["cut"]:
        cut, approved, bad = one["cut"]
        told.append(str(sides.other_cut) % {"cut": share(cut), "approved": share(approved), "bad": share(bad)})
    else:
        told.append(_("No cut-off for everybody makes both hold."))
    told.extend(
        str(sides.driver)
        % {
            "column": column,
            "ratio": share(ratio),
            "apart": share(apart),
            "auc": fine(auc),
            "before": fine(report["figures"]["auc"]),
        }
        for column, ratio, apart, auc in one["columns"]
    )
    return told
