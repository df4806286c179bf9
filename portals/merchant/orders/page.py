"""One order: its money as one bar, the actions possible, its history, the plan, the customer and the goods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from checkout.models import Capture, Checkout, Order, OrderChange, OrderReview, Postponement, Refund
from checkout.queries import access_order, captures_of, changes_of, refunds_of, same_reference
from checkout.quoting import ScheduledPayment, agreed_payments, agreed_total
from checkout.services import may_postpone
from checkout.states import ORDER_CAPTURABLE, ORDER_UNCAPTURED, REVIEW_OPEN, OrderStatus
from checkout.subsidies.queries import postponements_of, shop_interest_of_order
from core.clock import local_date
from core.formats import day_text, money_text
from core.ids import parse_id, public_id
from core.unreadable import listing
from payments.queries import smallest_charge
from plans.models import Deposit, Installment
from plans.queries import by_date, find_deposit, installments_of, list_endings, list_takings
from plans.returns import find_return, shown_return
from plans.rules.endings import Ending
from plans.states import InstallmentStatus, PlanStatus
from plans.texts import ending_text, product_name
from portals.again import find_kept
from portals.contacts import mask
from portals.merchant.actors import actors_by_id
from portals.merchant.frame import Desk
from portals.merchant.orders.queries import find_review
from portals.merchant.orders.wording import INSTALLMENT, ORDER_REVIEW, order_pill
from portals.merchant.wording import initials_of, order_number, short_name

ACTORS = {
    "automatic": _("at once, as your shop asked"),
    "simulation": _("in the sandbox"),
    "demo": _("in the sandbox"),
    "review": _("by us"),
}
_CHANGES = {
    "approved": (_("Approved"), "good"),
    "rejected": (_("Not approved"), "bad"),
    "voided": (_("Voided"), "off"),
    "released": (_("Rest released"), "off"),
    "expired": (_("Expired"), "off"),
    "extended": (_("Extended"), "good"),
}


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to an order, as the timeline shows it."""

    at: datetime
    title: str
    tone: str = "good"
    note: str = ""
    actor: str = ""
    minor: int | str = ""
    fee_minor: int = 0
    fee_back_minor: int = 0
    interest_minor: int = 0
    interest_back_minor: int = 0
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A banner at the top of an order that must not be shipped."""

    title: str
    text: str
    tone: str = "info"


@dataclass(frozen=True, slots=True)
class ShownOrder:
    """An order as its shop sees it. Amounts are in minor units of `currency`; `left_minor` can still be captured."""

    public_id: str
    reference: str
    currency: str
    amount_minor: int
    captured_minor: int
    refunded_minor: int
    released_minor: int
    left_minor: int
    apr_bps: int
    created_at: datetime
    expires_at: datetime | None


def get_order(desk: Desk, order_id: str) -> Order:
    """Return the shop's own order; NotFound. Pages show at most the customer's name, or a placeholder if it is unreadable."""
    with listing():
        return access_order(parse_id(Order.PREFIX, order_id), desk.merchant)


def order_path(order: Order) -> str:
    """Return the address of an order's page."""
    return reverse("merchant_order", args=[order.public_id])


def lead_to_order(request: HttpRequest, order: Order) -> HttpResponse:
    """Redirect to an order whose action is no longer possible, with the errors of the form."""
    kept = find_kept(request)
    for text in kept.texts if kept else ():
        messages.error(request, text)
    return redirect(order_path(order))


def order_page(desk: Desk, found: Order) -> dict[str, object]:
    """Return an order as its page shows it."""
    checkout = Checkout.objects.only("items", "items_before", "metadata", "metadata_before").get(id=found.checkout_id)
    rows, review = installments_of(found.plan), find_review(found)
    deposit = find_deposit(found.plan_id) if found.plan.deposit_minor else None
    pill = order_pill(found, desk.locale)
    interest = shop_interest_of_order(found)
    postponed = postponements_of(found)
    later = sum(one.fee_minor for one in postponed)
    return {
        "order": _shown(found),
        "number": order_number(found.merchant_reference, found.public_id),
        "pill": pill,
        "others": _others(found),
        "safe_until": found.ship_safe_until,
        "is_sale": found.status in {OrderStatus.AUTHORIZED, OrderStatus.PARTIALLY_CAPTURED, OrderStatus.CAPTURED},
        "actions": actions_of(found, desk) | {"postpone": desk.may("orders.refund") and may_postpone(order=found, rows=rows, at=desk.at)},
        "customer": {"name": short_name(found.consumer), "initials": initials_of(found.consumer), "contact": _contact(found)},
        "items": checkout.items,
        "checkout_id": public_id(Checkout.PREFIX, found.checkout_id),
        "dates": _dates(found, rows, desk.locale) or [_agreed(one, found) for one in agreed_payments(found)],
        "started": bool(rows),
        "plan_total": sum(row.amount_minor for row in rows if row.status != InstallmentStatus.CANCELED) if rows else agreed_total(found),
        "notice": _notice(found, review) or _notice_of_deposit(found, deposit),
        "deposit": _deposit(found, deposit),
        "going_back": shown_return(find_return(found.plan_id)),
        "no_capture": _why_no_capture(found, deposit),
        "product": product_name(found.plan.product),
        "owes_nothing": found.plan.status == PlanStatus.CANCELED,
        "timeline": _timeline(found, review, postponed),
        "fee": found.fee_minor - found.fee_refunded_minor,
        "shop_interest": interest,
        "postponed": later,
        "net": found.captured_minor - found.refunded_minor - found.fee_minor + found.fee_refunded_minor - interest - later,
    }


