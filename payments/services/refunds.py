"""Refunds: money back to the payment method of a charge, recorded in the transaction of their cause and sent by a timer."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from core.arrays import plain_array
from core.db import execute, unit
from core.outbox import append
from ledger import postings, turns
from ledger.queries import balance
from payments import gateways
from payments.errors import RefundTooLarge
from payments.events import RefundArrived, RefundFailed, RefundsSettled
from payments.gateways.base import Outcome, RefundRequest, Status
from payments.models import Charge, MovementEvent, Refund, Turn
from payments.queries import (
    is_unpaid,
    load_refunds,
    lock_charge,
    lock_disputes,
    lock_last_refund,
    lock_refund,
    lock_unpaid_refunds,
    request_of,
    stays_taken,
)
from payments.services.breaks import close_breaks_about, once_more, open_breaks
from payments.services.recording import (
    Answer,
    Changed,
    Kind,
    confirm_movement,
    contradicting,
    draft_of,
    reverse_movements,
    settle_open,
    write_answers,
)
from payments.silence import find_paid_twice, list_by_hand
from payments.states import MOVEMENT, MOVEMENT_UNDONE, MovementStatus
from payments.texts import BANK_PAID, MADE_AFTER_ALL, ONE_CAME_BACK

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
        by_hand = list_by_hand([request.id for request, _ in answers])
        _wait_for_banks([request for request, outcome in answers if outcome.status == Status.FAILED or request.id in by_hand])
        changed = write_answers(Refund, answers, at, confirm=confirm_refund)
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
    _untake([request for request, _ in failed])
    owed = [(request, failure) for request, failure in failed if not cover_loss(request, at)]
    drafts = [once_more(draft_of("refund_failed", _owe_last(request, at), failure=failure)) for request, failure in owed]
    open_breaks(drafts=drafts, at=at)
    for request, _failure in owed:
        append(RefundFailed(refund=request.key, reference=request.reference, amount_minor=request.amount_minor), at=at)


def _owe_last(request: RefundRequest, at: datetime) -> RefundRequest:
    """Return the request by which the debt of a failed refund is paid: its own, or that of the last refund that was to replace it.

    The last one counts as owed again: it had failed or come back itself, and this one had paid the same.
    """
    last = lock_last_refund(lock_refund(request.id))
    if last.pk == request.id or last.status not in MOVEMENT_UNDONE:
        return request
    note_turn(last, Turn.OWED, at)
    return request_of(last)


def owe_transferred(refund: Refund, at: datetime) -> None:
    """Owe a refund again whose bank transfer came back, and tell, unless the person has that money all the same.

    Runs in the caller's transaction, under the lock of the charge's disputes.
    """
    request = request_of(refund)
    note_turn(refund, Turn.OWED, at)
    if not cover_loss(request, at):
        open_breaks(drafts=[once_more(draft_of("refund_failed", request))], at=at)
        told = RefundFailed(refund=request.key, reference=request.reference, amount_minor=request.amount_minor, by="transfer")
        append(told, at=at)


def _untake(refunds: Sequence[RefundRequest | Refund]) -> None:
    """Make the amounts of failed refunds refundable again, except those made beside another payment: these reserved nothing.

    One that became the only payment (`MADE`) reserves its amount since.
    """
    turns_of = MovementEvent.objects.filter(movement_id__in=[r.id for r in refunds], movement_kind="refund")
    beside = set(turns_of.filter(kind=Turn.TWICE).values_list("movement_id", flat=True))
    beside -= set(turns_of.filter(kind=Turn.MADE).values_list("movement_id", flat=True))
    taken = [refund for refund in refunds if refund.id not in beside]
    execute(_UNTAKE, [[str(refund.charge_id) for refund in taken], [refund.amount_minor for refund in taken]])


def _wait_for_banks(requests: Sequence[RefundRequest]) -> None:
    """Take the dispute locks of the refunds' charges before the refunds are locked: disputes lock in the same order."""
    for charge_id in sorted({request.charge_id for request in requests}):
        lock_disputes(charge_id)


def cover_loss(request: RefundRequest, at: datetime) -> bool:
    """Close a failed refund if the person has the money anyway, from the bank or by another payment; return whether they have.

    In that case the amount had been written off as bad debt: the refund had seemed paid, and the same amount was paid again. Runs in the
    caller's transaction, under the lock of the charge's disputes.
    """
    lost = balance(kind="bad_debt", owner=request.reference, currency=request.currency)
    refund = Refund.objects.get(id=request.id)
    twice = find_paid_twice(refund)
    if lost < request.amount_minor or not (twice or stays_taken(request.charge_id)):
        return False
    if twice is not None and (twice != refund or refund.status == MovementStatus.SUCCEEDED):
        turn = turn_of_refund(twice, Turn.MADE, at=at)
        turn.save(force_insert=True)
        execute(_TAKE, [[str(twice.charge_id)], [twice.amount_minor]])
    if refund.status != MovementStatus.SUCCEEDED:
        turn = note_turn(refund, Turn.COVERED, at)
    note = MADE_AFTER_ALL if twice else BANK_PAID
    close_breaks_about(subjects=[request.key], note=note, actor="", at=at, kinds=["refund_failed"])
    close_breaks_about(subjects=[twice.public_id] if twice else [], note=ONE_CAME_BACK, actor="", at=at)
    turns.losses_covered([turns.CoveredPosting(turn.public_id, request.reference, request.currency, request.amount_minor, at)])
    return True


