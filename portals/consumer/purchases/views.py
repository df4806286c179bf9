"""Purchases: the list, and a page for each with its payments, their cards, and every change with its reason."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.queries import list_requests
from checkout.models import Order
from checkout.queries import access_purchase, find_bought, is_delayed, refunds_of
from checkout.states import OrderStatus
from collection.agencies import find_placement
from collection.joint import live_of
from collection.promises import find_waiting as find_waiting_promise
from collection.queries import card_of_plan
from collection.settling import find_live, find_settled
from collection.states import SettlementStatus
from core.clock import local_date
from core.errors import DomainError, Invalid, NotFound
from core.ids import parse_id
from core.unreadable import listing
from payments import queries as methods
from payments.models import PaymentMethod
from plans import services as plans
from plans.areas import list_pauses, shown_areas
from plans.documents.texts import NAMES
from plans.documents.today import KIND as TODAY
from plans.hardship import find_offer as find_relief
from plans.hardship import papers_of_plan
from plans.models import Plan, PlanChange
from plans.restructuring import offer_in
from plans.returns import find_return, shown_return, why_no_return
from plans.rules.rearranging import RESTRUCTURED
from plans.sales import find_sold, open_parts_of
from plans.standstill import find_respite_of
from plans.states import PLAN_OPEN, PlanStatus
from plans.texts import product_name
from portals.again import ask_again, find_kept
from portals.cards import card_choices, card_title, first_usable, title_or_none
from portals.checkout.plan.page import agreed_dates
from portals.consumer.frame import Visitor, consumer_page, find_waiting, serves_accounts, show
from portals.consumer.paging import PAGE
from portals.consumer.purchases.debts import debt_steps
from portals.consumer.purchases.deposits import shown_deposit
from portals.consumer.purchases.fees import fee_notes
from portals.consumer.purchases.history import changes_of, timeline_of
from portals.consumer.purchases.page import purchase_row
from portals.consumer.purchases.queries import Purchase, list_paid, list_plan_changes, list_purchases, with_installments
from portals.consumer.purchases.refunds import unpaid_of
from portals.consumer.purchases.rewards import with_rewards
from portals.consumer.purchases.wording import late_count, standing_of
from portals.consumer.requests.page import rows_of
from portals.consumer.requests.withdrawing import may_withdraw
from portals.orders import shown_order

FILTERS = {"open": True, "done": False}


@consumer_page("GET")
def purchases(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """List purchases, open or completed, a page at a time."""
    state = request.GET.get("state", "open") if request.GET.get("state") in {"open", "done", "all"} else "open"
    before = _cursor(request.GET.get("before", ""))
    found = list_purchases(visitor.consumer, opened=FILTERS.get(state), before=before, limit=PAGE + 1)
    shown = found[:PAGE]
    context = {
        "state": state,
        "chips": [
            {"label": label, "href": f"?state={key}", "current": key == state}
            for key, label in (("open", pgettext("purchases", "Open")), ("done", _("Done")), ("all", _("All")))
        ],
        "purchases": [purchase_row(one, visitor.today, visitor.locale) for one in shown],
        "can_pay_any": state == "open" and sum(bool(one.opened) for one in found) > 1,
        "older": _older(state, shown) if len(found) > PAGE else "",
        "newer": f"?state={state}" if before else "",
    }
    return show(request, visitor, "purchases/purchases", "purchases", context)


def _cursor(text: str) -> uuid.UUID | None:
    try:
        return parse_id(Order.PREFIX, text) if text else None
    except NotFound:
        return None


def _older(state: str, shown: Sequence[Purchase]) -> str:
    return f"?{urlencode({'state': state, 'before': shown[-1].order.public_id})}"


def get_purchase(visitor: Visitor, order_id: str) -> Purchase:
    """Return one of the visitor's own purchases; NotFound, also for another consumer's purchase."""
    order = access_purchase(parse_id(Order.PREFIX, order_id), visitor.consumer)
    return with_installments([order])[0]


@consumer_page("GET")
def purchase(request: HttpRequest, visitor: Visitor, order_id: str) -> HttpResponse:
    """Show a whole purchase: the amount left, every payment, every change with its reason."""
    with listing():
        found = get_purchase(visitor, order_id)
        plan, order = found.order.plan, found.order
        changes, refunds = list_plan_changes(plan), refunds_of(order)
        requests = list_requests(visitor.consumer, references=[order.public_id])
    paid, unpaid, live = list_paid(plan), unpaid_of(plan.public_id), _settlement(found, visitor)
    respite = find_respite_of(visitor.consumer.pk)
    context: dict[str, Any] = {
        "order": shown_order(order),
        "product": product_name(plan.product),
        "apr_bps": plan.apr_bps,
        "is_checked": order.status == OrderStatus.PENDING_REVIEW,
        "takes_longer": order.status == OrderStatus.PENDING_REVIEW and is_delayed(order),
        "is_undecided": order.status == OrderStatus.EXPIRED and order.authorized_at is None,
        "ends_on": local_date(order.expires_at, visitor.consumer.time_zone) if order.expires_at else None,
        "is_rejected": order.status == OrderStatus.REJECTED,
        "basket": order.checkout.items,
        "twin": _twin(order),
        "standing": standing_of(found, visitor.today, visitor.locale),
        "left": found.left_minor,
        "paid_minor": sum(row.paid_minor for row in found.rows),
        "back_minor": sum(row.refunded_minor for row in found.rows) - sum(one["minor"] for one in unpaid),
        "unpaid_minor": sum(one["minor"] for one in unpaid),
        "interest_minor": sum(row.interest_minor for row in found.rows),
        "fees_minor": sum(row.fees_minor for row in found.rows),
        "total_minor": sum(row.amount_minor for row in found.rows),
        "timeline": timeline_of(
            found,
            paid,
            changes,
            methods.refused_kinds(plan.public_id),
            with_rewards(fee_notes(found, visitor.today, visitor.locale), found, visitor.today, visitor.locale),
            visitor.today,
            visitor.locale,
            waits=respite is not None and respite.until is None,
        ),
        "agreed": agreed_dates(order),
        "card": _card(found, visitor),
        "papers": _papers(found, plan),
        "changes": changes_of(order, changes, refunds, visitor.locale, steps=debt_steps(plan, visitor.locale)),
        "new_terms": _new_terms(changes, visitor.at),
        "offered_until": local_date(offered.until, plan.time_zone) if (offered := offer_in(changes, visitor.at)) else None,
        "relief": find_relief(plan, visitor.today) if found.opened else None,
        "rate_bps": plan.rate_bps,
        "can_pay": _can_pay(found),
        "given_up": found.is_given_up,
        "owed_parts": open_parts_of([plan.pk]).get(plan.pk) if found.is_given_up else None,
        "placed": find_placement(plan.pk) if found.is_given_up and not found.is_sold else None,
        "sold": find_sold(plan.pk) if found.is_sold else None,
        "stopped": found.is_stopped,
        "disputed": found.is_stopped and methods.is_disputed(plan.public_id),
        "repay_by": max((row.due_date for row in found.opened), default=plan.repay_by) if plan.repay_by else None,
        "can_withdraw": may_withdraw(visitor, order),
        "asked": rows_of(requests, visitor),
        "unpaid": unpaid,
        "action": _action(plan) if found.opened else "",
        "deposit": shown_deposit(found, visitor.locale),
        "late": (late := late_count(found, visitor.today)),
        "promise": _promise(plan) if late and not live else None,
        "settlement": live,
        "settled": _settled(plan),
        "goods_return": shown_return(sent := find_return(plan.pk), found.rows),
        "can_return": not why_no_return(plan, found.rows, sent, visitor.today),
        "respite": respite,
        "pauses": shown_areas(list_pauses(plan.pk, visitor.today)) if found.opened and not found.is_given_up else [],
    }
    return show(request, visitor, "purchases/purchase", "purchases", context)


def _new_terms(changes: Sequence[PlanChange], at: datetime) -> str:
    """Say whether new payments are `offered`, or were `agreed` to; empty without."""
    if offer_in(changes, at) is not None:
        return "offered"
    return "agreed" if any(one.kind == RESTRUCTURED for one in changes) else ""


def _twin(order: Order) -> str:
    """Return the public id of another purchase with the same merchant reference, or an empty text: one of the two may be a mistake."""
    found = find_bought(
        consumer_id=order.consumer_id, merchant_id=order.merchant_id, reference=order.merchant_reference, besides=order.checkout_id
    )
    return found.public_id if found else ""


def _action(plan: Plan) -> str:
    """Return the public id of the charge that the person still has to confirm at their bank, or an empty text."""
    found = methods.find_waiting_action(plan.public_id)
    return found.public_id if found else ""


def _can_pay(purchase: Purchase) -> bool:
    """Return whether something is open that can be charged now: False while a charge is pending, or if the amount is too small."""
    plan = purchase.order.plan
    least = methods.smallest_charge(plan.payment_method.gateway, plan.currency)
    if purchase.is_stopped or purchase.is_sold:
        return False
    return bool(purchase.opened) and purchase.left_minor >= least and not any(row.charge_id for row in purchase.rows)


def _settlement(found: Purchase, visitor: Visitor) -> dict[str, Any] | None:
    """Return the settlement that the person may accept or pay, as plain values, or None."""
    live = find_live(found.order.plan_id) if found.opened else None
    accepted = live is not None and live.status == SettlementStatus.ACCEPTED
    if live is None or not (accepted or live.until >= visitor.today):
        return None
    parts = live_of(live.joint) if live.joint else [live]
    return {"minor": sum(one.amount_minor for one in parts), "until": live.until, "accepted": accepted, "purchases": len(parts)}


def _settled(plan: Plan) -> bool:
    """Return whether a plan ended by a settlement for less."""
    return plan.status == PlanStatus.COMPLETED and find_settled(plan.pk) is not None


def _promise(plan: Plan) -> dict[str, Any] | None:
    """Return the promise to pay that waits for its day, as plain values, or None."""
    found = find_waiting_promise(plan.pk)
    return {"minor": found.amount_minor, "on": found.pay_on} if found else None


def _papers(found: Purchase, plan: Plan) -> list[tuple[str, Any]]:
    """Return the documents of a purchase by kind and name, with the payment plan as of today once there is one."""
    kept = papers_of_plan(plan)
    return [(kind, NAMES[kind]) for kind in [*kept, *([TODAY] if kept and found.rows else [])]]


def _card(purchase: Purchase, visitor: Visitor) -> str:
    """Name the card of the next payment; if the plan has ended, the card of the agreement."""
    plan = purchase.order.plan
    ended = plan.status not in PLAN_OPEN
    return card_title(plan.payment_method) if ended else title_or_none(card_of_plan(plan, purchase.rows, visitor.today))


def card_of_form(request: HttpRequest, visitor: Visitor) -> PaymentMethod:
    """Return the card that a form names, one of the visitor's own; Invalid for any other."""
    try:
        return methods.access_method(visitor.consumer, parse_id(PaymentMethod.PREFIX, request.POST.get("card", "")))
    except NotFound:
        raise Invalid(_("Choose the card that you want to pay with.")) from None


