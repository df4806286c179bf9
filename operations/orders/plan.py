"""Content of a plan's page: its schedule with payments and their methods, why something is late, and what changed it."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from checkout.models import Order
from collection.agencies import list_placements
from collection.arrears import list_arrears
from collection.errors import REFUSED_PROMISE
from collection.promises import list_promises, room_of
from controls.telling import tell_kept
from core import clock
from core.clock import local_date
from core.moments import amount_words, day_words
from core.sentences import translated
from operations.arrears.wording import bucket_words
from operations.orders.fees import fee_facts
from operations.orders.forms import PromiseForm
from operations.orders.rearranging import rearrange_facts
from operations.wording import change_name, names_of, status_of
from payments.models import Charge
from payments.queries import is_disputed, list_charges
from payments.texts import failure_text, method_name
from plans.models import Allocation, FeePayment, Installment, Plan, PlanChange
from plans.queries import by_date, find_deposit, installments_of, list_charge_offs
from plans.rules.endings import Ending, endings_of
from plans.states import PLAN_OWED, InstallmentStatus
from plans.texts import DEPOSITS, ending_text, late_words, product_name
from plans.versions import Dated, differences_of

MOST = 50


def facts_of(plan: Plan, user: str, form: PromiseForm | None) -> dict[str, Any]:
    """Return all parts of a plan's page for an operator, as plain values, in a constant number of queries.

    `form` is that of a promise to pay with what was wrong about it.
    """
    at = clock.now()
    rows, today = by_date(installments_of(plan)), local_date(at, plan.time_zone)
    charges = list_charges(plan.public_id)[:MOST]
    changes = list(PlanChange.objects.filter(plan=plan).order_by("-id")[:MOST])
    order = Order.objects.select_related("merchant").filter(plan=plan).first()
    names = names_of({change.actor for change in changes} | {charge.actor for charge in charges if charge.actor})
    return {
        "plan": plan,
        "product": product_name(plan.product),
        "version": plan.product.version,
        "status": status_of(plan.status),
        "order": order,
        "merchant": order.merchant if order else None,
        "consumer": plan.consumer,
        "person": plan.consumer.name or plan.consumer.public_id,
        "left_minor": sum(row.open_minor for row in rows if row.status in Installment.OPEN),
        "paid_minor": sum(row.paid_minor for row in rows),
        "interest_minor": sum(row.interest_minor for row in rows),
        "schedule": _schedule(plan, rows, charges, changes),
        "is_owed": plan.status in PLAN_OWED,
        **fee_facts(plan, rows, user),
        **rearrange_facts(plan, rows, user, at),
        **_promises(plan, rows, form, at),
        "changes": [_change(change, names, plan.currency) for change in changes],
        "charges": [_charge(charge) for charge in charges],
        "disputed": is_disputed(plan.public_id),
        "deposit": _deposit(plan),
        "given_up": list_charge_offs(plan.id),
        "placements": [(one, tell_kept(one.ruled) if one.ruled else None) for one in list_placements(plan.id)],
        "late": late_words(max((row.days_late(today) for row in rows), default=0)),
        "arrears": [(one.since, one.until, bucket_words(one.bucket), one.late_minor) for one in list_arrears(plan.id, limit=MOST)],
    }


def _promises(plan: Plan, rows: Sequence[Installment], form: PromiseForm | None, at: datetime) -> dict[str, Any]:
    """Return the promises to pay of a plan, and the form of a new one, or why there can be none."""
    room, made = room_of(plan, rows, at), list_promises(plan.pk, limit=MOST)
    names = names_of({one.made_by for one in made})
    return {
        "promises": [
            {
                "minor": one.amount_minor,
                "paid_minor": one.paid_minor if one.decided_at else None,
                "day": one.pay_on,
                "by": names[one.made_by],
                "at": one.made_at,
                "status": status_of(one.status),
            }
            for one in made
        ],
        "promise_form": None if room.refused else form or PromiseForm(room=room, currency=plan.currency),
        "no_promise": "" if room.refused in {"", "not_late"} else translated(REFUSED_PROMISE[room.refused]),
    }


def _deposit(plan: Plan) -> dict[str, Any] | None:
    """Return a plan's deposit: its state, what was paid of it, used and given back, and when workers charge it; two queries."""
    deposit = find_deposit(plan.pk) if plan.deposit_minor else None
    if deposit is None:
        return None
    payments = list(deposit.payments.order_by("id"))
    hold = deposit.authorization
    return {
        "row": deposit,
        "state": str(DEPOSITS[deposit.state]),
        "hold": hold.pk if hold else None,
        "card": method_name(hold.payment_method.kind, hold.payment_method.shown) if hold else "",
        "used_minor": sum(one.used_minor for one in payments),
        "back_minor": sum(one.returned_minor for one in payments),
        "why": failure_text(deposit.last_failure) if deposit.last_failure and deposit.open_minor else "",
    }