def _shown(order: Order) -> ShownOrder:
    return ShownOrder(
        public_id=order.public_id,
        reference=order.merchant_reference,
        currency=order.currency,
        amount_minor=order.amount_minor,
        captured_minor=order.captured_minor,
        refunded_minor=order.refunded_minor,
        released_minor=order.released_minor,
        left_minor=order.remaining_authorized_minor,
        apr_bps=order.plan.apr_bps,
        created_at=order.created_at,
        expires_at=order.expires_at,
    )


def _notice(order: Order, review: OrderReview | None) -> Notice | None:
    """Return the notice that nothing may be shipped, for an order in review or one that was not approved."""
    if order.status == OrderStatus.PENDING_REVIEW:
        stands = ORDER_REVIEW.get(review.status, "") if review else ""
        told = gettext("You hear the outcome here and by webhook.")
        text = f"{stands} {told}".strip()
        return Notice(gettext("This order is in review. Do not ship anything yet."), text, "warn")
    if order.status == OrderStatus.REJECTED:
        return Notice(gettext("This order was not approved."), gettext("Do not ship anything. Your customer was told and owes nothing."))
    return None


def _notice_of_deposit(order: Order, deposit: Deposit | None) -> Notice | None:
    """Return the notice that nothing may be shipped before the customer has paid the deposit."""
    if deposit is None or deposit.state != "declined" or order.status not in ORDER_CAPTURABLE:
        return None
    text = gettext("The card was declined. Your customer was told, and can pay it until the order expires. Until then you cannot capture.")
    return Notice(gettext("The deposit of this order is not paid. Do not ship anything yet."), text, "warn")


def _why_no_capture(order: Order, deposit: Deposit | None) -> str:
    """Say why an order with something left cannot be captured now, because of its deposit; empty if it can."""
    if deposit is None or order.status not in ORDER_CAPTURABLE:
        return ""
    if deposit.state == "under_way":
        return gettext("You can capture as soon as the bank has answered for the deposit.")
    if deposit.state == "declined":
        return gettext("You can capture once your customer has paid the deposit.")
    return gettext("You can capture once the bank has decided about the deposit.") if order.plan.stopped_at else ""


def _deposit(order: Order, deposit: Deposit | None) -> dict[str, Any] | None:
    """Return the amount of an order's deposit in minor units, and when it is paid."""
    if deposit is None:
        return None
    said = {
        "held": gettext("Held on your customer's card. It is charged with your first capture, or before the hold lapses."),
        "under_way": gettext("It is being charged; the bank has not answered yet."),
        "paid": gettext("Paid. You can capture."),
        "declined": gettext("Not paid yet."),
        "ended": gettext("The order has ended. What was paid for goods that you did not ship goes back to your customer."),
    }
    paid = deposit.state == "paid" and not order.remaining_authorized_minor
    return {"minor": deposit.amount_minor, "text": gettext("Paid.") if paid else said[deposit.state]}


def _others(order: Order) -> list[tuple[str, str]]:
    """Return other live orders and checkouts with the same merchant reference, as (id, address); an open checkout has no page here."""
    found = same_reference(order.merchant_id, order.merchant_reference, order.public_id)
    return [(one, reverse("merchant_order", args=[one]) if one.startswith(f"{Order.PREFIX}_") else "") for one in found]


def actions_of(order: Order, desk: Desk) -> dict[str, bool]:
    """Return which actions this person may take on an order: `capture`, `refund`, `void`, `release`, `extend`."""
    running = order.status in ORDER_CAPTURABLE
    return {
        "capture": running and bool(order.remaining_authorized_minor) and desk.may("orders.capture"),
        "refund": bool(order.refundable_minor) and desk.may("orders.refund"),
        "void": order.status in ORDER_UNCAPTURED and desk.may("orders.void"),
        "release": order.status == OrderStatus.PARTIALLY_CAPTURED and desk.may("orders.void"),
        "extend": running and desk.may("orders.capture"),
    }


