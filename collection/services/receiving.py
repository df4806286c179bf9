"""Money that a person sent to our bank account for a plan: proposed by one operator, approved by another."""

import uuid
from datetime import date, datetime

from controls import services as controls
from controls.kinds import Person
from controls.models import Proposal
from core.db import unit
from core.errors import Invalid
from core.sentences import Sentence
from plans.guards import RECEIPT, RECEIPT_UNDONE
from plans.models import Receipt
from plans.queries import lock_owed

AMOUNT, REFERENCE, RECEIVED_ON, WHICH = "amount_minor", "bank_reference", "received_on", "receipt"


def propose_receipt(
    *, plan_id: uuid.UUID, amount_minor: int, bank_reference: str, received_on: date, reason: str, user: Person, at: datetime
) -> Proposal:
    """Propose to record money on our bank account for a plan; nothing changes until another operator approves it.

    Invalid without a positive amount in minor units, the bank's reference, a day that is not to come, and a reason. Conflict if nothing
    is owed on the plan, or if that reference counts already.
    """
    named = tidy(bank_reference)
    after = {AMOUNT: amount_minor, REFERENCE: named, RECEIVED_ON: received_on.isoformat()}
    if received_on > at.date():
        raise Invalid("Enter the day on which it arrived.", fields={RECEIVED_ON: Sentence("this day is still to come")})
    with unit():
        lock_owed(plan_id, bank_reference=named)
        return controls.propose(kind=RECEIPT, subject=str(plan_id), after=after, reason=reason, starts_on=None, user=user, at=at)


def propose_undoing(*, receipt: Receipt, reason: str, user: Person, at: datetime) -> Proposal:
    """Propose to undo money that was recorded wrongly; nothing changes until another operator approves it."""
    after = {WHICH: str(receipt.id)}
    return controls.propose(kind=RECEIPT_UNDONE, subject=str(receipt.plan_id), after=after, reason=reason, starts_on=None, user=user, at=at)


def tidy(bank_reference: str) -> str:
    """Return a bank's reference in the one form in which it counts: capitals, and single spaces."""
    return " ".join(bank_reference.split()).upper()
