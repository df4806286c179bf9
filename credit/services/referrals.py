"""Referred decisions: ask the data source whether its staff has decided."""

import logging
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Q

from core import outbox
from core.clock import wall
from core.db import unit
from core.polling import next_look
from credit import gateways
from credit.events import ReferralResolved
from credit.gateways.base import OUTCOMES, DataSource
from credit.models import Inquiry, Referral

log = logging.getLogger("bnpl.credit")
LEASE = timedelta(seconds=60)
CHUNK = 50


def poll_referrals(*, at: datetime) -> int:
    """Ask about every open referral that is due, and store the decisions; a timer. Return how many were resolved."""
    resolved = 0
    while claimed := _claim(at):
        resolved += sum(_poll_one(referral, at) for referral in claimed)
    return resolved


def _claim(at: datetime) -> list[Referral]:
    with unit():
        now = wall()
        free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
        due = (
            Referral.objects.filter(free, resolved_at__isnull=True, next_at__lte=at)
            .select_related("decision__consumer", "decision__inquiry")
            .order_by("next_at")
        )
        claimed = list(due.select_for_update(skip_locked=True, of=("self",))[:CHUNK])
        Referral.objects.filter(pk__in=[referral.pk for referral in claimed]).update(claimed_until=now + LEASE)
    return claimed


def _poll_one(referral: Referral, at: datetime) -> bool:
    try:
        outcome = _source_of(referral).review(provider_ref=referral.decision.provider_ref)
    except Exception:
        # No error may delay the other referrals; this one is tried again, at growing intervals.
        log.exception("referral %s cannot be looked up", referral.pk)
        outcome = ""
    if outcome not in OUTCOMES:
        # No answer yet, or an unknown one.
        later = next_look(since=referral.created_at, at=at)
        Referral.objects.filter(pk=referral.pk, resolved_at__isnull=True).update(next_at=later, claimed_until=None)
        return False
    return _resolve(referral, outcome, at)


def _source_of(referral: Referral) -> DataSource:
    """Return the source whose report was referred: no other source knows the report."""
    decision = referral.decision
    asked = decision.inquiry.provider if decision.inquiry else ""
    return gateways.data_source_of(asked, market=decision.consumer.market_id, brand=decision.consumer.brand_id)


def _resolve(referral: Referral, outcome: str, at: datetime) -> bool:
    with unit():
        if not _close(referral.decision_id, outcome, at, "source"):
            return False
        # From now on the report counts as reviewed, so the next purchase need not wait again. The first review stays.
        Inquiry.objects.filter(decisions=referral.decision_id, review="").update(review=outcome)
        outbox.append(ReferralResolved(decision=referral.decision.public_id, outcome=outcome), at=at)
    return True


def _close(decision_id: uuid.UUID, outcome: str, at: datetime, actor: str) -> bool:
    still_open = Referral.objects.filter(decision_id=decision_id, resolved_at__isnull=True)
    return bool(still_open.update(outcome=outcome, resolved_at=at, resolved_by=actor, claimed_until=None))


def close_referral(*, decision_id: uuid.UUID, outcome: str, at: datetime, actor: str) -> bool:
    """Close a referral with the decision of our own operators (`approve` or `decline`).

    Return whether it was still open. The report itself does not count as reviewed: the next purchase is reviewed again. No event is sent,
    since the caller has made the decision.
    """
    with unit():
        return _close(decision_id, outcome, at, actor)


def drop_referrals(*, decision_ids: Collection[uuid.UUID | None], at: datetime) -> int:
    """Stop asking about decisions whose purchases have ended. Return how many were still open.

    The review stays unanswered: another purchase on the same report asks again, and gets the source's decision if there is one by then.
    """
    keys = [key for key in decision_ids if key is not None]
    if not keys:
        return 0
    with unit():
        still_open = Referral.objects.filter(decision_id__in=keys, resolved_at__isnull=True)
        return still_open.update(resolved_at=at, resolved_by="nobody", claimed_until=None)
