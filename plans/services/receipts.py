"""Money that a person sent to our bank account for a plan: recorded by two operators, or undone by two."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from controls.models import Proposal
from core.db import unit
from core.errors import NotFound
from core.ids import uuid7
from core.money import Money
from markets.queries import find_order
from payments import services as payments
from plans.models import FreePayment, Receipt
from plans.queries import lock_owed


@dataclass(frozen=True, slots=True)
class Arrived:
    """Money on our bank account: the amount in minor units, what the bank calls it, and the day of the bank's statement."""

    amount_minor: int
    bank_reference: str
    received_on: date


def record_receipt(*, plan_id: uuid.UUID, arrived: Arrived, proposal: Proposal, at: datetime) -> Receipt:
    """Record money for a plan, by an approved proposal: it pays like a free payment of the day on which it arrived.

    What is more than owed is owed to the person; the loss of a plan that was given up falls by it. Conflict if nothing is owed; a second
    call with the same bank reference records nothing.
    """
    with unit():
        plan = lock_owed(plan_id, bank_reference=arrived.bank_reference)
        charge_id, day = uuid7(), arrived.received_on
        order = find_order(plan.product.market_id, day)
        FreePayment.objects.create(together=uuid7(), plan=plan, charge_id=charge_id, order=order, value_on=day, at=at)
        charge = payments.take_outside(
            charge_id=charge_id,
            consumer=plan.consumer,
            reference=plan.public_id,
            amount=Money(arrived.amount_minor, plan.currency),
            bank_reference=arrived.bank_reference,
            actor=f"proposal:{proposal.public_id}",
            at=at,
        )
        return Receipt.objects.create(
            plan=plan,
            charge=charge,
            bank_reference=arrived.bank_reference,
            received_on=arrived.received_on,
            proposal=proposal,
            recorded_at=at,
        )


def undo_receipt(*, receipt_id: uuid.UUID, proposal: Proposal, at: datetime) -> Receipt:
    """Undo money that was recorded wrongly, by an approved proposal: what it paid is owed again, and its plan is given up as before.

    Conflict if it is undone already; NotFound.
    """
    with unit():
        receipt = Receipt.objects.filter(id=receipt_id).first()
        if receipt is None:
            raise NotFound("There is no such receipt.")
        payments.undo_outside(charge_id=receipt.charge_id, at=at)
        receipt.undone_by, receipt.undone_at = proposal, at
        receipt.save(update_fields=["undone_by", "undone_at"])
    return receipt
