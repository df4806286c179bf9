"""The JSON objects of the API's answers; amounts are in minor units, beside one `currency`."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from brands.queries import get_brand
from checkout.coarse import Declined, load_rejected
from checkout.models import Capture, Checkout, Order, Postponement, Refund
from checkout.queries import captures_by_order, live_by_reference, refunds_by_order
from checkout.quoting import amount_of, checkout_quotes
from checkout.services import RefundPreview
from checkout.states import CheckoutStatus
from checkout.subsidies.queries import postponements_by_order
from core.ids import public_id
from core.unreadable import listing, readable_or_none
from plans.models import Deposit, Installment, Plan
from plans.queries import Quote, find_deposits, list_installments
from plans.returns import as_shops_read
from plans.rules.fees import Caps
from plans.states import InstallmentStatus, PlanStatus

Live = Mapping[str, Sequence[str]]
"""The public ids of a shop's live orders and open checkouts, by merchant reference."""


def show_checkout(checkout: Checkout, order_id: uuid.UUID | None, live: Live, declined: Declined) -> dict[str, Any]:
    """Return a checkout, without the customer's data that the shop sent with it, and with no fact about the person."""
    own = {checkout.public_id, public_id("ord", order_id) if order_id else None}
    return {
        "id": checkout.public_id,
        "status": checkout.status,
        "declined": declined.get(checkout.pk),
        "url": f"{get_brand(checkout.merchant.brand_id).base_url}/checkout/{checkout.public_id}",
        "expires_at": checkout.expires_at,
        "order_id": public_id("ord", order_id) if order_id else None,
        "amount": checkout.amount_minor,
        "currency": checkout.currency,
        "merchant_reference": checkout.merchant_reference,
        "same_reference": [other for other in live.get(checkout.merchant_reference, ()) if other not in own],
        "items": readable_or_none(checkout.items),
        "urls": checkout.urls,
        "capture": checkout.capture,
        "metadata": readable_or_none(checkout.metadata),
        "created_at": checkout.created_at,
        "plans": None,
    }


def show_offer(checkout: Checkout, at: datetime) -> list[dict[str, Any]] | None:
    """Return the plans that a checkout's person may choose, without why; None unless an open checkout was approved.

    `charged_first` is what is charged with the capture: a deposit, or a product's first payment.
    """
    decision = checkout.decision
    if checkout.status != CheckoutStatus.OPEN or decision is None or not decision.goes_on:
        return None
    quotes = checkout_quotes(checkout, at)
    return [
        {"product": quote.product.code, "charged_first": quote.installments[0].amount_minor if quote.first_now else 0} for quote in quotes
    ]


def show_known_checkout(checkout: Checkout, live: Live, declined: Declined) -> dict[str, Any]:
    """Return a checkout whose order was read with it."""
    return show_checkout(checkout, checkout.order.id if hasattr(checkout, "order") else None, live, declined)


def load_live(sales: Sequence[Checkout | Order]) -> Live:
    """Return the live orders and open checkouts that have the same references as these sales of one shop; one query."""
    return live_by_reference(sales[0].merchant_id, (sale.merchant_reference for sale in sales)) if sales else {}


