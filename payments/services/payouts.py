"""Payouts: money to a merchant's bank account, recorded with the settlement and sent by a timer."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from core.db import unit
from core.money import Money
from core.outbox import append
from core.providers import Capability
from core.writes import insert
from ledger import postings
from payments import gateways
from payments.events import PayoutsConfirmed, PayoutsReversed, PayoutsSettled
from payments.gateways.base import Outcome, PayoutRequest, Payouts
from payments.models import MovementEvent, Payout, Turn
from payments.queries import load_payouts, lock_payout
from payments.ruling import route
from payments.services.breaks import close_breaks_about, once_more, open_breaks
from payments.services.recording import (
    Answer,
    Kind,
    confirm_movement,
    contradicting,
    draft_of,
    reverse_movements,
    settle_open,
    write_answers,
)
from payments.states import MovementStatus
from payments.texts import MADE_AFTER_ALL, PAID_WITH


def open_payout(
    *, reference: str, owner: str, destination: str, amount: Money, at: datetime, brand: str | None = "", market: str = ""
) -> Payout:
    """Record a payout in the caller's transaction; `send_payouts` sends it after the commit.

    `reference` is what the payout pays, `owner` the merchant in the ledger, and `brand` and `market` its brand and
    market. IntegrityError for a second payout of a reference.
    """
    made = Payout(reference=reference, owner=owner, destination=destination, amount_minor=amount.minor, currency=amount.currency)
    routed = route(Capability.PAYOUTS, subject=made.public_id, amount=amount, market=market, brand=brand, merchant=owner, at=at)
    made.gateway, made.routed, made.created_at = routed.account, routed.rule, at
    made.save(force_insert=True)
    if routed.case is not None:
        insert(routed.case)
    return made


def send_payouts(*, at: datetime) -> int:
    """Send recorded payouts and settle those without an answer; a timer. Return how many were settled."""
    return settle_open(PAYOUTS, at=at)


def record_payouts(answers: Sequence[Answer[PayoutRequest]], at: datetime) -> int:
    """Record answers for payouts in one commit and post those that were paid; return how many were settled."""
    with unit():
        changed = write_answers(Payout, answers, at, confirm=confirm_payout)
        requests = {request.id: request for request, _ in answers}
        failed = set(changed.failed)
        open_breaks(drafts=[draft_of("payout_failed", r, failure=outcome.failure) for r, outcome in answers if r.id in failed], at=at)
        _note_bounced(changed.failed, at)
        if changed:
            append(PayoutsSettled(succeeded=[pk.hex for pk in changed.succeeded], failed=[pk.hex for pk in changed.failed]), at=at)
        postings.payouts(
            postings.PayoutPosting(r.key, r.owner, r.gateway, r.currency, r.amount_minor, at)
            for r in (requests[pk] for pk in changed.succeeded)
        )
    return len(changed)


def _note_bounced(ids: Collection[uuid.UUID], at: datetime) -> None:
    """Record that payouts were returned; each return gets a new number."""
    if ids:
        came_back = Payout.objects.filter(id__in=ids).order_by("id")
        MovementEvent.objects.bulk_create(_turn(payout, Turn.BOUNCED, at, number=_bounces(payout)) for payout in came_back)


def _bounces(payout: Payout) -> int:
    return MovementEvent.objects.filter(movement_id=payout.pk, movement_kind="payout", kind=Turn.BOUNCED).count()


def note_resent(*, payouts: Sequence[Payout], by: Payout, at: datetime) -> None:
    """Record that a later payout has paid returned ones, and close their breaks; in the transaction that records the later one."""
    with unit():
        MovementEvent.objects.bulk_create(_turn(payout, Turn.RESENT, at, number=max(0, _bounces(payout) - 1)) for payout in payouts)
        close_breaks_about(subjects=[payout.public_id for payout in payouts], note=f"{PAID_WITH}{by.public_id}", actor="", at=at)


def _turn(payout: Payout, kind: str, at: datetime, *, number: int = 0) -> MovementEvent:
    return MovementEvent(
        movement_kind="payout",
        movement_id=payout.id,
        kind=kind,
        reference=payout.reference,
        gateway=payout.gateway,
        amount_minor=payout.amount_minor,
        currency=payout.currency,
        gateway_ref=payout.gateway_ref,
        number=number,
        at=at,
    )


def reverse_payouts(*, requests: Sequence[PayoutRequest], outcome: Outcome, at: datetime) -> int:
    """Reverse payouts in the ledger that had succeeded and that the shop's bank returned; return how many.

    The money is at the gateway again; the event makes its listeners owe it to the merchant again. A second call does nothing.
    """
    failure = outcome.failure or "came_back"
    with unit():
        came_back = set(reverse_movements(Payout, requests, failure, at))
        reversed_ = [request for request in requests if request.id in came_back]
        open_breaks(drafts=[once_more(draft_of("payout_failed", request, failure=failure)) for request in reversed_], at=at)
        _note_bounced([request.id for request in reversed_], at)
        postings.payout_reversals(postings.PayoutPosting(r.key, r.owner, r.gateway, r.currency, r.amount_minor, at) for r in reversed_)
        if reversed_:
            append(PayoutsReversed(payouts=[request.id.hex for request in reversed_]), at=at)
    return len(reversed_)


def confirm_payout(request: PayoutRequest, outcome: Outcome, at: datetime) -> None:
    """Record that a payout was made after all, although two people had closed it as not made; nothing if that is recorded already.

    The event tells its listeners that it is no longer owed to the merchant. If the gateway reversed it before, a break is opened and
    nothing is booked.
    """
    with unit():
        payout = lock_payout(request.id)
        if payout.status == MovementStatus.SUCCEEDED:
            return
        if payout.status != MovementStatus.FAILED:
            open_breaks(drafts=[contradicting(request, outcome)], at=at)
            return
        confirm_movement(payout, outcome, at)
        _turn(payout, Turn.MADE, at).save(force_insert=True)
        close_breaks_about(subjects=[payout.public_id], note=MADE_AFTER_ALL, actor="", at=at, kinds=["payout_failed", "unanswered"])
        append(PayoutsConfirmed(payouts=[payout.pk.hex]), at=at)
        postings.payouts([postings.PayoutPosting(request.key, request.owner, request.gateway, request.currency, request.amount_minor, at)])


def note_paid_twice(*, payout: Payout, at: datetime) -> None:
    """Open a break because a shop was paid twice and owes us a payout, in the transaction that records that it was made after all."""
    with unit():
        for request in load_payouts([payout.pk]):
            open_breaks(drafts=[draft_of("contradicted", request, made=True, twice=True, ref=payout.gateway_ref)], at=at)


PAYOUTS: Kind[PayoutRequest] = Kind(
    model=Payout,
    load=load_payouts,
    ask=lambda request: gateways.connect(request.gateway, Payouts).pay_out(request),
    find=lambda request: gateways.connect(request.gateway, Payouts).find_payout(request),
    record=record_payouts,
    reverse=reverse_payouts,
    confirm=confirm_payout,
)
