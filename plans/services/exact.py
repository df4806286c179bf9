"""Settle common charges in bulk SQL: those whose amount is exactly what is open of their one installment, without fees.

Most charges of a due run are like this. `settle_one_by_one` settles all others, and is the reference: for these charges it must give the
same result. Paid rows never reach Python: the database returns columns as array literals, which are passed on unchanged.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from core.arrays import plain_array, text_array
from core.db import rows
from core.ids import public_id
from core.outbox import append_all, append_payloads
from credit import services as credit
from ledger import postings
from payments.states import MovementStatus
from plans.events import InstallmentsPaid, PlanCompleted
from plans.states import INSTALLMENT, PLAN, PlanStatus

# Plans are locked in the order of their keys to avoid deadlocks.
_LOCK = """
    WITH locked AS (
        SELECT p.id FROM plans_plan p WHERE p.id IN (SELECT plan_id FROM plans_installment WHERE charge_id = ANY(%s::uuid[]))
        ORDER BY p.id FOR UPDATE)
    SELECT count(*) FROM locked"""
_PAID, _OPEN = INSTALLMENT.move("settle", "i")
# A charge's reference is its plan's public id. The payload is that of `InstallmentsPaid`.
_PAY = f"""
    WITH claimed AS (
        SELECT i.id, i.charge_id, i.plan_id, i.number, i.due_date, count(*) OVER (PARTITION BY i.charge_id) AS shared,
            i.principal_minor - i.paid_principal_minor AS principal, i.interest_minor - i.paid_interest_minor AS interest,
            i.fees_minor - i.paid_fees_minor AS fees
        FROM plans_installment i
        WHERE i.charge_id = ANY(%(charges)s::uuid[]) AND {_OPEN}),
    exact AS MATERIALIZED (
        SELECT u.*, u.principal + u.interest AS amount, g.charge, c.gateway, c.reference AS plan, p.reference, p.consumer_id, p.currency
        FROM claimed u JOIN payments_charge c ON c.id = u.charge_id JOIN plans_plan p ON p.id = u.plan_id
        JOIN plans_product r ON r.id = p.product_id
        JOIN unnest(%(charges)s::uuid[], %(names)s::text[]) AS g (id, charge) ON g.id = u.charge_id
        WHERE u.shared = 1 AND u.fees = 0 AND c.status = '{MovementStatus.SUCCEEDED}' AND c.amount_minor = u.principal + u.interest
            AND p.status = '{PlanStatus.ACTIVE}'
            AND (r.rate_bps = 0 OR u.due_date <= (c.created_at AT TIME ZONE p.time_zone)::date)
        ORDER BY u.charge_id),
    paid AS (
        UPDATE plans_installment i SET {_PAID}, paid_at = %(at)s, charge_id = NULL, next_attempt_at = NULL, last_failure = '',
            paid_principal_minor = i.principal_minor, paid_interest_minor = i.interest_minor
        FROM exact WHERE i.id = exact.id),
    allocated AS (
        INSERT INTO plans_allocation (installment_id, charge_id, principal_minor, interest_minor, refunded_minor, at)
        SELECT id, charge_id, principal, interest, 0, %(at)s FROM exact)
    SELECT count(*), array_agg(charge_id)::text, array_agg(plan_id)::text, array_agg(consumer_id)::text, array_agg(charge)::text,
        array_agg(plan)::text, array_agg(gateway)::text, array_agg(currency)::text, array_agg(amount)::text, array_agg(principal)::text,
        array_agg(interest)::text, array_agg(jsonb_build_object('plan', plan, 'reference', reference, 'installments',
            jsonb_build_array(number), 'amount_minor', amount, 'currency', currency, 'charge', charge,
            'excess_minor', 0)::text)::text
    FROM exact"""  # noqa: S608
_COMPLETES, _ACTIVE = PLAN.move("complete", "p")
_COMPLETE = f"""
    UPDATE plans_plan p SET {_COMPLETES}
    WHERE p.id = ANY(%s::uuid[]) AND {_ACTIVE} AND NOT EXISTS (
        SELECT 1 FROM plans_installment i WHERE i.plan_id = p.id AND {_OPEN})
    RETURNING p.id, p.reference"""  # noqa: S608  (words of our own)


@dataclass(frozen=True, slots=True)
class _Paid:
    """Charges that paid their installments in full: their count, and each column as a PostgreSQL array literal."""

    count: int
    charge_ids: str
    plan_ids: str
    consumer_ids: str
    charges: str
    plans: str
    gateways: str
    currencies: str
    amounts: str
    principals: str
    interests: str
    payloads: str


def settle_exact(*, charge_ids: Collection[uuid.UUID], at: datetime) -> set[uuid.UUID]:
    """Settle the charges whose amount is exactly the open amount of their one installment, and return their ids.

    Runs in the transaction that records the charges. Leaves out early payments that save interest.
    """
    ids = plain_array(charge_ids)
    rows(_LOCK, [ids])
    names = text_array(public_id("chg", charge_id) for charge_id in charge_ids)
    paid = _Paid(*rows(_PAY, {"charges": ids, "names": names, "at": at})[0])
    if not paid.count:
        return set()
    completed = rows(_COMPLETE, [paid.plan_ids])
    credit.release_columns(consumers=paid.consumer_ids, currencies=paid.currencies, amounts=paid.principals)
    append_payloads(InstallmentsPaid, paid.payloads, at=at)
    append_all((PlanCompleted(plan=public_id("pln", plan), reference=reference) for plan, reference in completed), at=at)
    postings.charge_columns(_columns(paid, at))
    return set(charge_ids) if paid.count == len(charge_ids) else {key for (key,) in rows("SELECT unnest(%s::uuid[])", [paid.charge_ids])}


def _columns(paid: _Paid, at: datetime) -> postings.ChargeColumns:
    return postings.ChargeColumns(
        charges=paid.charges,
        plans=paid.plans,
        gateways=paid.gateways,
        currencies=paid.currencies,
        paid=paid.amounts,
        interest=paid.interests,
        at=at,
    )
