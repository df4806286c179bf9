"""Reads of how agencies behave: what they reported, what of it broke the code, and whether one is stopped for it."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime, timedelta
from functools import partial

from django.db.models import Q

from collection.calling import CallRules
from collection.code_of_conduct import Code, Conduct, Limits, Score, score_of
from collection.models import Agency, AgencyHold, Breach, Complaint, ContactStop, Placement
from core.arrays import plain_array
from core.clock import local_date
from core.db import rows
from markets.queries import contact_hours, find_calls, find_messages, find_setting, is_quiet
from plans.hardship import spans_of_relief
from plans.models import Standstill

SETTING = "agency.conduct"
"""The market's setting with what it allows of an agency's conduct; without it no agency is stopped by itself."""
DAYS = 90
"""Days over which conduct is counted where the market has no setting."""
_COUNTED = """
    SELECT a.id,
        (SELECT count(*) FROM collection_agencycontact c WHERE c.agency_id = a.id AND c.at > s.since AND c.at <= %(at)s),
        (SELECT count(DISTINCT b.contact_id) FROM collection_breach b WHERE b.agency_id = a.id AND b.at > s.since AND b.at <= %(at)s),
        (SELECT count(*) FROM collection_placement p
            WHERE p.agency_id = a.id AND p.placed_on <= %(at)s::date AND (p.recalled_at IS NULL OR p.recalled_at > s.since)),
        k.count, k.late
    FROM collection_agency a
    CROSS JOIN LATERAL (
        SELECT greatest(%(from)s, max(h.ended_at)) AS since FROM collection_agencyhold h WHERE h.agency_id = a.id) s
    CROSS JOIN LATERAL (
        SELECT count(*) AS count, count(*) FILTER (WHERE k.told_at > k.at + interval '2 days') AS late
        FROM collection_agencycomplaint k WHERE k.agency_id = a.id AND k.at > s.since AND k.at <= %(at)s) k
    WHERE a.id = ANY(%(agencies)s::uuid[])"""


def limits_of(market: str, on: date) -> Limits | None:
    """Return what a market allows of an agency's conduct on a date, or None if it has no such setting."""
    found = find_setting(market, SETTING, on)
    return Limits(**found.value) if found else None


def conduct_of(agencies: Sequence[Agency], at: datetime) -> dict[uuid.UUID, Conduct]:
    """Return the conduct of agencies of one market over its span of days, and only since two people let one go on; one query.

    A complaint is reported in time within two days after it was made.
    """
    if not agencies:
        return {}
    limits = limits_of(agencies[0].market_id, local_date(at, agencies[0].market.time_zone))
    since = at - timedelta(days=limits.days if limits else DAYS)
    told = {"at": at, "from": since, "agencies": plain_array([one.pk for one in agencies])}
    return {key: Conduct(*map(int, counts)) for key, *counts in rows(_COUNTED, told)}


def scores_of(agencies: Sequence[Agency], at: datetime) -> dict[uuid.UUID, Score]:
    """Return the scores of agencies of one market, drawn towards the mean of all that it has; two queries."""
    if not agencies:
        return {}
    all_here = list(Agency.objects.filter(market=agencies[0].market_id).select_related("market"))
    found = conduct_of(all_here, at)
    together = Conduct(*(sum(counts) for counts in zip(*map(astuple, found.values()), strict=True)))
    return {one.pk: score_of(found[one.pk], together) for one in agencies}


def find_hold(agency: Agency) -> AgencyHold | None:
    """Return what stops an agency for its conduct now, or None."""
    return AgencyHold.objects.filter(agency=agency, ended_at=None).first()


def list_held(agency_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return which of some agencies are stopped for their conduct now; one query."""
    return set(AgencyHold.objects.filter(agency__in=agency_ids, ended_at=None).values_list("agency_id", flat=True))


def list_breaches(agency: Agency, *, limit: int = 50) -> list[Breach]:
    """Return what an agency broke of the code, the newest first; one query."""
    return list(Breach.objects.filter(agency=agency).select_related("contact").order_by("-at", "-id")[:limit])


@dataclass(frozen=True, slots=True)
class Bound:
    """What binds agencies about some people, read in four queries; each with its spans of time."""

    spans: Mapping[uuid.UUID, Sequence[tuple[str, datetime, datetime | None]]]
    stops: Mapping[uuid.UUID, Sequence[tuple[str, datetime, datetime | None]]]

    @classmethod
    def of(cls, consumer_ids: Collection[uuid.UUID], since: datetime) -> "Bound":
        """Read what bound them at any time since a moment."""
        spans: dict[uuid.UUID, list[tuple[str, datetime, datetime | None]]] = defaultdict(list)
        stops: dict[uuid.UUID, list[tuple[str, datetime, datetime | None]]] = defaultdict(list)
        running = Q(consumer__in=consumer_ids) & (Q(ended_at=None) | Q(ended_at__gt=since))
        for who, begun, ended in Standstill.objects.filter(running).values_list("consumer_id", "noted_at", "ended_at"):
            spans[who].append((Breach.STILL, begun, ended))
        for who, begun, ended in Complaint.objects.filter(running).values_list("consumer_id", "made_at", "ended_at"):
            spans[who].append((Breach.COMPLAINT, begun, ended))
        for who, begun, ended in spans_of_relief(consumer_ids):
            spans[who].append((Breach.HARDSHIP, begun, ended))
        for who, channel, begun, ended in ContactStop.objects.filter(running).values_list(
            "consumer_id", "channel", "stopped_at", "ended_at"
        ):
            stops[who].append((channel, begun, ended))
        return cls(spans, stops)

    def code_for(self, one: Placement, market: str, on: date) -> Code:
        """Return what binds an agency about a debt on a day; `one` with its plan."""
        calls, messages, zone = find_calls(market, on), find_messages(market, on), one.plan.time_zone
        return Code(
            zone=zone,
            hours=contact_hours(market, on),
            is_quiet=partial(is_quiet, market),
            calls=CallRules(**calls.value) if calls else CallRules(),
            messages=(messages.value["most"], messages.value["days"]) if messages else None,
            placed_on=one.placed_on,
            recalled_at=one.recalled_at,
            spans=self.spans.get(one.plan.consumer_id, ()),
            asked_not=self.stops.get(one.plan.consumer_id, ()),
        )