def warnings_of(shown: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer's `warnings`, if other live sales have the same merchant reference; else an empty object."""
    others = shown["same_reference"]
    if not others:
        return {}
    detail = f"Also live under {shown['merchant_reference']!r}: {', '.join(others)}. One of them may be a repetition; void what is."
    return {"warnings": [{"code": "reference.in_use", "detail": detail}]}


def show_quote(quote: Quote, caps: Caps) -> dict[str, Any]:
    """Return a plan on offer: every date, every amount, the total, the APR, and the fees of who pays late within `caps`."""
    return {
        "product": quote.product.code,
        "name": quote.product.name,
        "first_payment": "now" if quote.first_now else "later",
        "apr": percent(quote.apr_bps),
        "interest": quote.interest_minor,
        "total": quote.total_minor,
        "installments": [
            {
                "number": row.number,
                "due_date": row.due_date,
                "amount": row.amount_minor,
                "interest": row.interest_minor,
            }
            for row in quote.installments
        ],
        "fees": _show_fees(quote, caps),
    }


def _show_fees(quote: Quote, caps: Caps) -> dict[str, Any]:
    """Return what is charged of who pays late: fees by days late, reminders, and the most of all fees."""
    reminder = quote.fees.reminder
    return {
        "on_time": quote.service_minor,
        "late": [{"days_late": one.grace_days, "amount": one.fixed_minor, "percent": percent(one.bps)} for one in quote.fees.late],
        "reminder": {
            "days_late": reminder.grace_days,
            "amount": reminder.fixed_minor,
            "days_apart": reminder.days_apart,
            "count": reminder.most,
        }
        if reminder
        else None,
        "returned_debit": quote.fees.returned_minor,
        "reschedule": quote.fees.reschedule_minor,
        "at_most": quote.most_fees(caps) if quote.fees.any else 0,
    }


def percent(bps: int) -> float:
    """Convert basis points to percent: 1490 is 14.9."""
    return bps / 100


@dataclass(frozen=True, slots=True)
class Details:
    """The installments, captures and refunds of some orders; one query for each kind, however many orders there are."""

    live: Live
    installments: Mapping[uuid.UUID, Sequence[Installment]]
    captures: Mapping[uuid.UUID, Sequence[Capture]]
    refunds: Mapping[uuid.UUID, Sequence[Refund]]
    declined: Declined
    deposits: Mapping[uuid.UUID, Deposit]
    postponed: Mapping[uuid.UUID, Sequence[Postponement]]


def load_details(orders: Iterable[Order]) -> Details:
    """Return the installments, captures and refunds of one shop's orders, and other live sales with the same references; five queries.

    One more if people rejected an order, and one if an order has a deposit.
    """
    found = list(orders)
    ids = [order.id for order in found]
    with listing():
        refunds = refunds_by_order(ids)
    rows = list_installments(order.plan_id for order in found)
    deposits = find_deposits([order.plan_id for order in found if order.plan.deposit_minor])
    return Details(load_live(found), rows, captures_by_order(ids), refunds, load_rejected(found), deposits, postponements_by_order(ids))


def show_order(order: Order, details: Details) -> dict[str, Any]:
    """Return an order with its plan, captures and refunds."""
    return {
        "id": order.public_id,
        "status": order.status,
        "declined": details.declined.get(order.pk),
        "merchant_reference": order.merchant_reference,
        "same_reference": [other for other in details.live.get(order.merchant_reference, ()) if other != order.public_id],
        "checkout_id": public_id("chk", order.checkout_id),
        "currency": order.currency,
        "amount": order.amount_minor,
        "captured": order.captured_minor,
        "refunded": order.refunded_minor,
        "released": order.released_minor,
        "remaining_authorized": order.remaining_authorized_minor,
        "refundable": order.refundable_minor,
        "expires_at": order.expires_at,
        "ship_safe_until": order.ship_safe_until,
        "created_at": order.created_at,
        "plan": show_plan(order.plan, details.installments[order.plan_id], details.deposits.get(order.plan_id)),
        "captures": [show_capture(capture, order) for capture in details.captures.get(order.id, ())],
        "refunds": [show_refund(refund, order) for refund in details.refunds.get(order.id, ())],
        "postponements": [show_postponement(one, order) for one in details.postponed[order.id]],
        "goods_return": as_shops_read(order.plan.goods_return) if hasattr(order.plan, "goods_return") else None,
    }


def show_plan(plan: Plan, installments: Sequence[Installment], deposit: Deposit | None) -> dict[str, Any]:
    """Return a plan with its deposit and its installments: before the first capture, those that the consumer agreed to."""
    return {
        "id": plan.public_id,
        "status": plan.status,
        "product": plan.product.code,
        "deposit": plan.deposit_minor,
        "deposit_status": deposit.state if deposit else None,
        "apr": percent(plan.apr_bps),
        "installments": [_show_installment(row) for row in installments] or _show_agreed(plan),
    }


def _show_installment(row: Installment) -> dict[str, Any]:
    return {
        "number": row.number,
        "due_date": row.due_date,
        "amount": row.amount_minor,
        "interest": row.interest_minor,
        "paid": row.paid_minor,
        "status": row.status,
    }


def _show_agreed(plan: Plan) -> list[dict[str, Any]]:
    status = InstallmentStatus.CANCELED if plan.status == PlanStatus.CANCELED else InstallmentStatus.SCHEDULED
    return [
        {
            "number": row["number"],
            "due_date": row["due_date"],
            "amount": amount_of(row),
            "interest": row["interest_minor"],
            "paid": 0,
            "status": status,
        }
        for row in plan.agreed["installments"]
    ]


def show_capture(capture: Capture, order: Order) -> dict[str, Any]:
    """Return a capture."""
    return {
        "id": capture.public_id,
        "order_id": order.public_id,
        "amount": capture.amount_minor,
        "currency": order.currency,
        "refunded": capture.refunded_minor,
        "fee": capture.fee_minor,
        "shop_interest": capture.shop_interest_minor,
        "created_at": capture.at,
    }


def show_postponement(one: Postponement, order: Order) -> dict[str, Any]:
    """Return one time that the shop paid for later payments, with what it cost."""
    return {"id": one.public_id, "order_id": order.public_id, "fee": one.fee_minor, "currency": order.currency, "created_at": one.at}


def show_refund(refund: Refund, order: Order) -> dict[str, Any]:
    """Return a refund: how much of it lowered the plan, went back to cards, or had been waived earlier."""
    return {
        "id": refund.public_id,
        "order_id": order.public_id,
        "capture_id": public_id("cap", refund.capture_id) if refund.capture_id else None,
        "amount": refund.amount_minor,
        "currency": order.currency,
        "reason": readable_or_none(refund.reason),
        "canceled": refund.outcome["canceled_minor"],
        "waived": refund.outcome.get("waived_minor", 0),
        "returned": sum(item["amount_minor"] for item in refund.outcome["back"]),
        "fee_refunded": refund.fee_minor,
        "shop_interest_refunded": refund.shop_interest_minor,
        "created_at": refund.at,
    }


def show_refund_preview(preview: RefundPreview, order: Order, *, dry_run: bool) -> dict[str, Any]:
    """Return a refund (not booked if `dry_run`) with the schedule before and after it, and the amount that is still refundable."""
    shown = show_refund(preview.refund, order) | {"dry_run": dry_run, "refundable": preview.refundable_minor}
    if dry_run:
        shown["id"] = None
    schedules = {"before": preview.before, "after": preview.after}
    return shown | {"schedule": {name: [_show_snapshot(row) for row in rows] for name, rows in schedules.items()}}


def _show_snapshot(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an installment of a stored version of the schedule."""
    return {
        "number": row["number"],
        "due_date": row["due_date"],
        "amount": row["amount_minor"],
        "interest": row["interest_minor"],
        "paid": row["paid_minor"],
        "status": row["status"],
    }
