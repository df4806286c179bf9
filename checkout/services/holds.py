"""Held orders: one person prepares, a different one approves or rejects with a reason."""

import uuid
from datetime import datetime, timedelta

from accounts.models import User
from checkout.errors import PreparedAnew, SamePerson, WrongState
from checkout.events import HoldPrepared, OrderApproved, OrderRejected
from checkout.models import Hold, Order
from checkout.queries import lock_hold
from checkout.services.authorizing import order_authorized
from checkout.services.capturing import capture_locked
from checkout.services.changes import record_change
from checkout.services.ending import release_locked
from checkout.states import HOLD_OPEN
from core.db import unit
from core.errors import Forbidden, refuse
from core.outbox import append
from credit.services import close_referral

MAY_PREPARE = "checkout.prepare_hold"
MAY_DECIDE = "checkout.decide_hold"


def prepare_hold(*, hold_id: uuid.UUID, user: User, recommendation: str, note: str, at: datetime) -> Hold:
    """Record what one operator found and recommends (`approve` or `reject`); until a decision it may be done anew."""
    _allow(user, MAY_PREPARE)
    refuse(
        {
            "recommendation": "" if recommendation in {"approve", "reject"} else "approve or reject",
            "note": "" if note.strip() else "say what you found",
        }
    )
    with unit():
        hold = _waiting(hold_id)
        hold.prepare(user)
        hold.prepared_at, hold.prepared_note, hold.recommendation = at, note.strip(), recommendation
        hold.save()
        append(HoldPrepared(order=hold.order.public_id, merchant=hold.order.merchant.public_id), at=at)
    return hold


def approve_hold(*, hold_id: uuid.UUID, user: User, seen: int, reason: str, at: datetime) -> Hold:
    """Approve a prepared held order as another person than the one who prepared it; it is authorized from now on.

    `seen` is the version of the preparation that the person has read; Conflict `hold.prepared_anew` where there is a newer one.
    """
    _allow(user, MAY_DECIDE)
    with unit():
        _close_referral(hold_id, "approve", user, at)
        hold = _decidable(hold_id, user, seen, reason)
        hold.approve(user)
        _end(hold, reason.strip(), at)
        _authorize(hold, at)
    return hold


def reject_hold(*, hold_id: uuid.UUID, user: User, seen: int, reason: str, at: datetime) -> Hold:
    """Reject a prepared held order as another person than the one who prepared it; everything it held is free again.

    `seen` is the version of the preparation that the person has read; Conflict `hold.prepared_anew` where there is a newer one.
    """
    _allow(user, MAY_DECIDE)
    with unit():
        _close_referral(hold_id, "decline", user, at)
        hold = _decidable(hold_id, user, seen, reason)
        hold.reject(user)
        _end(hold, reason.strip(), at)
        _release(hold, at)
    return hold


def _close_referral(hold_id: uuid.UUID, outcome: str, user: User, at: datetime) -> None:
    """End the data source's own review of a held order: before the order is locked, as that review does when it ends."""
    decision_id = Hold.objects.filter(id=hold_id).values_list("order__decision_id", flat=True).first()
    if decision_id is not None:
        close_referral(decision_id=decision_id, outcome=outcome, at=at, actor=str(user.pk))


def resolve_referral(*, decision_id: uuid.UUID, outcome: str, at: datetime) -> int:
    """Carry out the data source's own review of referred orders: `approve` or `decline`. Return how many it decided.

    A refusal ends an order. A yes answers the source's own question only: an order that something else holds too (its amount, its basket,
    a fraud alert) goes on waiting for two people.
    """
    waiting = Hold.objects.filter(order__decision_id=decision_id, status__in=HOLD_OPEN)
    ids = list(waiting.values_list("id", flat=True))
    with unit():
        return sum(_carry_out(lock_hold(hold_id), outcome, at) for hold_id in ids)


def _carry_out(hold: Hold, outcome: str, at: datetime) -> bool:
    """Let the data source's review act on a locked hold; return whether that decided it."""
    if not hold.is_open:
        return False
    hold.source_review, hold.source_reviewed_at = outcome, at
    decided = outcome == "decline" or hold.answer_source()
    if not decided:
        hold.save()
        return False
    if outcome == "decline":
        hold.refuse()
    else:
        hold.clear()
    _end(hold, "The data source's own review", at)
    act = _release if outcome == "decline" else _authorize
    act(hold, at)
    return True


def _allow(user: User, permission: str) -> None:
    if not (user.is_active and user.is_staff and user.has_perm(permission)):
        raise Forbidden("You may not do this.")


def _waiting(hold_id: uuid.UUID) -> Hold:
    hold = lock_hold(hold_id)
    if not hold.is_open:
        raise WrongState(f"This order is already {hold.status}.", code="hold.decided")
    return hold


def _decidable(hold_id: uuid.UUID, user: User, seen: int, reason: str) -> Hold:
    refuse({"reason": "" if reason.strip() else "give a reason"})
    hold = _waiting(hold_id)
    if hold.prepared_by_id is None:
        raise WrongState("Somebody has to prepare this order first.", code="hold.not_prepared")
    if hold.prepared_by_id == user.id:
        raise SamePerson("You prepared this order; another person has to decide.")
    if hold.version != seen:
        raise PreparedAnew("This order was prepared anew since you looked. Read the new preparation, then decide.")
    return hold


def _end(hold: Hold, reason: str, at: datetime) -> None:
    """Write a decided hold: before its order, whose release the database allows only then."""
    hold.decided_at, hold.decision_reason = at, reason
    hold.save()


def _authorize(hold: Hold, at: datetime) -> None:
    order = hold.order
    order.approve()
    order.authorized_at, order.expires_at = at, at + timedelta(days=order.merchant.authorization_days)
    order.save(update_fields=["status", "authorized_at", "expires_at"])
    told = OrderApproved(order=order.public_id, merchant=order.merchant.public_id, consumer=order.consumer.public_id)
    record_change(order, "approved", actor="review", at=at)
    append(told, order_authorized(order), at=at)
    if order.capture == "automatic":
        capture_locked(order=order, amount_minor=order.amount_minor, actor="automatic", at=at)


def _release(hold: Hold, at: datetime) -> None:
    order: Order = hold.order
    order.reject()
    rest = release_locked(order=order, actor="review", at=at)
    record_change(order, "rejected", actor="review", at=at, amount_minor=rest)
    append(OrderRejected(order=order.public_id, merchant=order.merchant.public_id, consumer=order.consumer.public_id), at=at)
