"""The daily watch of models of risk: recent cases against training, and probabilities against how cases ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import numpy as np

from core.adjusting import value_of
from learning.errors import Damaged
from learning.models import Family, ModelVersion, WatchedDay
from learning.queries import list_roles, scorer_of
from learning.services import note_watched
from learning.settable import LEAST_WATCHED, MOST_AUC_LOST, MOST_DRIFT, MOST_MISCALIBRATION
from learning.tables import Floats, Table
from learning.watching import UNUSED, Bounds, alarms_of, compare_recent, measure_ended, table_of
from reports.retraining import SOURCES

RECENT, ENDED = timedelta(days=30), timedelta(days=365)
MOST_ROWS = 20_000
"""The most recent cases that are compared, and the most that ended; more would not change the figures."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The cases of a family: recent ones, those that ended, and whether these went bad."""

    recent: Table
    ended: Table
    y: Floats


def watch_models(*, at: datetime) -> int:
    """Compare each model that has a role with its training, once a day (UTC); return how many were. Run by a timer."""
    day, watched = at.date(), 0
    for family in SOURCES:
        held = {(change.version_id, change.kind): change.version for change in list_roles(family).values()}
        done = set(WatchedDay.objects.filter(version__in=[key for key, _kind in held], day__gte=day).values_list("version_id", "kind"))
        due = {key: version for key, version in held.items() if key not in done and version is not None}
        if not due:
            continue
        seen = _seen(family, at)
        for (_key, kind), version in due.items():
            recent, ended, alarms = ({}, {}, [[UNUSED, "", 1]]) if _is_unused(family, version, seen) else _compared(version, kind, seen)
            note_watched(version=version, kind=kind, day=day, recent=recent, ended=ended, alarms=alarms, at=at)
            watched += 1
    return watched


def _seen(family: str, at: datetime) -> Seen:
    recent = SOURCES[family].recent(at=at, since=at - RECENT)
    ended = SOURCES[family].cases(at=at, since=at - ENDED)
    heads = next(ended)
    rows = list(islice(ended, MOST_ROWS))
    y = np.array([row[-1] for row in rows], dtype=float)
    return Seen(table_of(next(recent), islice(recent, MOST_ROWS)), table_of(heads[:-1], [row[:-1] for row in rows]), y)


def _is_unused(family: str, version: ModelVersion, seen: Seen) -> bool:
    """Return whether a model cannot be used: its stored form is damaged, or, in credit, it looks at facts that cases do not have."""
    try:
        facts = scorer_of(version.pk).facts
    except Damaged:
        return True
    return family == Family.CREDIT and not set(facts) <= set(seen.recent.columns)


def _compared(version: ModelVersion, kind: str, seen: Seen) -> tuple[dict[str, Any], dict[str, Any], list[list[Any]]]:
    """Return what is said of one model; nothing if its training kept nothing to compare with."""
    card = ModelVersion.objects.values_list("card", flat=True).get(pk=version.pk)
    if kind not in card.get("bases", {}).get("scores", {}):
        return {}, {}, []
    scorer = scorer_of(version.pk)
    recent = compare_recent(scorer, kind, card["bases"], seen.recent)
    ended = measure_ended(scorer, kind, seen.ended, seen.y)
    return recent, ended, alarms_of(recent, ended, card["figures"][kind], _bounds())


def _bounds() -> Bounds:
    drift, auc_lost, error = value_of(MOST_DRIFT) / 100, value_of(MOST_AUC_LOST) / 100, value_of(MOST_MISCALIBRATION) / 100
    return Bounds(drift, auc_lost, error, value_of(LEAST_WATCHED))
