"""Refunds: money back to the payment method of a charge, recorded in the transaction of their cause and sent by a timer."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.arrays import plain_array
from core.db import execute, unit
from core.errors import Conflict, NotFound
from core.ids import uuid7
from core.outbox import append
from ledger import postings, turns
from ledger.queries import balance
from payments import gateways
from payments.errors import RefundTooLarge
from payments.events import RefundArrived, RefundFailed, RefundsSettled
from payments.gateways.base import Outcome, RefundRequest, Status, Takings
from payments.models import Charge, MethodKind, MovementEvent, PaymentMethod, Refund, Turn
from payments.queries import (
    find_transfer,
    is_unpaid,
    load_refunds,
    lock_disputes,
    lock_refund,
    lock_unpaid_refunds,
    request_of,
    stays_taken,
)
from payments.services.breaks import close_breaks_about, open_breaks
from payments.services.recording import Answer, Changed, Kind, draft_of, reverse_movements, settle_open, write_answers
from payments.states import MOVEMENT, MovementStatus
from payments.texts import BANK_PAID, SENT_AGAIN

_TAKE = f"""
    UPDATE payments_charge c SET refunded_minor = c.refunded_minor + d.amount
    FROM (SELECT id, sum(amount) AS amount FROM unnest(%s::uuid[], %s::bigint[]) AS u(id, amount) GROUP BY id ORDER BY id) d
    WHERE c.id = d.id AND c.status = '{MovementStatus.SUCCEEDED}' AND c.refunded_minor + d.amount <= c.amount_minor"""  # noqa: S608


def open_refunds(*, requests: Sequence[RefundRequest], at: datetime, replaces: Refund | None = None) -> list[Refund]:
    """Record refunds in the caller's transaction; `send_refunds` sends them after the commit.

    Each request's `reference` is the plan that owes the refund in the ledger; `replaces` is a failed refund. RefundTooLarge if a charge
    did not succeed or its refunds would exceed it.
    """
    if not requests:
        return []
    with unit():
        ids, amounts = [str(request.charge_id) for request in requests], [request.amount_minor for request in requests]
        if execute(_TAKE, [ids, amounts]) != len(set(ids)):
            raise RefundTooLarge("More would go back to the card than was charged.")
        return Refund.objects.bulk_create(
            Refund(
                id=request.id,
                gateway=request.gateway,
                charge_id=request.charge_id,
                reference=request.reference,
                amount_minor=request.amount_minor,
                currency=request.currency,
                payment_method_id=request.payment_method_id,
                replaces=replaces,
                created_at=at,
            )
            for request in requests
        )


def send_refunds(*, at: datetime) -> int:
    """Send recorded refunds and settle those without an answer; a timer. Return how many were settled."""
    return settle_open(REFUNDS, at=at)


def record_refunds(answers: Sequence[Answer[RefundRequest]], at: datetime) -> int:
    """Record answers for refunds in one commit and post those that succeeded; return how many were settled."""
    with unit():
        _wait_for_banks([request for request, outcome in answers if outcome.status == Status.FAILED])
        changed = write_answers(Refund, answers, at)
        requests = {request.id: request for request, _ in answers}
        _owe_again([(requests[pk], outcome.failure) for pk, outcome in _failures(answers, changed)], at)
        if changed:
            append(RefundsSettled(succeeded=[pk.hex for pk in changed.succeeded], failed=[pk.hex for pk in changed.failed]), at=at)
            again = Refund.objects.filter(id__in=changed.succeeded, replaces__isnull=False).order_by("id")
            append(*(arrived(refund) for refund in again), at=at)
        postings.card_refunds(
            postings.CardRefundPosting(r.key, r.reference, r.gateway, r.currency, r.amount_minor, at)
            for r in (requests[pk] for pk in changed.succeeded)
        )
    return len(changed)


def arrived(refund: Refund, *, by: str = "card") -> RefundArrived:
    """Return the event that a refund reached the person after an earlier failure: on a `card`, or by a `transfer`."""
    return RefundArrived(refund=refund.public_id, reference=refund.reference, amount_minor=refund.amount_minor, by=by)


def _failures(answers: Sequence[Answer[RefundRequest]], changed: Changed) -> list[tuple[uuid.UUID, Outcome]]:
    failed = set(changed.failed)
    return [(request.id, outcome) for request, outcome in answers if request.id in failed]


_UNTAKE = """
    UPDATE payments_charge c SET refunded_minor = c.refunded_minor - d.amount
    FROM (SELECT id, sum(amount) AS amount FROM unnest(%s::uuid[], %s::bigint[]) AS u(id, amount) GROUP BY id ORDER BY id) d
    WHERE c.id = d.id"""


def _owe_again(failed: Sequence[tuple[RefundRequest, str]], at: datetime) -> None:
    """Record that refunds did not reach their cards: the debt stays in `refunds_payable`; tell the people and the operators."""
    if not failed:
        return
    execute(_UNTAKE, [[str(r.charge_id) for r, _ in failed], [r.amount_minor for r, _ in failed]])
    owed = [(request, failure) for request, failure in failed if not cover_loss(request, at)]
    open_breaks(drafts=[draft_of("refund_failed", request, failure=failure) for request, failure in owed], at=at)
    for request, _failure in owed:
        append(RefundFailed(refund=request.key, reference=request.reference, amount_minor=request.amount_minor), at=at)


def _wait_for_banks(requests: Sequence[RefundRequest]) -> None:
    """Take the dispute locks of the refunds' charges before the refunds are locked: disputes lock in the same order."""
    for charge_id in sorted({request.charge_id for request in requests}):
        lock_disputes(charge_id)


