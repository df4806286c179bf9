"""Whose call for help holds further steps back: while it waits for its answer, and for some days after it was refused."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Q

from accounts.models import ConsumerRequest
from accounts.states import RequestStatus
from core.clock import local_date
from core.errors import Conflict
from markets.queries import find_help_refused
from plans.models import Plan
from plans.standstill import in_respite

HARDSHIP, REFUSED = "hardship", "refused"
MOST_DAYS = timedelta(days=92)
"""No market lets more days pass after a refusal."""


def asking_help(consumer_ids: Collection[uuid.UUID], at: datetime) -> set[uuid.UUID]:
    """Return of whom of some people a call for help waits, or was refused so recently that nothing follows yet; one query.

    How many days after a refusal nothing follows is the market's dated setting `hardship.refused` (in Australia 14: National Credit Code,
    section 89A).
    """
    waiting = Q(status=RequestStatus.OPEN) | Q(outcome=REFUSED, answered_at__gte=at - MOST_DAYS)
    found = ConsumerRequest.objects.filter(waiting, kind=HARDSHIP, consumer__in=consumer_ids).select_related("consumer")
    return {one.consumer_id for one in found if one.answered_at is None or _holds(one, one.answered_at, at)}


def _holds(one: ConsumerRequest, answered_at: datetime, at: datetime) -> bool:
    zone = one.consumer.time_zone
    answered = local_date(answered_at, zone)
    days = int(find_help_refused(one.consumer.market_id, answered).get("hold_days", 0))
    return local_date(at, zone) <= answered + timedelta(days=days) and days > 0


def asked_help_of(plan_ids: Collection[uuid.UUID], at: datetime) -> set[uuid.UUID]:
    """Return those of some plans whose people's calls for help, or breathing spaces, hold further steps back; three queries."""
    owners = dict(Plan.objects.filter(pk__in=plan_ids).values_list("id", "consumer_id"))
    asking = asking_help(set(owners.values()), at) | in_respite(set(owners.values()))
    return {plan for plan, consumer in owners.items() if consumer in asking}


def refuse_asking(plan: Plan, at: datetime) -> None:
    """Refuse a further step against a person who asks for help (`collection.asks_help`), or has a breathing space (`.respite`)."""
    if in_respite([plan.consumer_id]):
        raise Conflict("The person has a breathing space. Wait.", code="collection.respite")
    if asking_help([plan.consumer_id], at):
        raise Conflict("The person asks for help, or was refused it a few days ago. Wait.", code="collection.asks_help")
