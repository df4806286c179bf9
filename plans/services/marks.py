"""Marks that timers set on installments: overdue after the due date, and reminded before it."""

import uuid
from datetime import date, datetime, timedelta

from core.db import rows, unit
from core.ids import public_id
from core.outbox import append_all
from core.states import words
from payments.queries import smallest_charge
from plans.events import InstallmentOverdue, LatePaymentLapsed, PaymentUpcoming
from plans.late import MOST_DAYS_BEFORE, days_before, find_lapsed
from plans.rules.small import Coming, takings_of
from plans.standstill import MOVES
from plans.states import INSTALLMENT, INSTALLMENT_IN_TIME, INSTALLMENT_OPEN, PlanStatus

# Code that changes a plan's installments holds the plan's lock; locked plans are left for the next run.
_BECOME_OVERDUE, _IN_TIME = INSTALLMENT.move("become_overdue", "i")
_LATE = f"""
    WITH late AS (
        SELECT i.id, i.number, p.id AS plan_id, p.reference FROM plans_installment i JOIN plans_plan p ON p.id = i.plan_id
        WHERE {_IN_TIME} AND i.charge_id IS NULL AND i.carried_at IS NULL
            AND p.status = '{PlanStatus.ACTIVE}' AND p.stopped_at IS NULL AND {MOVES}
            AND i.due_date < %(tomorrow)s AND i.due_date < (%(at)s AT TIME ZONE p.time_zone)::date
            AND (%(plan)s::uuid IS NULL OR p.id = %(plan)s::uuid)
        ORDER BY i.due_date, i.id LIMIT %(limit)s FOR NO KEY UPDATE OF i, p SKIP LOCKED)
    UPDATE plans_installment i SET {_BECOME_OVERDUE} FROM late WHERE i.id = late.id
    RETURNING late.plan_id, late.reference, late.number"""  # noqa: S608  (words of our own)
_SOON = f"""
    WITH soon AS (
        SELECT i.id, p.id AS plan_id, p.reference, p.currency, m.gateway
        FROM plans_installment i JOIN plans_plan p ON p.id = i.plan_id JOIN payments_paymentmethod m ON m.id = p.payment_method_id
            JOIN plans_product r ON r.id = p.product_id
        WHERE i.status IN ({words(INSTALLMENT_IN_TIME)}) AND i.charge_id IS NULL AND i.carried_at IS NULL AND i.reminded_at IS NULL
            AND p.status = '{PlanStatus.ACTIVE}' AND p.stopped_at IS NULL AND {MOVES}
            AND i.due_date BETWEEN %(earliest)s AND %(latest)s
            AND i.due_date > (%(at)s AT TIME ZONE p.time_zone)::date
            AND i.due_date <= (%(at)s AT TIME ZONE p.time_zone)::date + {days_before("%(days)s")}
        ORDER BY i.due_date, i.id LIMIT %(limit)s FOR NO KEY UPDATE OF i SKIP LOCKED)
    UPDATE plans_installment i SET reminded_at = %(at)s FROM soon WHERE i.id = soon.id
    RETURNING soon.plan_id, soon.reference, i.number, i.due_date, soon.currency, soon.gateway, (
        SELECT json_agg(json_build_array(c.number, c.due_date,
            c.principal_minor + c.interest_minor + c.fees_minor - c.paid_principal_minor - c.paid_interest_minor - c.paid_fees_minor,
            c.carried_at IS NOT NULL))
        FROM plans_installment c
        WHERE c.plan_id = soon.plan_id AND c.due_date <= i.due_date AND (c.id = i.id OR c.attempts = 0 OR c.carried_at IS NOT NULL)
            AND c.status IN ({words(INSTALLMENT_OPEN)}) AND c.charge_id IS NULL)"""  # noqa: S608


def mark_late(*, at: datetime, limit: int, plan_id: uuid.UUID | None = None) -> int:
    """Mark up to `limit` installments unpaid after their due date, in the consumer's zone, as overdue and publish it; return how many.

    `plan_id` limits it to one plan. Leaves out installments with a charge under way.
    """
    plan = str(plan_id) if plan_id else None
    with unit():
        late = rows(_LATE, {"at": at, "tomorrow": (at + timedelta(hours=14)).date(), "plan": plan, "limit": limit})
        append_all(
            (InstallmentOverdue(plan=public_id("pln", key), reference=reference, number=number) for key, reference, number in late), at=at
        )
    return len(late)


def mark_reminded(*, at: datetime, days: int, limit: int) -> int:
    """Mark up to `limit` installments that fall due within the days of their market as reminded, and publish each; return how many.

    `days` counts in markets without days of their own.

    Installments too small to be charged are marked without an event. The amount in the event includes small installments that are charged
    together with that payment.
    """
    params = {
        "at": at,
        "earliest": (at - timedelta(hours=12)).date(),
        "latest": (at + timedelta(days=MOST_DAYS_BEFORE, hours=14)).date(),
        "days": days,
        "limit": limit,
    }
    with unit():
        soon = rows(_SOON, params)
        append_all(
            (
                PaymentUpcoming(
                    plan=public_id("pln", plan),
                    reference=reference,
                    number=number,
                    due_date=due.isoformat(),
                    amount_minor=minor,
                    currency=currency,
                )
                for plan, reference, number, due, currency, gateway, coming in soon
                if (minor := _taken_with(number, coming, least=smallest_charge(gateway, currency)))
            ),
            at=at,
        )
    return len(soon)


def tell_lapsed(*, zone: str, day: date, at: datetime) -> int:
    """Publish for each late payer of a zone that a payment of a year ago no longer counts, at the close of a day; return how many."""
    with unit():
        found = find_lapsed(zone=zone, day=day)
        append_all((LatePaymentLapsed(plan=public_id("pln", key), reference=reference) for key, reference in found), at=at)
    return len(found)


def _taken_with(number: int, coming: list[tuple[int, str, int, bool]], *, least: int) -> int:
    """Return the amount charged on a payment's own day, in minor units; 0 if it waits for a later payment."""
    rows_ = [Coming(other, date.fromisoformat(due), minor, waits) for other, due, minor, waits in coming]
    return next((taking.amount_minor for taking in takings_of(rows_, least=least) if taking.numbers[-1] == number), 0)
