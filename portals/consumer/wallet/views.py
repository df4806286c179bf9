"""Payments: future ones, past ones, and the cards."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from checkout.models import Order
from collection import services as collection
from core.errors import DomainError, NotFound
from core.ids import parse_id
from markets.queries import get_market
from payments import queries as methods
from payments import services as payments
from payments.models import Charge, MethodKind, PaymentMethod
from payments.states import MOVEMENT_UNENDED, MovementStatus
from payments.texts import failure_text
from plans.standstill import find_respite_of
from portals.cards import card_note, card_title, chosen_in
from portals.consumer.frame import Visitor, consumer_page, find_waiting, safe_next, serves_accounts, show
from portals.consumer.paging import PAGE
from portals.consumer.purchases.queries import list_open_purchases
from portals.consumer.wallet.page import upcoming, upcoming_rows
from portals.consumer.wallet.queries import list_charges, orders_of_charges
from portals.doors import SeeOther, setup_of
from portals.sessions import asker_of

SHOWN = 30


@consumer_page("GET")
def wallet(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """List future charges, past charges a page at a time, and the cards."""
    before = _cursor(request.GET.get("before", ""))
    charges = list_charges(visitor.consumer, before=before, limit=PAGE + 1)
    shown = charges[:PAGE]
    orders = orders_of_charges(shown)
    to_come = upcoming(list_open_purchases(visitor.consumer))
    context = {
        "coming": upcoming_rows(to_come[:SHOWN], visitor.today, find_respite_of(visitor.consumer.pk)),
        "coming_more": max(0, len(to_come) - SHOWN),
        "charges": [_charge_row(charge, orders, visitor) for charge in shown],
        "older": f"?{urlencode({'before': shown[-1].public_id})}" if len(charges) > PAGE else "",
        "newer": "?" if before else "",
        "cards": _cards(visitor),
        "serves_accounts": serves_accounts(visitor),
        "wait": find_waiting(request, visitor),
    }
    return show(request, visitor, "wallet/wallet", "payments", context)


def _cursor(text: str) -> uuid.UUID | None:
    try:
        return parse_id(Charge.PREFIX, text) if text else None
    except NotFound:
        return None


def _charge_row(charge: Charge, orders: dict[str, Order], visitor: Visitor) -> dict[str, object]:
    order = orders.get(charge.reference)
    tones = {MovementStatus.SUCCEEDED: "good", MovementStatus.FAILED: "bad"}
    texts = {
        MovementStatus.SUCCEEDED: _("Paid"),
        MovementStatus.FAILED: _("Failed"),
        MovementStatus.REVERSED: _("Taken back"),
        **dict.fromkeys(MOVEMENT_UNENDED, _("On its way")),
    }
    return {
        "day": visitor.day(charge.created_at),
        "shop": order.merchant.name if order else "",
        "href": reverse("purchase", args=[order.public_id]) if order else "",
        "card": card_title(charge.payment_method),
        "pill": texts[charge.status],
        "tone": tones.get(charge.status, "info"),
        "why": failure_text(charge.failure, charge.payment_method.kind) if charge.status == MovementStatus.FAILED else "",
        "minor": charge.amount_minor,
        "refunded": charge.refunded_minor,
        "currency": charge.currency,
    }


def _cards(visitor: Visitor) -> list[dict[str, object]]:
    found = methods.list_methods(visitor.consumer)
    first = next((card for card in found if card.is_usable and card.kind == MethodKind.CARD), None)
    return [
        {
            "id": card.public_id,
            "title": card_title(card),
            "note": card_note(card),
            "blocked": card.blocked_at is not None,
            "first": card == first,
            "can_be_first": card != first and card.is_usable and card.kind == MethodKind.CARD,
        }
        for card in found
    ]


@consumer_page("POST")
def add_card(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Redirect to the gateway's card page; the person then returns to the page they came from."""
    return _leave(request, visitor, payments.start_card_setup, "card_return")


@consumer_page("POST")
def add_account(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Redirect to the gateway's page for bank accounts; the person then returns to the page they came from."""
    return _leave(request, visitor, payments.start_mandate, "account_return")


def _leave(request: HttpRequest, visitor: Visitor, start: Callable[..., str], returns: str) -> HttpResponse:
    there = safe_next(request, request.POST.get("next", reverse("payments")))
    back = f"{reverse(returns)}?{urlencode({'next': there})}"
    market = get_market(visitor.consumer.market_id)
    try:
        page = start(consumer=visitor.consumer, return_path=back, currency=market.currency, at=visitor.at, asker=asker_of(request))
    except DomainError as error:
        messages.error(request, error.detail)
        return redirect(there)
    return SeeOther(page)


@consumer_page("GET")
def card_return(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Handle the return from the card page; the gateway says whether there is a card."""
    return _returned(request, visitor, _("No card was saved, and nothing was charged."))


@consumer_page("GET")
def account_return(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Handle the return from the page for bank accounts; the gateway says whether there is one."""
    return _returned(request, visitor, _("No bank account was saved, and nothing was taken."))


def _returned(request: HttpRequest, visitor: Visitor, nothing: str) -> HttpResponse:
    there = safe_next(request, request.GET.get("next", ""))
    try:
        method = payments.finish_setup(setup_id=setup_of(request), consumer=visitor.consumer, at=visitor.at)
    except DomainError as error:
        messages.error(request, error.detail)
        return redirect(there)
    if method is None:
        wait = find_waiting(request, visitor).to_add
        (messages.warning if wait else messages.info)(request, f"{nothing} {wait}".strip())
        return redirect(there)
    messages.success(request, _saved(method, visitor) % {"card": card_title(method)})
    return redirect(chosen_in(there, method))


def _saved(method: PaymentMethod, visitor: Visitor) -> str:
    if method.kind != MethodKind.CARD:
        return _("%(card)s is saved. You can pay with it, and choose it for your plans.")
    usable = [card for card in methods.list_methods(visitor.consumer) if card.is_usable]
    if len(usable) > 1 and usable[0] == method:
        return _("%(card)s is saved, and used first for new purchases. You can change that under Payments.")
    return _("%(card)s is saved.")


@consumer_page("POST")
def change_card(request: HttpRequest, visitor: Visitor, method_id: str) -> HttpResponse:
    """Remove a card, or make it the first choice."""
    method = methods.access_method(visitor.consumer, parse_id(PaymentMethod.PREFIX, method_id))
    try:
        if "remove" in request.POST:
            collection.remove_card(consumer=visitor.consumer, method=method, at=visitor.at)
            messages.success(request, _("%(card)s is removed.") % {"card": card_title(method)})
        else:
            payments.make_default(consumer=visitor.consumer, method=method)
            messages.success(request, _("%(card)s is first for new purchases.") % {"card": card_title(method)})
    except DomainError as error:
        messages.error(request, error.detail)
    return redirect("payments")
