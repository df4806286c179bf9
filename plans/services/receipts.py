"""Money that a person sent to our bank account for a plan that was given up: recorded by two operators, or undone by two."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from controls.models import Proposal
from core.db import unit
from core.errors import NotFound
from core.money import Money
from payments import services as payments
from plans.models import Receipt
from plans.queries import lock_given_up


@dataclass(frozen=True, slots=True)
class Arrived:
    """Money on our bank account: the amount in minor units, what the bank calls it, and the day of the bank's statement."""

    amount_minor: int
    bank_reference: str
    received_on: date


def record_receipt(*, plan_id: uuid.UUID, arrived: Arrived, proposal: Proposal, at: datetime) -> Receipt:
    """Record money for a plan that was given up, by an approved proposal: the loss falls by it, and what is more is owed to the person.

    Conflict if the plan is not given up; a second call with the same bank reference records nothing.
    """
    with unit():
        plan = lock_given_up(plan_id, bank_reference=arrived.bank_reference)
        charge = payments.take_outside(
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