def cover_loss(request: RefundRequest, at: datetime) -> bool:
    """Close a failed refund if the bank has already returned the charge to the person; return whether it has.

    In that case the amount had been written off as bad debt: the refund had seemed paid, and the bank paid the same amount again. Runs in
    the caller's transaction, under the lock of the charge's disputes.
    """
    lost = balance(kind="bad_debt", owner=request.reference, currency=request.currency)
    if lost < request.amount_minor or not stays_taken(request.charge_id):
        return False
    turn = turn_of_refund(Refund.objects.get(id=request.id), Turn.COVERED, at=at)
    turn.save(force_insert=True)
    close_breaks_about(subjects=[request.key], note=BANK_PAID, actor="", at=at)
    turns.losses_covered([turns.CoveredPosting(turn.public_id, request.reference, request.currency, request.amount_minor, at)])
    return True


def reverse_refunds(*, requests: Sequence[RefundRequest], outcome: Outcome, at: datetime) -> int:
    """Reverse refunds in the ledger that had succeeded and that the card's bank returned; return how many.

    The money is at the gateway again and owed again; an operator has to act. A second call does nothing.
    """
    failure = outcome.failure or "came_back"
    with unit():
        _wait_for_banks(requests)
        came_back = set(reverse_movements(Refund, requests, failure, at))
        reversed_ = [request for request in requests if request.id in came_back]
        _owe_again([(request, failure) for request in reversed_], at)
        MovementEvent.objects.bulk_create(
            turn_of_refund(refund, Turn.RETURNED, at=at) for refund in Refund.objects.filter(id__in=came_back).order_by("id")
        )
        postings.card_refund_reversals(
            postings.CardRefundPosting(r.key, r.reference, r.gateway, r.currency, r.amount_minor, at) for r in reversed_
        )
    return len(reversed_)


_FAILS, _ASKED_NOT = MOVEMENT.move("fail")
_COVER = f"""
    UPDATE payments_refund SET {_FAILS}, failure = 'charged_back', settled_at = %s WHERE id = ANY(%s::uuid[]) AND {_ASKED_NOT}
        AND claimed_until IS NULL"""  # noqa: S608  (words of our own)


