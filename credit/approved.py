"""Reads of what people approved in spite of refusals."""

import uuid
from datetime import datetime, timedelta

from django.db.models import Sum

from accounts.models import Consumer
from accounts.queries import account_ids
from credit.models import Approval, Decision
from credit.queries import exposure, lines_of_person

ALONE_FOR = timedelta(days=30)
"""For so long what operators approved alone for a person counts together."""


def find_approval(consumer_id: uuid.UUID, at: datetime) -> Approval | None:
    """Return what people approved for a consumer at a moment."""
    return Approval.objects.filter(consumer_id=consumer_id, at=at).first()


def find_approval_of(decision: Decision) -> Approval | None:
    """Return what people approved in spite of a refusal: of the refusal itself, or of one before, for the decision that it let pass."""
    if (decision.inputs or {}).get("granted_minor") is None:
        return Approval.objects.filter(decision=decision).first() if decision.outcome == "decline" else None
    holder = decision.consumer.holder_id
    found = Approval.objects.filter(
        consumer__in=account_ids(holder), currency=decision.currency, at__lte=decision.at, until__gt=decision.at
    )
    return found.order_by("-granted_minor", "-id").first()


def find_approved(holder_id: uuid.UUID, currency: str, at: datetime) -> Approval | None:
    """Return the approval by people that holds for a person and lets them owe most; None if there is none."""
    found = Approval.objects.filter(consumer__in=account_ids(holder_id), currency=currency, until__gt=at)
    return found.order_by("-granted_minor", "-id").first()


def find_approval_left(consumer: Consumer, at: datetime) -> tuple[Approval, int] | None:
    """Return the newest approval by people that holds for a person with the consumer's brand, and what of it can still be bought for.

    In minor units; None if there is none, or if it is used. Two queries.
    """
    mine = account_ids(consumer.holder_id, brand=consumer.brand_id)
    found = Approval.objects.filter(consumer__in=mine, until__gt=at).select_related("decision", "consumer").order_by("-id").first()
    if found is None:
        return None
    left = min(found.amount_minor, found.granted_minor - exposure(list(lines_of_person(consumer)), found.currency, at.date()))
    return (found, left) if left > 0 else None


def approved_alone_minor(decision: Decision, at: datetime) -> int:
    """Return what single operators approved for a person in the last month in the currency of a refusal, in minor units."""
    mine = Approval.objects.filter(consumer__in=account_ids(decision.consumer.holder_id), currency=decision.currency)
    alone = mine.filter(at__gt=at - ALONE_FOR).exclude(actor__startswith="proposal:")
    return alone.aggregate(whole=Sum("amount_minor"))["whole"] or 0