def _contact(order: Order) -> str:
    return mask(order.consumer.email) or mask(order.consumer.phone)


def _dates(order: Order, rows: Sequence[Installment], locale: str) -> list[dict[str, Any]]:
    """Return an order's payments by date; one too small to be charged alone has the date on which it is charged."""
    least = smallest_charge(order.plan.payment_method.gateway, order.currency)
    takings = list_takings(order.plan, rows, least=least)
    days = {number: taking.day for taking in takings for number in taking.numbers}
    endings, numbered = list_endings(order.plan_id, rows), {row.number: row for row in rows}
    return [
        {
            "label": "",
            "due": days.get(row.number, row.due_date),
            "minor": row.amount_minor,
            "state": INSTALLMENT[row.status],
            "note": _ending(row, endings.get(row.number), numbered, order, locale),
        }
        for row in by_date(rows)
    ]


def _ending(row: Installment, ending: Ending | None, numbered: Mapping[int, Installment], order: Order, locale: str) -> str:
    """Explain what happened to the amount of a payment that is no longer due, or by which it was reduced."""
    if ending is None:
        return ending_text(None) if row.status == InstallmentStatus.CANCELED else ""
    into = numbered.get(ending.into)
    day = into.due_date if into else local_date(ending.at, order.plan.time_zone) if ending.at else None
    return ending_text(ending, day=day_text(day, locale) if day else "", amount=money_text(ending.minor, order.currency, locale))


def _agreed(payment: ScheduledPayment, order: Order) -> dict[str, Any]:
    """Return a payment as it was agreed; a payment without a date waits for the capture."""
    return {
        "label": {"day": "", "waived": _("Not charged")}.get(payment.when, _("Deposit") if payment.is_deposit else _("When you capture")),
        "due": payment.due_date,
        "minor": payment.amount_minor,
        "state": "off" if order.plan.status == PlanStatus.CANCELED else "later",
    }


def _timeline(order: Order, review: OrderReview | None, postponed: Sequence[Postponement]) -> list[Happening]:
    """Return an order's history, newest first."""
    captures, refunds, changes = captures_of(order), refunds_of(order), changes_of(order)
    names = actors_by_id([*(row.actor for row in captures), *(row.actor for row in refunds), *(row.actor for row in changes)])
    found = [_began(order, review)]
    found += [
        Happening(row.at, gettext("Captured"), **_done(row, names), fee_minor=row.fee_minor, interest_minor=row.shop_interest_minor)
        for row in captures
    ]
    found += [
        Happening(
            row.at,
            gettext("Refunded"),
            note=row.reason,
            **_done(row, names),
            fee_back_minor=row.fee_minor,
            interest_back_minor=row.shop_interest_minor,
        )
        for row in refunds
    ]
    found += [_changed(change, order, names) for change in changes]
    for row in postponed:
        found.append(
            Happening(row.at, gettext("Payments come later"), actor=_actor(row.actor, names), minor=row.fee_minor, anchor=row.public_id)
        )
    # Events with the same time keep the order of the list above: an order, then its captures, then its refunds.
    return [one for _, one in sorted(enumerate(found), key=lambda pair: (pair[1].at, pair[0]), reverse=True)]


def _began(order: Order, review: OrderReview | None) -> Happening:
    if review is None:
        return Happening(order.created_at, gettext("Authorized"), minor=order.amount_minor)
    tone = "now" if review.status in REVIEW_OPEN else "off"
    return Happening(order.created_at, gettext("Held for review"), tone, minor=order.amount_minor)


def _changed(change: OrderChange, order: Order, names: Mapping[str, str]) -> Happening:
    """Return an event other than captures and refunds; for a partly captured order, only the rest is released or expires."""
    title, tone = _CHANGES[change.kind]
    is_rest = bool(change.amount_minor and order.captured_minor)
    if is_rest and change.kind == "expired":
        title = _("Rest expired")
    return Happening(change.at, str(title), tone, actor=_actor(change.actor, names), minor=change.amount_minor if is_rest else "")


def _done(row: Capture | Refund, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the part of the timeline's entry that captures and refunds share."""
    return {"actor": _actor(row.actor, names), "minor": row.amount_minor, "anchor": row.public_id}


def _actor(actor: str, names: Mapping[str, str]) -> str:
    """Name an actor: a person by name, a server by its key."""
    head, _, rest = actor.partition(":")
    if head == "key":
        return gettext("by API key %(key)s") % {"key": rest}
    if head == "user":
        return gettext("by %(name)s") % {"name": names[actor]} if actor in names else ""
    return str(ACTORS.get(actor, ""))