def note_turn(refund: Refund, kind: str, at: datetime) -> MovementEvent:
    """Save a turn that a refund may take more than once, under the next number of its kind."""
    turn = turn_of_refund(refund, kind, at=at)
    turn.number = MovementEvent.objects.filter(movement_id=refund.pk, movement_kind="refund", kind=kind).count()
    turn.save(force_insert=True)
    return turn


def confirm_refund(request: RefundRequest, outcome: Outcome, at: datetime) -> None:
    """Record that a refund was made after all, although two people had closed it as not made; does nothing if that is recorded already.

    It pays the debt, and a replacement that has not begun is canceled. If the person was paid in another way meanwhile, the second payment
    is booked as lost (`bad_debt`) until one of the two is returned, and a break asks an operator to handle it. A refund that the gateway
    itself reversed before, or that exceeds what is left of the charge, opens a break and books nothing.
    """
    with unit():
        lock_disputes(request.charge_id)
        refund = lock_refund(request.id)
        if refund.status == MovementStatus.SUCCEEDED:
            return
        last = lock_last_refund(refund)
        waits = last.status == MovementStatus.PENDING and last.claimed_until is None
        twice = not (waits or is_unpaid(last.pk))
        if refund.status != MovementStatus.FAILED or not (twice or _fits_charge(refund, beside=last if waits else None)):
            open_breaks(drafts=[contradicting(request, outcome)], at=at)
            return
        confirm_movement(refund, outcome, at)
        turn = turn_of_refund(refund, Turn.TWICE if twice else Turn.MADE, at=at)
        turn.save(force_insert=True)
        postings.card_refunds(
            [postings.CardRefundPosting(request.key, refund.reference, refund.gateway, refund.currency, refund.amount_minor, at)]
        )
        if twice:
            turns.paid_twice([turns.CoveredPosting(turn.public_id, refund.reference, refund.currency, refund.amount_minor, at)])
            open_breaks(drafts=[contradicting(request, outcome, twice=True)], at=at)
        else:
            _call_off(last, refund, at)
            append(arrived(refund), at=at)


def _fits_charge(refund: Refund, *, beside: Refund | None) -> bool:
    """Return whether a charge has room for a refund once a waiting one (`beside`) is canceled."""
    charge = lock_charge(refund.charge_id)
    taken = charge.refunded_minor + refund.amount_minor - (beside.amount_minor if beside else 0)
    return charge.status == MovementStatus.SUCCEEDED and taken <= charge.amount_minor


def _call_off(last: Refund, made: Refund, at: datetime) -> None:
    """Let a refund that was made after all replace the last refund of the same debt, and end the work on both."""
    if last.status == MovementStatus.PENDING:
        _end_refunds([last], "made_before", at)
    if last != made:
        note_turn(last, Turn.COVERED, at)
    execute(_TAKE, [[str(made.charge_id)], [made.amount_minor]])
    subjects = [made.public_id, last.public_id]
    close_breaks_about(subjects=subjects, note=MADE_AFTER_ALL, actor="", at=at, kinds=["refund_failed", "unanswered"])


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
    UPDATE payments_refund SET {_FAILS}, failure = %s, settled_at = %s WHERE id = ANY(%s::uuid[]) AND {_ASKED_NOT}
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
        _end_refunds([refund for refund in covered if refund.status == MovementStatus.PENDING], "charged_back", at)
        for refund in covered:
            note_turn(refund, Turn.COVERED, at)
        close_breaks_about(subjects=[refund.public_id for refund in covered], note=BANK_PAID, actor="", at=at)
    return sum(refund.amount_minor for refund in covered)


def _end_refunds(refunds: Sequence[Refund], failure: str, at: datetime) -> None:
    execute(_COVER, [failure, at, plain_array(refund.id for refund in refunds)])
    _untake(refunds)


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


REFUNDS: Kind[RefundRequest] = Kind(
    model=Refund,
    load=load_refunds,
    ask=gateways.refund,
    find=gateways.find_refund,
    record=record_refunds,
    reverse=reverse_refunds,
    confirm=confirm_refund,
)
