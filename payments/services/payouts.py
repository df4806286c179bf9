"""Payouts: money to a merchant's bank account, recorded with the settlement and sent by a timer."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from core.db import unit
from core.money import Money
from core.outbox import append
from ledger import postings
from payments import gateways
from payments.events import PayoutsReversed, PayoutsSettled
from payments.gateways.base import Outcome, PayoutRequest, Payouts
from payments.models import MovementEvent, Payout, Turn
from payments.queries import load_payouts
from payments.services.breaks import close_breaks_about, open_breaks
from payments.services.recording import Answer, Kind, draft_of, reverse_movements, settle_open, write_answers
from payments.texts import PAID_WITH


def open_payout(
    *, reference: str, owner: str, destination: str, amount: Money, at: datetime, brand: str | None = "", market: str = ""
) -> Payout:
    """Record a payout in the caller's transaction; `send_payouts` sends it after the commit.

    `reference` is what the payout pays, `owner` the merchant in the ledger, and `brand` and `market` its brand and
    market. IntegrityError for a second payout of a reference.
    """
    return Payout.objects.create(
        gateway=gateways.for_payouts(market=market, currency=amount.currency, brand=brand),
        reference=reference,
        owner=owner,
        destination=destination,
        amount_minor=amount.minor,
        currency=amount.currency,
        created_at=at,
    )


def send_payouts(*, at: datetime) -> int:
    """Send recorded payouts and settle those without an answer; a timer. Return how many were settled."""
    return settle_open(PAYOUTS, at=at)


def record_payouts(answers: Sequence[Answer[PayoutRequest]], at: datetime) -> int:
    """Record answers for payouts in one commit and post those that were paid; return how many were settled."""
    with unit():
        changed = write_answers(Payout, answers, at)
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
    """Record that payouts came back."""
    if ids:
        MovementEvent.objects.bulk_create(_turn(payout, Turn.BOUNCED, at) for payout in Payout.objects.filter(id__in=ids).order_by("id"))


def note_resent(*, payouts: Sequence[Payout], by: Payout, at: datetime) -> None:
    """Record that a later payout has paid what had come back, and close the breaks; in the transaction that records the later one."""
    with unit():
        MovementEvent.objects.bulk_create(_turn(payout, Turn.RESENT, at) for payout in payouts)
        close_breaks_about(subjects=[payout.public_id for payout in payouts], note=f"{PAID_WITH}{by.public_id}", actor="", at=at)


def _turn(payout: Payout, kind: str, at: datetime) -> MovementEvent:
    return MovementEvent(
        movement_kind="payout",
        movement_id=payout.id,
        kind=kind,
        reference=payout.reference,
        gateway=payout.gateway,
        amount_minor=payout.amount_minor,
        currency=payout.currency,
        gateway_ref=payout.gateway_ref,
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
        open_breaks(drafts=[draft_of("payout_failed", request, failure=failure) for request in reversed_], at=at)
        _note_bounced([request.id for request in reversed_], at)
        postings.payout_reversals(postings.PayoutPosting(r.key, r.owner, r.gateway, r.currency, r.amount_minor, at) for r in reversed_)
        if reversed_:
            append(PayoutsReversed(payouts=[request.id.hex for request in reversed_]), at=at)
    return len(reversed_)


PAYOUTS: Kind[PayoutRequest] = Kind(
    model=Payout,
    load=load_payouts,
    ask=lambda request: gateways.connect(request.gateway, Payouts).pay_out(request),
    find=lambda request: gateways.connect(request.gateway, Payouts).find_payout(request),
    record=record_payouts,
    reverse=reverse_payouts,
)
