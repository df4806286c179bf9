"""The model card with lineage and checksums, and the points of a scorecard as a table that a person can add up."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core.moments import moment_words
from core.sentences import told
from learning.flat import probability
from learning.models import Family, ModelVersion
from learning.queries import scorer_of
from learning.reporting.words import share, whole

STEP = 40
"""Points that halve the odds of bad, as in `learning.scorecard`, which is not imported: it loads what trains."""
USES = {
    Family.CREDIT: gettext_noop("The chance that a person does not pay as agreed."),
    Family.FRAUD: gettext_noop("The chance that a payment is fraud."),
    Family.REMINDER: gettext_noop("The chance that what is late is not paid within two weeks."),
}
_ACCEPTED = gettext_noop("Only people who were accepted before are in such a table; of those who were refused nothing is known.")
_SEEN = {Family.REMINDER: gettext_noop("Only people who paid late are in such a table; of those who never did nothing is known.")}
LIMITS = (
    gettext_noop("The probability is that of the rows of training: where bad cases are rarer or more frequent, it has to be set anew."),
    gettext_noop("A word that was not in the table weighs as the average."),
    gettext_noop("Protected attributes are not learned from; columns that go along with them may still stand in for them."),
)


def card_of(version: ModelVersion, made_by: str = "", put_by: str = "") -> dict[str, Any]:
    """Return the model card: what it is for, its limits, where its data came from, its settings, and the checksums.

    `made_by` is the name of the person who had it trained, and `put_by` of the one who uploaded its table, if there is one.
    """
    lineage, chosen = version.lineage, version.card.get("settings", {})
    rows = lineage.get("rows", 0)
    facts = [
        (_("Table"), lineage.get("file", "")),
        (_("Checksum of the table (SHA-256)"), lineage.get("sha256", "")),
        *([(_("Table put there by"), put_by)] if put_by else []),
        (_("Rows"), _("%(rows)s, %(bad)s of them bad") % {"rows": whole(rows), "bad": whole(lineage.get("bad", 0))}),
        (_("Target"), f"{lineage.get('target', '')} = {lineage.get('positive', '')}"),
        (_("Columns"), ", ".join(lineage.get("columns", []))),
        (_("Derived columns"), ", ".join(one[0] for one in lineage.get("derived", [])) or "–"),
        (_("Cross-validation"), _("%(folds)s folds, seed %(seed)s") % {"folds": chosen.get("folds", "–"), "seed": chosen.get("seed", "–")}),
        (_("Training code"), version.code),
        (_("Trained"), f"{moment_words(version.made_at.astimezone(UTC))}, {made_by or version.made_by}"),
        (_("Checksum of the model (SHA-256)"), version.stored_digest),
        (_("Checksum of its flat form (SHA-256)"), version.flat_digest),
    ]
    return {
        "use": _(USES[Family(version.family)]),
        "limits": [_(text) for text in (LIMITS[0], _SEEN.get(Family(version.family), _ACCEPTED), *LIMITS[1:])],
        "notes": [told(one) for one in lineage["said"]] if "said" in lineage else lineage.get("notes", []),
        "notes_in": "" if "said" in lineage else "en",
        "facts": facts,
        "usable": version.usable,
    }


def sheet_of(version: ModelVersion, report: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the points of a scorecard by characteristic, what sums of points mean, and one case added up; None for a card without."""
    points = version.card.get("points", [])
    if len(points) < 2:
        return None
    scorer = scorer_of(version.pk)
    flat = scorer.models["scorecard"]
    groups = [(name, list(rows)) for name, rows in groupby(points[1:], key=lambda row: row["characteristic"])]
    per_point = _per_point(groups, flat.parts, scorer.recipe.features)
    start = points[0]["points"]
    if not per_point:
        return None
    least, most = start, start + sum(max(row["points"] for row in rows) for _name, rows in groups)
    sums = range(least // STEP * STEP, most + STEP, STEP)
    cut = report["cut"]
    return {
        "start": start,
        "groups": [(name, [(row["bin"], row["points"]) for row in rows]) for name, rows in groups],
        "sums": [(total, share(probability(flat.base - per_point * (total - start)))) for total in sums],
        "cut": share(cut),
        "example": [(name, *_usual(rows)) for name, rows in groups],
        "total": start + sum(_usual(rows)[1] for _name, rows in groups),
        "risk": share(probability(flat.base - per_point * sum(_usual(rows)[1] for _name, rows in groups))),
    }


def _per_point(groups: Sequence[tuple[str, Any]], parts: Sequence[Any], names: Sequence[str]) -> float:
    """Return by how much a point lowers the log odds: each part of the flat form is its points times this."""
    for name, rows in groups:
        most = max(row["points"] for row in rows)
        if most:
            return float(-min(parts[names.index(name)].y) / most)
    return 0.0


def _usual(rows: Sequence[Mapping[str, Any]]) -> tuple[str, int]:
    """Return the bin in the middle of a characteristic with its points, as an example."""
    known = sorted((row for row in rows if row["bin"] != "unknown"), key=lambda row: row["points"]) or list(rows)
    middle = known[len(known) // 2]
    return middle["bin"], middle["points"]
