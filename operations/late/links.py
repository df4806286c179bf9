"""Where a request or a complaint of a person leads an operator: their case, and the offer of relief for each late purchase."""

from dataclasses import dataclass

from django.urls import reverse

from accounts.models import Consumer, User
from collection.queries import find_open_case
from collection.services.cases import MAY_WORK
from plans.models import Plan
from plans.standstill import standing_still
from plans.states import PlanStatus

KINDS = frozenset({"hardship", "complaint", "question", "purchase"})
"""Kinds of requests that lead to what is late."""
RELIEVED = "hardship"
MOST = 20
"""The most purchases that are named."""


@dataclass(frozen=True, slots=True)
class Links:
    """The URL of a person's open case (empty for none), and by each running plan, the URL of the offer of relief."""

    case: str
    reliefs: list[tuple[str, str]]


def links_of(consumer: Consumer, kind: str, user: User) -> Links:
    """Return where a request of a kind leads who works on cases; nothing for others. At most three queries."""
    if kind not in KINDS or not user.may(MAY_WORK):
        return Links("", [])
    case = find_open_case(consumer.pk)
    path = reverse("admin:collection_case_change", args=[case.pk]) if case else ""
    if kind != RELIEVED or standing_still([consumer.pk]):
        return Links(path, [])
    plans = Plan.objects.filter(consumer=consumer, status=PlanStatus.ACTIVE).only("id", "reference").order_by("id")[:MOST]
    return Links(path, [(one.reference, reverse("admin:collection_relief", args=[one.pk])) for one in plans])
