"""Turns: what happens to a movement after its first result. Rows never change; each is posted in the transaction that records the turn."""

from collections.abc import Callable, Sequence
from datetime import datetime

from core.db import unit
from core.outbox import append
from ledger import turns
from payments.events import ChargeReversed
from payments.gateways.base import ChargeRequest, Outcome
from payments.models import Charge, Dispute, MovementEvent, Turn
from payments.queries import lock_disputes, sum_fees, sum_withdrawn
from payments.services.breaks import open_breaks
from payments.services.recording import draft_of, reverse_movements

_POSTED: dict[str, Callable[[Sequence[turns.TurnPosting]], None]] = {
    Turn.REVERSED: turns.charges_reversed,
    Turn.REINSTATED: turns.charges_reinstated,
    Turn.FEE: turns.fees_taken,
    Turn.FEE_RETURNED: turns.fees_returned,
}
"""Turns that move money at a gateway, and the function that posts each in the ledger."""


def turn_of_charge(
    charge: Charge,
    kind: str,
    amount_minor: int,
    *,
    ref: str,
    at: datetime,
    currency: str = "",
    dispute: Dispute | None = None,
    number: int = 0,
) -> MovementEvent:
    """Return an unsaved turn of a charge; pass `currency` if it differs from the charge's, e.g. of a fee."""
    return MovementEvent(
        movement_kind="charge",
        movement_id=charge.id,
        kind=kind,
        reference=charge.reference,
        gateway=charge.gateway,
        amount_minor=amount_minor,
        currency=currency or charge.currency,
        gateway_ref=ref,
        dispute=dispute,
        number=number,
        at=at,
    )


def keep_turns(events: Sequence[MovementEvent]) -> None:
    """Save turns of movements and post those that moved money, in the caller's transaction; IntegrityError for one saved before."""
    with unit():
        MovementEvent.objects.bulk_create(events)
        for kind, keep in _POSTED.items():
            keep([_posting(event) for event in events if event.kind == kind])


def _posting(event: MovementEvent) -> turns.TurnPosting:
    return turns.TurnPosting(event.public_id, event.reference, event.gateway, event.currency, event.amount_minor, event.at)


def reverse_charges(*, requests: Sequence[ChargeRequest], outcome: Outcome, at: datetime) -> int:
    """Reverse charges in the ledger that had succeeded and that the payer's bank returned days later; return how many.

    The event tells its listeners that what the charges had paid is owed again; a break tells an operator. A second call does nothing.
    """
    failure = outcome.failure or "came_back"
    with unit():
        for charge_id in sorted(request.id for request in requests):
            lock_disputes(charge_id)
        came_back = set(reverse_movements(Charge, requests, failure, at))
        for request in requests:
            if request.id in came_back:
                _reverse(request, failure, outcome.fee_minor, at)
    return len(came_back)


def _reverse(request: ChargeRequest, failure: str, fee_minor: int, at: datetime) -> None:
    charge = Charge.objects.get(id=request.id)
    amount = charge.amount_minor - sum_withdrawn(charge.id)
    events = [turn_of_charge(charge, Turn.REVERSED, amount, ref=charge.gateway_ref, at=at)]
    if fee := fee_minor - sum_fees(charge.id):
        events.append(turn_of_charge(charge, Turn.FEE, fee, ref=charge.gateway_ref, at=at))
    keep_turns(events)
    open_breaks(drafts=[draft_of("charge_reversed", request, failure=failure)], at=at)
    append(tell_reversed(charge, amount, failure=failure, source=events[0].public_id), at=at)


def tell_reversed(charge: Charge, amount_minor: int, *, failure: str, source: str) -> ChargeReversed:
    """Return the event that an amount of a charge is taken back for good; `source` names the turn, so that each counts once."""
    return ChargeReversed(charge=charge.public_id, reference=charge.reference, amount_minor=amount_minor, failure=failure, source=source)
