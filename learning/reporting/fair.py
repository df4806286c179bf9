"""Fairness in words: the groups of each protected column, both measures, and what would mend the one that does not hold."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from learning.reporting.fairness import ALIKE, FOUR_FIFTHS
from learning.reporting.words import fine, share, whole


def fair_of(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return for each protected column its table, what both measures say, and what would mend it."""
    return [
        {"column": one["column"], "fair": one["fair"], "says": _says(one), "mends": _mends(one, report), **_table(one)}
        for one in report["fairness"]
    ]


def _table(one: Mapping[str, Any]) -> dict[str, Any]:
    rows = [
        [name, whole(rows), share(bad), share(approved), share(of_good) + ("" if large else " *")]
        for name, rows, bad, approved, of_good, large in one["groups"]
    ]
    small = not all(group[-1] for group in one["groups"])
    return {"heads": [_("Group"), _("Cases"), _("Bad"), _("Approved"), _("Good approved")], "rows": rows, "small": small}


def _says(one: Mapping[str, Any]) -> list[str]:
    if one["ratio"] is None:
        return [_("Too few cases of different groups to judge.")]
    told = {"ratio": share(one["ratio"]), "least": share(FOUR_FIFTHS), "apart": share(one["apart"]), "most": share(ALIKE)}
    return [
        _("Four-fifths rule: the least approved group is approved %(ratio)s as often as the most approved; %(least)s or more is wanted.")
        % told,
        _("Equal opportunity: approvals of people who pay differ by up to %(apart)s between groups; %(most)s or less is wanted.") % told,
    ]


def _mends(one: Mapping[str, Any], report: Mapping[str, Any]) -> list[str]:
    """Return what would mend a measure that does not hold; empty if both hold."""
    if one["fair"]:
        return []
    told = []
    if one["cut"]:
        cut, approved, bad = one["cut"]
        told.append(
            _("With a cut-off of %(cut)s for everybody both would hold: %(approved)s would be approved, and of those %(bad)s would be bad.")
            % {"cut": share(cut), "approved": share(approved), "bad": share(bad)}
        )
    else:
        told.append(_("No cut-off for everybody makes both hold."))
    told.extend(
        _(
            "The column %(column)s drives it: without it, at as many approvals, the ratio would be %(ratio)s, the difference %(apart)s, "
            "and the AUC %(auc)s instead of %(before)s."
        )
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
