"""A deposit that could not be taken: the person pays it with a card of their choice."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from collection import services as collection
from core.errors import DomainError
from core.formats import money_text
from core.ids import public_id
from core.once import in_words, once_of
from payments import queries as methods
from payments.models import Charge
from plans.errors import NothingToPay
from plans.models import Deposit
from portals.again import ask_again, find_kept
from portals.consumer.frame import Visitor, consumer_page, methods_to_pay, show
from portals.consumer.purchases.queries import Purchase
from portals.consumer.purchases.views import card_of_form, get_purchase
from portals.orders import shown_order
from portals.sessions import asker_of


@consumer_page("GET", "POST")
def pay_deposit(request: HttpRequest, visitor: Visitor, order_id: str) -> HttpResponse:
    """Offer to pay the deposit with any card, and charge it."""
    purchase = get_purchase(visitor, order_id)
    if request.method == "POST":
        try:
            charge = collection.pay_deposit(
                consumer=visitor.consumer,
                plan=purchase.order.plan,
                method=card_of_form(request, visitor),
                actor=visitor.consumer.public_id,
                at=visitor.at,
                once=once_of(request, scope=visitor.consumer.public_id),
                asker=asker_of(request),
            )
        except NothingToPay:
            return redirect("purchase", order_id)
        except DomainError as error:
            return ask_again(request, error=in_words(error))
        return redirect("purchase_payment", order_id, charge.public_id)
    deposit = purchase.deposit
    if deposit is not None and deposit.charge_id is not None:
        return redirect("purchase_payment", order_id, public_id(Charge.PREFIX, deposit.charge_id))
    if deposit is None or not purchase.owes_deposit:
        return redirect("purchase", order_id)
    return _show(request, visitor, purchase, deposit)


def _show(request: HttpRequest, visitor: Visitor, purchase: Purchase, deposit: Deposit) -> HttpResponse:
    cards, kept = methods.list_cards(visitor.consumer), find_kept(request)
    amount = money_text(deposit.open_minor, purchase.order.currency, visitor.locale)
    context = {
        "order": shown_order(purchase.order),
        "amount": amount,
        "action": _("Pay %(amount)s") % {"amount": amount},
        **methods_to_pay(request, visitor, cards, (kept.data if kept else request.GET).get("card") or ""),
        "error": kept.lasting_problem if kept else None,
        "back": reverse("purchase_deposit", args=[purchase.order.public_id]),
        "serves_accounts": False,
    }
    return show(request, visitor, "paying/deposit", "purchases", context)
