"""Reads of provisions: which month is to be counted next, and how those that were moved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch

from collection.closing import open_on
from core.db import rows
from reports.models import Provision, ProvisionMonth, ProvisionSegment
from reports.provisions.rules import MOVES, STAGES, WHOLE_BPS, Movement, Parameters

_NEXT = """
    coalesce((SELECT (max(month) + interval '1 month')::date FROM reports_provisionmonth),
        (SELECT date_trunc('month', min(day))::date FROM collection_closedday))"""
_ENDED = f"{_NEXT} < date_trunc('month', %(at)s AT TIME ZONE 'UTC')::date"
_LAST_DAY = f"({_NEXT} + interval '1 month' - interval '1 day')::date"
MONTHS_WAIT = f"({_ENDED} AND NOT EXISTS ({open_on(_LAST_DAY)}))"
"""SQL: whether a month has ended, every zone has closed its last day, and its provisions are not counted. The first month is that of the
first closed day."""


def find_next(at: datetime) -> date | None:
    """Return the first day of the month to count next; None while there is none."""
    found: list[tuple[date]] = rows(f"SELECT {_NEXT} WHERE {MONTHS_WAIT}", {"at": at})
    return found[0][0] if found else None


def list_months() -> list[ProvisionMonth]:
    """Return the counted months, the newest first."""
    return list(ProvisionMonth.objects.order_by("-month"))


@dataclass(frozen=True, slots=True)
class StageView:
    """A stage of one or more segments in a currency: plans, open principal and movement, in minor units."""

    plans: int
    exposure_minor: int
    movement: Movement

    @property
    def coverage_bps(self) -> int | None:
        """The provision as a share of the open principal, in basis points; None of nothing."""
        return (2 * self.movement.closing * WHOLE_BPS + self.exposure_minor) // (2 * self.exposure_minor) if self.exposure_minor else None

    def __add__(self, other: "StageView") -> "StageView":
        """Add two stages."""
        return StageView(self.plans + other.plans, self.exposure_minor + other.exposure_minor, self.movement + other.movement)


NOTHING = StageView(0, 0, Movement())


@dataclass(frozen=True, slots=True)
class SegmentView:
    """A segment at a month's end, with its stages."""

    segment: ProvisionSegment
    stages: Mapping[int, StageView]

    @property
    def whole(self) -> StageView:
        """All stages together."""
        return sum(self.stages.values(), NOTHING)


def list_segments(month: date, *, market: str = "", brand: str = "") -> list[SegmentView]:
    """Return the segments of a month by currency and name; two queries."""
    named = {name: value for name, value in (("market", market), ("brand", brand)) if value}
    found = ProvisionSegment.objects.filter(month_id=month, **named).order_by("currency", "market", "brand", "product")
    return [
        SegmentView(one, {row.stage: _stage(row) for row in one.stages.all()})
        for one in found.prefetch_related(Prefetch("stages", Provision.objects.order_by("stage")))
    ]


def _stage(row: Provision) -> StageView:
    return StageView(row.plans, row.exposure_minor, Movement(**{name: getattr(row, name) for name in MOVES}))


def by_currency(segments: list[SegmentView]) -> dict[str, dict[int, StageView]]:
    """Add up segments by currency and stage."""
    found: dict[str, dict[int, StageView]] = {}
    for one in segments:
        stages = found.setdefault(one.segment.currency, dict.fromkeys(STAGES, NOTHING))
        for stage, view in one.stages.items():
            stages[stage] += view
    return found


def parameters_of(segment: ProvisionSegment, *, lifetime: bool) -> Parameters:
    """Return the parameters by which a segment was provided for."""
    return Parameters(segment.year, segment.life, segment.lgd_bps, lifetime)
