"""Money that a person sent to our bank account: recorded as a charge that succeeded, or taken back where that was wrong."""

import uuid
from datetime import datetime

from accounts.models import Consumer
from core.db import unit
from core.errors import Conflict
from core.money import Money
from core.outbox import append
from payments.gateways.base import ChargeRequest, done
from payments.models import Charge, MethodKind, PaymentMethod, Turn
from payments.outside import ENTERED_WRONGLY, OUTSIDE
from payments.queries import load_charges, lock_disputes
from payments.services.charges import open_charges, record_charges
from payments.services.recording import reverse_movements
from payments.services.turns import keep_turns, tell_reversed, turn_of_charge


def take_outside(
    *, charge_id: uuid.UUID, consumer: Consumer, reference: str, amount: Money, bank_reference: str, actor: str, at: datetime
) -> Charge:
    """Record money that a person sent to our bank account for a `reference`, in the caller's transaction; return the charge that books it.

    It is booked like any other charge: what it is for is paid by it, and what is more goes back by a transfer by hand.
    """
    with unit():
        method = _method_of(consumer, at)
        request = ChargeRequest(
            id=charge_id,
            gateway=OUTSIDE,
            token=method.token,
            payment_method_id=method.id,
            reference=reference,
            amount_minor=amount.minor,
            currency=amount.currency,
            actor=actor,
            kind=method.kind,
        )
        open_charges(requests=[request], at=at)
        record_charges([(request, done(request, bank_reference))], at)
    return Charge.objects.get(id=request.id)


def _method_of(consumer: Consumer, at: datetime) -> PaymentMethod:
    """Return the payment method that stands for a person's own transfers; it counts as removed, so that it can never be charged."""
    told = {"consumer": consumer, "kind": MethodKind.TRANSFER, "removed_at": at, "created_at": at}
    return PaymentMethod.objects.get_or_create(gateway=OUTSIDE, token=consumer.public_id, defaults=told)[0]


def undo_outside(*, charge_id: uuid.UUID, at: datetime, failure: str = ENTERED_WRONGLY) -> None:
    """Take back a charge that was recorded wrongly, or for another reason (`failure`); its listeners make what it paid owed again.

    Conflict if that was done before.
    """
    with unit():
        lock_disputes(charge_id)
        (request,) = load_charges([charge_id])
        if request.gateway != OUTSIDE or not reverse_movements(Charge, [request], failure, at):
            raise Conflict("This was taken back already.", code="payments.taken_back")
        charge = Charge.objects.get(id=charge_id)
        turn = turn_of_charge(charge, Turn.REVERSED, charge.amount_minor, ref=charge.gateway_ref, at=at)
        keep_turns([turn])
        append(tell_reversed(charge, charge.amount_minor, failure=failure, source=turn.public_id), at=at)
