"""Money that a person paid to an agency: it pays their plan like money from the bank, and the agency owes it to us."""

from dataclasses import dataclass
from datetime import date, datetime

from core.db import unit
from core.ids import uuid7
from core.money import Money
from ledger import agencies as books
from markets.queries import find_order
from payments import services as payments
from payments.outside import AGENCY_GAVE_BACK
from payments.queries import lock_disputes
from plans.models import AgencyPayment, FreePayment, Plan


@dataclass(frozen=True, slots=True)
class Collected:
    """A payment at an agency (its contract's public id): what the agency calls it, the amount in minor units, and the day it was made."""

    agency: str
    reference: str
    amount_minor: int
    paid_on: date
    reported_by: str


def record_agency_payment(*, plan: Plan, collected: Collected, at: datetime) -> AgencyPayment:
    """Record money that an agency collected for a locked plan on which something is owed: it pays as of the day on which it was paid.

    It is booked like any payment, and at once becomes a claim on the agency. What is more than owed is owed to the person. IntegrityError
    (from the database) if the agency's reference counts already.
    """
    with unit():
        charge_id, day = uuid7(), collected.paid_on
        order = find_order(plan.product.market_id, day)
        FreePayment.objects.create(together=uuid7(), plan=plan, charge_id=charge_id, order=order, value_on=day, at=at)
        charge = payments.take_outside(
            charge_id=charge_id,
            consumer=plan.consumer,
            reference=plan.public_id,
            amount=Money(collected.amount_minor, plan.currency),
            bank_reference=collected.reference,
            actor=collected.reported_by,
            at=at,
        )
        made = AgencyPayment.objects.create(
            plan=plan,
            charge=charge,
            agency=collected.agency,
            reference=collected.reference,
            paid_on=day,
            reported_by=collected.reported_by,
            recorded_at=at,
        )
        books.collected([_posting(made, plan, made.public_id, at)])
    return made


def undo_agency_payment(*, payment: AgencyPayment, at: datetime) -> bool:
    """Take back a payment that the agency gave back to the person: it is owed again, and its plan is given up as before.

    Return False if that was done already. Locks the charge before its plan.
    """
    with unit():
        lock_disputes(payment.charge_id)
        row = AgencyPayment.objects.select_related("plan", "charge").get(id=payment.id)
        if row.undone_at is not None:
            return False
        row.undone_at = at
        row.save(update_fields=["undone_at"])
        books.given_back([_posting(row, row.plan, f"{row.public_id}:back", at)])
        payments.undo_outside(charge_id=row.charge_id, failure=AGENCY_GAVE_BACK, at=at)
    return True


def _posting(row: AgencyPayment, plan: Plan, source: str, at: datetime) -> books.AgencyPosting:
    return books.AgencyPosting(source, row.agency, plan.currency, row.charge.amount_minor, at, row.charge.gateway)
