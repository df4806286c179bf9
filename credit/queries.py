"""Reads of credit."""

import uuid
from datetime import datetime, timedelta

from core.errors import NotFound
from core.ids import parse_id
from credit import rules
from credit.models import CreditLine, Decision, Inquiry, LimitChange, Referral

REFERRALS_WAIT = """EXISTS (
    SELECT 1 FROM credit_referral WHERE resolved_at IS NULL AND next_at <= %(at)s
        AND (claimed_until IS NULL OR claimed_until <= %(wall)s))"""
"""Whether a referral is due for a look."""


def find_line(consumer_id: uuid.UUID, currency: str) -> CreditLine | None:
    """Return a consumer's line in a currency, or None where nothing was ever decided."""
    return CreditLine.objects.filter(consumer_id=consumer_id, currency=currency).first()


def list_lines(consumer_id: uuid.UUID) -> list[CreditLine]:
    """Return a consumer's lines by currency."""
    return list(CreditLine.objects.filter(consumer_id=consumer_id).order_by("currency"))


def lock_line(consumer_id: uuid.UUID, currency: str) -> CreditLine | None:
    """Lock a consumer's line until the transaction ends and return it, or None."""
    return CreditLine.objects.select_for_update().filter(consumer_id=consumer_id, currency=currency).first()


def list_limit_changes(consumer_id: uuid.UUID, currency: str = "", limit: int = 50) -> list[LimitChange]:
    """Return how a consumer's limits moved, newest first, in all currencies or one."""
    changes = LimitChange.objects.filter(line__consumer_id=consumer_id).select_related("line")
    if currency:
        changes = changes.filter(line__currency=currency)
    return list(changes.order_by("-id")[:limit])


def find_report(consumer_id: uuid.UUID, currency: str, at: datetime) -> Inquiry | None:
    """Return the newest answered inquiry that is not older than 30 days, or None."""
    oldest = at - timedelta(days=rules.REPORT_VALID_DAYS)
    return Inquiry.objects.filter(consumer_id=consumer_id, currency=currency, answered_at__gt=oldest).order_by("-answered_at").first()


def get_decision(public_id: str) -> Decision:
    """Return a decision; NotFound."""
    decision = Decision.objects.filter(pk=parse_id(Decision.PREFIX, public_id)).first()
    if decision is None:
        raise NotFound("There is no such decision.")
    return decision


def find_decision(reference: str) -> Decision | None:
    """Return the newest decision about a reference, or None."""
    return Decision.objects.filter(reference=reference).order_by("-at", "-id").first()


def list_decisions(consumer_id: uuid.UUID, limit: int = 50) -> list[Decision]:
    """Return a consumer's decisions, newest first."""
    return list(Decision.objects.filter(consumer_id=consumer_id).order_by("-id")[:limit])


def find_referral(decision_id: uuid.UUID) -> Referral | None:
    """Return what a decision waits for at its data source, or None."""
    return Referral.objects.filter(decision_id=decision_id).first()
