"""Refunds that did not reach a card: the consumer chooses another card or a bank account."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from checkout.queries import access_purchase
from core.errors import DomainError, NotFound
from core.ids import parse_id
from core.money import Money
from core.once import act_once
from payments import gateways
from payments import queries as methods
from payments import services as payments
from payments.gateways.base import Takings
from payments.models import PaymentMethod, Refund, Transfer
from payments.outside import OUTSIDE
from payments.services.transfers import LONGEST_ACCOUNT
from portals.again import ask_again, find_kept, form_again
from portals.cards import card_choices, card_title, first_usable
from portals.consumer.frame import Visitor, consumer_page, show
from portals.forms import add_errors
from portals.orders import shown_order


class AccountForm(forms.Form):
    """A bank account of the consumer's own."""

    holder = forms.CharField(max_length=80, label=gettext_lazy("Name of the account's holder"))
    account = forms.CharField(max_length=LONGEST_ACCOUNT, label=gettext_lazy("Account number or IBAN"))


def unpaid_of(reference: str) -> list[dict[str, Any]]:
    """Return the refunds of a plan that did not arrive: the amount, the card, and whether a bank account was named."""
    found = methods.list_unpaid_refunds(reference)
    named = methods.refunds_with_transfer(one.id for one in found) if found else set()
    return [{"id": one.public_id, "minor": one.amount_minor, "card": _card_of(one), "named": one.id in named} for one in found]


def _card_of(refund: Refund) -> str:
    return card_title(refund.payment_method or refund.charge.payment_method)


def _others(visitor: Visitor, refund: Refund) -> list[PaymentMethod]:
    """Return the person's other cards to which a refund can be sent."""
    if refund.gateway == OUTSIDE or not gateways.connect(refund.gateway, Takings).refunds_elsewhere:
        return []
    tried = refund.payment_method_id or refund.charge.payment_method_id
    return [one for one in methods.list_cards(visitor.consumer) if one.is_usable and one.gateway == refund.gateway and one.id != tried]


def _access(visitor: Visitor, order_id: str, refund_id: str) -> tuple[Any, Refund]:
    order = access_purchase(parse_id("ord", order_id), visitor.consumer)
    key = parse_id(Refund.PREFIX, refund_id)
    for one in methods.list_unpaid_refunds(order.plan.public_id):
        if one.id == key:
            return order, one
    raise NotFound(_("There is nothing to choose here: it was sent, or is on its way."))


@consumer_page("GET", "POST")
def refund(request: HttpRequest, visitor: Visitor, order_id: str, refund_id: str) -> HttpResponse:
    """Ask where to send a refund that did not reach its card; send it to another card, or let an operator pay it to a bank account."""
    order, owed = _access(visitor, order_id, refund_id)
    cards = _others(visitor, owed)
    if request.method == "POST":
        return _choose(request, visitor, order_id, owed, cards)
    kept, wanted = find_kept(request), methods.find_transfer(owed.id)
    context = {
        "order": shown_order(order),
        "owed": Money(owed.amount_minor, owed.currency),
        "card": _card_of(owed),
        "cards": card_choices(cards, first_usable(cards)),
        "form": form_again(kept, AccountForm),
        "error": kept.problem if kept else None,
        "account": _hidden(wanted) if wanted else "",
    }
    return show(request, visitor, "purchases/refund", "purchases", context)


def _hidden(wanted: Transfer) -> str:
    return f"···· {str(wanted.account)[-4:]}"


def _choose(request: HttpRequest, visitor: Visitor, order_id: str, owed: Refund, cards: list[PaymentMethod]) -> HttpResponse:
    actor = visitor.consumer.public_id
    if request.POST.get("way") == "card":
        chosen = next((one for one in cards if one.public_id == request.POST.get("card")), None)
        if chosen is None:
            return ask_again(request, error=NotFound(_("Choose the card that it shall go to.")))

        def send() -> str:
            return payments.redirect_refund(refund_id=owed.id, method=chosen, actor=actor, at=visitor.at).public_id

        return _done(request, visitor, order_id, send, _("It goes to %(card)s.") % {"card": card_title(chosen)}, None)
    form = AccountForm(request.POST)
    if not form.is_valid():
        return ask_again(request, form=form)
    given = form.cleaned_data

    def want() -> str:
        return payments.want_transfer(refund_id=owed.id, **given, actor=actor, at=visitor.at).public_id

    told = _("Thank you. A person pays it to your account in a few days, and we write to you.")
    return _done(request, visitor, order_id, want, told, form)


def _done(request: HttpRequest, visitor: Visitor, order_id: str, work: Any, told: str, form: forms.Form | None) -> HttpResponse:
    try:
        act_once(request, scope=visitor.consumer.public_id, at=visitor.at, work=work)
    except DomainError as error:
        if form is None:
            return ask_again(request, error=error)
        add_errors(form, error)
        return ask_again(request, form=form)
    messages.success(request, told)
    return redirect("purchase", order_id)
