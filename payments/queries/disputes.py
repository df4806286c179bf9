"""Reads of disputes of cardholders, and of what they moved."""

import uuid
from collections.abc import Collection

from core.db import rows, wait_lock
from core.errors import NotFound
from core.ids import parse_id
from core.states import words
from payments.models import Charge, Dispute
from payments.states import MOVEMENT_MADE, DisputeStatus, MovementStatus


def find_dispute(public_id: str) -> Dispute | None:
    """Return a dispute with its charge and card by its public id; None where there is none."""
    try:
        key = parse_id(Dispute.PREFIX, public_id)
    except NotFound:
        return None
    return Dispute.objects.select_related("charge__payment_method").filter(id=key).first()


_NET = """
    SELECT coalesce(sum(CASE kind WHEN 'reversed' THEN amount_minor WHEN 'reinstated' THEN -amount_minor END), 0)::bigint,
        coalesce(sum(CASE kind WHEN 'fee' THEN amount_minor WHEN 'fee_returned' THEN -amount_minor END), 0)::bigint
    FROM payments_movementevent WHERE movement_kind = 'charge' AND movement_id = %s AND (%s::uuid IS NULL OR dispute_id = %s::uuid)"""


def sum_withdrawn(charge_id: uuid.UUID, dispute_id: uuid.UUID | None = None) -> int:
    """Return how much of a charge banks have taken back and not returned, in minor units, in all or for one dispute."""
    return int(rows(_NET, [charge_id, dispute_id, dispute_id])[0][0])


def sum_fees(charge_id: uuid.UUID, dispute_id: uuid.UUID | None = None) -> int:
    """Return the fees that a gateway took for turns of a charge, less those given back, in minor units, in all or for one dispute."""
    return int(rows(_NET, [charge_id, dispute_id, dispute_id])[0][1])


def stays_taken(charge_id: uuid.UUID) -> bool:
    """Return whether the bank has taken a charge back for good: it returned the charge, or a dispute is lost."""
    reversed_ = Charge.objects.filter(id=charge_id, status=MovementStatus.REVERSED)
    return reversed_.exists() or Dispute.objects.filter(charge_id=charge_id, status=DisputeStatus.LOST).exists()


def is_disputed(reference: str) -> bool:
    """Return whether a charge for a reference has an open or lost dispute that nobody has waived."""
    return Dispute.objects.filter(reference=reference, status__in=[DisputeStatus.OPEN, DisputeStatus.LOST], waived_at=None).exists()


def is_being_disputed(reference: str) -> bool:
    """Return whether a bank still has to decide about a charge for a reference."""
    return Dispute.objects.filter(reference=reference, status=DisputeStatus.OPEN).exists()


def list_being_disputed(references: Collection[str]) -> set[str]:
    """Return those of some references about a charge for which a bank still has to decide; one query."""
    return set(Dispute.objects.filter(reference__in=references, status=DisputeStatus.OPEN).values_list("reference", flat=True))


def list_all_being_disputed() -> set[str]:
    """Return the references of all charges for which a bank still has to decide; one query."""
    return set(Dispute.objects.filter(status=DisputeStatus.OPEN).values_list("reference", flat=True))


def lock_disputes(charge_id: uuid.UUID) -> None:
    """Lock the disputes of a charge, and the failures of its refunds, until the transaction ends; always taken before other locks."""
    wait_lock(f"disputes:{charge_id}")


_LOCK_DISPUTES = f"""
    WITH made AS MATERIALIZED (
        SELECT id FROM payments_charge WHERE reference = %s AND status IN ({words(MOVEMENT_MADE)}) ORDER BY id)
    SELECT count(pg_advisory_xact_lock(hashtextextended('disputes:' || id::text, 0))) FROM made"""  # noqa: S608  (words of our own)


def lock_disputes_of(reference: str) -> None:
    """Lock the disputes of every charge for a reference, in the order of their keys, before the reference itself is locked.

    Until then no bank's return of these charges is recorded, so that the money can be refunded while the lock is held.
    """
    rows(_LOCK_DISPUTES, [reference])