def cover_refunds(*, charge: Charge, amount_minor: int, at: datetime) -> int:
    """Close refunds of a charge that are not sent yet or that failed, up to the amount that the bank has already returned to the person.

    Return the sum of the closed refunds in minor units. Runs in the caller's transaction, with the plan locked. A refund and a chargeback
    never both pay out.
    """
    waiting = Refund.objects.filter(charge=charge, status=MovementStatus.PENDING, claimed_until=None).order_by("id")
    covered: list[Refund] = []
    for refund in (*waiting.select_for_update(skip_locked=True), *lock_unpaid_refunds(charge)):
        if sum(one.amount_minor for one in covered) + refund.amount_minor <= amount_minor:
            covered.append(refund)
    if not covered:
        return 0
    with unit():
        _end_refunds([refund for refund in covered if refund.status == MovementStatus.PENDING], at)
        MovementEvent.objects.bulk_create(turn_of_refund(refund, Turn.COVERED, at=at) for refund in covered)
        close_breaks_about(subjects=[refund.public_id for refund in covered], note=BANK_PAID, actor="", at=at)
    return sum(refund.amount_minor for refund in covered)


def _end_refunds(refunds: Sequence[Refund], at: datetime) -> None:
    execute(_COVER, [at, plain_array(refund.id for refund in refunds)])
    execute(_UNTAKE, [[str(refund.charge_id) for refund in refunds], [refund.amount_minor for refund in refunds]])


def turn_of_refund(refund: Refund, kind: str, *, at: datetime) -> MovementEvent:
    """Return an unsaved turn of a refund with its full amount."""
    return MovementEvent(
        movement_kind="refund",
        movement_id=refund.id,
        kind=kind,
        reference=refund.reference,
        gateway=refund.gateway,
        amount_minor=refund.amount_minor,
        currency=refund.currency,
        gateway_ref=refund.gateway_ref,
        at=at,
    )


def resend_refund(*, refund_id: uuid.UUID, actor: str, at: datetime) -> Refund:
    """Send a failed refund again under a new key, and close its breaks on the work list.

    Conflict if the refund did not fail or was sent again already; RefundTooLarge if other refunds have used up the charge meanwhile.
    """
    with unit():
        return _send_again(lock_refund(refund_id), {}, actor, at)


def redirect_refund(*, refund_id: uuid.UUID, method: PaymentMethod, actor: str, at: datetime) -> Refund:
    """Send a failed refund to another card of the person under a new key, and close its breaks.

    Conflict if the refund did not fail, or if its gateway refunds only to the charged card; NotFound for somebody else's card.
    """
    goes = gateways.connect(method.gateway, Takings).refunds_elsewhere
    with unit():
        refund = lock_refund(refund_id)
        if method.consumer_id != refund.charge.payment_method.consumer_id or not method.is_usable:
            raise NotFound("There is no such payment method.")
        if method.gateway != refund.gateway or not goes or method.kind != MethodKind.CARD:
            raise Conflict("Money cannot go back to this card.", code="payments.refund_elsewhere")
        return _send_again(refund, {"payment_method_id": method.id, "token": method.token}, actor, at)


def _send_again(refund: Refund, to: dict[str, Any], actor: str, at: datetime) -> Refund:
    wanted = find_transfer(refund.id)
    if wanted is not None or not is_unpaid(refund.id):
        raise Conflict("This refund is not one to send again.", code="payments.refund_not_resendable")
    (again,) = open_refunds(requests=[replace(request_of(refund), id=uuid7(), **to)], at=at, replaces=refund)
    turn_of_refund(refund, Turn.RESENT, at=at).save(force_insert=True)
    close_breaks_about(subjects=[refund.public_id], note=f"{SENT_AGAIN}{again.public_id}", actor=actor, at=at)
    return again


REFUNDS: Kind[RefundRequest] = Kind(
    model=Refund,
    load=load_refunds,
    ask=lambda request: gateways.connect(request.gateway, Takings).refund(request),
    find=lambda request: gateways.connect(request.gateway, Takings).find_refund(request),
    record=record_refunds,
    reverse=reverse_refunds,
)
