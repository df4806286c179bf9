"""A report in the reader's language: figures as charts with tables beside them, and one HTML file that needs no other."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext

from learning.models import Kind, ModelVersion
from learning.reporting.cards import card_of, sheet_of
from learning.reporting.fair import fair_of
from learning.reporting.figures import charts_of, heads_of
from learning.reporting.words import MODELS

STYLE = Path("static/css/report.css")


def shown_of(version: ModelVersion, kind: str, report: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Return what a page shows of one model of a version: `report` as `whole.report_of` made it; `source` names the rows in words."""
    return {
        "model": MODELS[kind],
        "kind": kind,
        "source": source,
        "heads": heads_of(report),
        "charts": charts_of(report, version.family),
        "fairness": fair_of(report, version.family),
        "sheet": sheet_of(version, report) if kind == Kind.SCORECARD else None,
    }


def file_of(version: ModelVersion, reports: Mapping[str, Mapping[str, Any]], source: str) -> str:
    """Return the report of a version as one HTML file, with its style inside, in the language in force."""
    return render_to_string(
        "learning/report.html",
        {
            "language": get_language() or "en",
            "title": gettext("Report of the model %(model)s") % {"model": version},
            "style": (settings.BASE_DIR / STYLE).read_text(encoding="utf-8"),
            "card": card_of(version),
            "models": models_of(version, reports, source),
        },
    )


def models_of(version: ModelVersion, reports: Mapping[str, Mapping[str, Any]], source: str) -> Sequence[dict[str, Any]]:
    """Return what a page shows of each model of a version that has a report."""
    return [shown_of(version, kind, reports[kind], source) for kind in Kind.values if kind in reports]