def _schedule(plan: Plan, rows: list[Installment], charges: list[Charge], changes: list[PlanChange]) -> list[dict[str, Any]]:
    known = {charge.id: charge for charge in charges}
    paid: dict[uuid.UUID, list[Allocation]] = defaultdict(list)
    for one in Allocation.objects.filter(installment__plan=plan).order_by("id"):
        paid[one.installment_id].append(one)
    fees: dict[tuple[uuid.UUID, uuid.UUID], list[FeePayment]] = defaultdict(list)
    for fee in FeePayment.objects.filter(fee__installment__plan=plan).select_related("fee").order_by("id"):
        fees[fee.fee.installment_id, fee.charge_id].append(fee)
    numbered = {row.number: row for row in rows}
    endings = endings_of(reversed(changes), {row.number: row.part for row in rows})
    return [
        {
            "place": place,
            "due": row.due_date,
            "minor": row.amount_minor,
            "interest_minor": row.interest_minor,
            "left_minor": row.open_minor if row.status in Installment.OPEN else 0,
            "status": status_of(row.status),
            "payments": [one for one in (_payment(one, known, fees) for one in paid[row.id]) if one["minor"]],
            "why": _why(plan, row, endings.get(row.number), numbered),
        }
        for place, row in enumerate(rows, 1)
    ]


def _payment(
    one: Allocation, charges: dict[uuid.UUID, Charge], fees: Mapping[tuple[uuid.UUID, uuid.UUID], list[FeePayment]]
) -> dict[str, Any]:
    charge = charges.get(one.charge_id)
    method = charge.payment_method if charge else None
    paid = fees.get((one.installment_id, one.charge_id), [])
    of_fees = sum(fee.amount_minor for fee in paid)
    return {
        "minor": one.principal_minor + one.interest_minor + of_fees,
        "fees_minor": of_fees,
        "undone_minor": one.undone_principal_minor + one.undone_interest_minor + sum(fee.undone_minor for fee in paid),
        "refunded_minor": one.refunded_minor,
        "at": one.at,
        "charge_id": one.charge_id,
        "method": method_name(method.kind, method.shown) if method else "",
    }


def _why(plan: Plan, row: Installment, ending: Ending | None, rows: dict[int, Installment]) -> list[str]:
    """Explain the state of a payment: on its way, late and why, next attempt, too small to be charged alone, or canceled."""
    told = []
    if row.charge_id is not None:
        told.append(_("A payment is on its way"))
    if row.status == InstallmentStatus.OVERDUE or row.last_failure:
        told += [failure_text(row.last_failure)] if row.last_failure else []
    if row.status in Installment.OPEN and plan.stopped_at is not None:
        told.append(_("Payments are stopped"))
    elif row.status in Installment.OPEN and row.attempts and row.next_attempt_at is not None:
        told.append(_("Tried again on %(day)s") % {"day": day_words(row.next_attempt_at.date())})
    if row.carried_at is not None and row.status in Installment.OPEN:
        told.append(_("Too small to be charged by itself. It is taken with the next payment."))
    if ending is not None or row.status == InstallmentStatus.CANCELED:
        into = rows.get(ending.into) if ending else None
        day = into.due_date if into else ending.at if ending else None
        amount = amount_words(ending.minor, plan.currency) if ending else ""
        told.append(capfirst(ending_text(ending, day=day_words(day) if day else "", amount=amount)))
    return told


def _change(change: PlanChange, names: dict[str, str], currency: str) -> dict[str, Any]:
    before, after = change.sums("amount_minor")
    told = {"what": change_name(change), "by": names[change.actor], "at": change.at, "reason": change.reason}
    return told | {"before_minor": before, "after_minor": after, "moved": _differences(change, currency)}


def _differences(change: PlanChange, currency: str) -> list[str]:
    """Return in words, payment by payment, what a version changed in dates and amounts."""
    return [f"{_told(was, currency)} → {_told(now, currency)}" for was, now in differences_of(change)]


def _told(one: Dated | None, currency: str) -> str:
    return f"{day_words(one[0])}: {amount_words(one[1], currency)}" if one else "–"


def _charge(charge: Charge) -> dict[str, Any]:
    return {
        "id": charge.pk,
        "minor": charge.amount_minor,
        "method": method_name(charge.payment_method.kind, charge.payment_method.shown),
        "at": charge.created_at,
        "status": status_of(charge.status),
        "why": failure_text(charge.failure, charge.payment_method.kind) if charge.failure else "",
    }