def _chargeable(purchase: Purchase, visitor: Visitor) -> list[PaymentMethod]:
    """Return the methods to which a plan can be charged: only cards before anything was shipped."""
    is_pending = purchase.order.plan.status == PlanStatus.PENDING
    return methods.list_cards(visitor.consumer) if is_pending else methods.list_methods(visitor.consumer)


@consumer_page("GET", "POST")
def card(request: HttpRequest, visitor: Visitor, order_id: str) -> HttpResponse:
    """Change the card that a plan is charged to."""
    found = get_purchase(visitor, order_id)
    order, cards = found.order, _chargeable(found, visitor)
    if request.method == "POST":
        try:
            method = card_of_form(request, visitor)
            plans.change_method(plan=order.plan, method=method, at=visitor.at)
        except DomainError as error:
            return ask_again(request, error=error)
        messages.success(request, _("From now on this plan is paid with %(card)s.") % {"card": card_title(method)})
        return redirect("purchase", order_id)
    charged = card_of_plan(order.plan, found.rows, visitor.today)
    kept = find_kept(request)
    wanted = (kept.data if kept else request.GET).get("card") or (charged.public_id if charged else "")
    context = {
        "order": shown_order(order),
        "cards": card_choices(cards, first_usable(cards, wanted)),
        "error": kept.problem if kept else None,
        "wait": find_waiting(request, visitor),
        "back": reverse("purchase_card", args=[order_id]),
        "serves_accounts": order.plan.status != PlanStatus.PENDING and serves_accounts(visitor),
    }
    return show(request, visitor, "purchases/card", "purchases", context)
