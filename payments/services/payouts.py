"""Payouts: money to a merchant's bank account, written down with the settlement and sent by a timer."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from core.db import unit
from core.money import Money
from core.outbox import append
from ledger import postings
from payments import gateways
from payments.events import PayoutsSettled
from payments.gateways.base import PayoutRequest
from payments.models import Payout
from payments.services.recording import Answer, Kind, settle_open, write_answers


def open_payout(*, reference: str, owner: str, destination: str, amount: Money, at: datetime) -> Payout:
    """Write down a payout in the caller's transaction; `send_payouts` sends it after the commit.

    `reference` is what it pays (once), `owner` the merchant whom the ledger owes it. IntegrityError for a second one.
    """
    return Payout.objects.create(
        gateway=settings.GATEWAY,
        reference=reference,
        owner=owner,
        destination=destination,
        amount_minor=amount.minor,
        currency=amount.currency,
        created_at=at,
    )


def send_payouts(*, at: datetime) -> int:
    """Send payouts that are written down and settle those without an answer; a timer. Return how many were settled."""
    return settle_open(PAYOUTS, at=at)


def record_payouts(answers: Sequence[Answer[PayoutRequest]], at: datetime) -> int:
    """Record answers for payouts in one commit and post those that were paid; return how many were settled."""
    with unit():
        changed = write_answers(Payout, answers, at)
        requests = {request.id: request for request, _ in answers}
        if changed:
            append(PayoutsSettled(succeeded=[pk.hex for pk in changed.succeeded], failed=[pk.hex for pk in changed.failed]), at=at)
        postings.payouts(
            postings.PayoutPosting(r.key, r.owner, r.gateway, r.currency, r.amount_minor, at)
            for r in (requests[pk] for pk in changed.succeeded)
        )
    return len(changed)


def load_payouts(ids: Sequence[uuid.UUID]) -> list[PayoutRequest]:
    """Return the requests of payouts as they were first sent."""
    return [
        PayoutRequest(
            id=payout.id,
            gateway=payout.gateway,
            destination=payout.destination,
            reference=payout.reference,
            owner=payout.owner,
            amount_minor=payout.amount_minor,
            currency=payout.currency,
        )
        for payout in Payout.objects.filter(id__in=ids).order_by("id")
    ]


PAYOUTS: Kind[PayoutRequest] = Kind(
    model=Payout,
    load=load_payouts,
    ask=lambda request: gateways.get_gateway(request.gateway).pay_out(request),
    find=lambda request: gateways.get_gateway(request.gateway).find_payout(request),
    record=record_payouts,
)
