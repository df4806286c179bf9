"""The common case of a charge, as sets: it took exactly what is open of the one installment that was claimed for it.

A due run is made of these. `settle_charges` does everything else, and does these too when it is alone: it is what this must agree with.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from core.db import rows
from core.ids import public_id
from core.outbox import Event, append_all
from credit import services as credit
from ledger import postings
from plans.events import InstallmentsPaid, PlanCompleted


@dataclass
class _Paid:
    """An installment that its charge paid in full."""

    charge_id: uuid.UUID
    gateway: str
    plan_id: uuid.UUID
    reference: str
    consumer_id: uuid.UUID
    currency: str
    number: int
    principal_minor: int
    interest_minor: int

    @cached_property
    def charge(self) -> str:
        """The charge's public id."""
        return public_id("chg", self.charge_id)

    @cached_property
    def plan(self) -> str:
        """The plan's public id."""
        return public_id("pln", self.plan_id)


# Plans are locked in the order of their keys, so that two lockers never wait in a circle.
_LOCK = """
    WITH locked AS (
        SELECT p.id FROM plans_plan p WHERE p.id IN (SELECT plan_id FROM plans_installment WHERE charge_id = ANY(%s::uuid[]))
        ORDER BY p.id FOR UPDATE)
    SELECT count(*) FROM locked"""
_PAY = """
    WITH claimed AS (
        SELECT i.id, i.charge_id, i.plan_id, i.number, i.due_date, count(*) OVER (PARTITION BY i.charge_id) AS shared,
            i.principal_minor - i.paid_principal_minor AS principal, i.interest_minor - i.paid_interest_minor AS interest
        FROM plans_installment i
        WHERE i.charge_id = ANY(%(charges)s::uuid[]) AND i.status IN ('scheduled', 'partially_paid', 'overdue')),
    exact AS (
        SELECT u.*, c.gateway, p.reference, p.consumer_id, p.currency
        FROM claimed u JOIN payments_charge c ON c.id = u.charge_id JOIN plans_plan p ON p.id = u.plan_id
        JOIN plans_product r ON r.id = p.product_id
        WHERE u.shared = 1 AND c.status = 'succeeded' AND c.amount_minor = u.principal + u.interest AND p.status = 'active'
            AND (r.rate_bps = 0 OR u.due_date <= (c.created_at AT TIME ZONE p.time_zone)::date)),
    paid AS (
        UPDATE plans_installment i SET status = 'paid', paid_at = %(at)s, charge_id = NULL, next_attempt_at = NULL, last_failure = '',
            paid_principal_minor = i.principal_minor, paid_interest_minor = i.interest_minor
        FROM exact WHERE i.id = exact.id),
    allocated AS (
        INSERT INTO plans_allocation (installment_id, charge_id, principal_minor, interest_minor, refunded_minor, at)
        SELECT id, charge_id, principal, interest, 0, %(at)s FROM exact)
    SELECT charge_id, gateway, plan_id, reference, consumer_id, currency, number, principal, interest FROM exact ORDER BY charge_id"""
_COMPLETE = """
    UPDATE plans_plan p SET status = 'completed'
    WHERE p.id = ANY(%s::uuid[]) AND p.status = 'active' AND NOT EXISTS (
        SELECT 1 FROM plans_installment i WHERE i.plan_id = p.id AND i.status IN ('scheduled', 'partially_paid', 'overdue'))
    RETURNING p.id, p.reference"""


def settle_exact(*, charge_ids: Collection[uuid.UUID], at: datetime) -> set[uuid.UUID]:
    """Settle those of the charges that took exactly what is open of their one installment, and return their keys.

    Runs in the transaction that records the charges. Those where paying before the due date saves interest are left out.
    """
    ids = [str(charge_id) for charge_id in charge_ids]
    rows(_LOCK, [ids])
    paid = [_Paid(*row) for row in rows(_PAY, {"charges": ids, "at": at})]
    if not paid:
        return set()
    completed = rows(_COMPLETE, [sorted({str(one.plan_id) for one in paid})])
    _free_limits(paid)
    events: list[Event] = [_event(one) for one in paid]
    events += [PlanCompleted(plan=public_id("pln", plan), reference=reference) for plan, reference in completed]
    append_all(events, at=at)
    postings.charges(_posting(one, at) for one in paid)
    return {one.charge_id for one in paid}


def _free_limits(paid: Collection[_Paid]) -> None:
    freed: dict[tuple[uuid.UUID, str], int] = {}
    for one in paid:
        key = (one.consumer_id, one.currency)
        freed[key] = freed.get(key, 0) + one.principal_minor
    credit.release_many(amounts=freed)


def _event(one: _Paid) -> InstallmentsPaid:
    return InstallmentsPaid(
        plan=one.plan,
        reference=one.reference,
        installments=[one.number],
        amount_minor=one.principal_minor + one.interest_minor,
        currency=one.currency,
        charge=one.charge,
    )


def _posting(one: _Paid, at: datetime) -> postings.ChargePosting:
    return postings.ChargePosting(
        charge=one.charge,
        plan=one.plan,
        gateway=one.gateway,
        currency=one.currency,
        paid_minor=one.principal_minor + one.interest_minor,
        interest_minor=one.interest_minor,
        excess_minor=0,
        at=at,
    )
