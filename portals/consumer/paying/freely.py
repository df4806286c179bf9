"""Any amount: what it would pay, over one purchase or all of them, shown before it is paid; and what became of it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collection import services as collection
from collection.settling import is_settling_jointly, left_of_accepted
from core.amounts import AmountField
from core.errors import DomainError, Invalid
from core.formats import day_text, money_text
from core.money import Money
from core.once import in_words, once_of
from markets.queries import find_order
from payments import queries as methods
from payments.models import Charge
from payments.states import MOVEMENT_OPEN, MovementStatus
from plans.freely import FreePart, FreeQuote, buckets_of, can_take, quote_freely
from portals.again import ask_again, find_kept
from portals.cards import card_title
from portals.consumer.frame import Visitor, consumer_page, methods_to_pay, serves_accounts, show
from portals.consumer.paying.queries import list_together
from portals.consumer.purchases.page import which_of
from portals.consumer.purchases.queries import Purchase, list_open_purchases
from portals.consumer.purchases.views import card_of_form, get_purchase
from portals.sessions import asker_of

LOOK_AGAIN_S = 4


class AmountForm(forms.Form):
    """An amount in the currency of the purchases to pay."""

    def __init__(self, *args: Any, currency: str, locale: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        label = gettext_lazy("Amount (%(currency)s)") % {"currency": currency}
        self.fields["amount"] = AmountField(currency=currency, locale=locale, label=label)


@consumer_page("GET", "POST")
def pay_amount(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what an amount would pay of one purchase or of all, and take it when the person agrees to exactly that."""
    sent = request.POST if request.method == "POST" else request.GET
    one = get_purchase(visitor, sent["purchase"]) if sent.get("purchase") else None
    found = _payable([one] if one else list_open_purchases(visitor.consumer), sent.get("currency", ""))
    if not found:
        return redirect("purchase", one.order.public_id) if one else redirect("purchases")
    if one and request.method == "GET" and is_settling_jointly(one.order.plan):
        # What settles it is a part of more, and is paid with the others.
        return redirect("purchase_settlement", one.order.public_id)
    currency = found[0].order.currency
    form = AmountForm(sent if "amount" in sent else None, currency=currency, locale=visitor.locale)
    if request.method == "POST":
        try:
            charges = _pay(request, visitor, form, one, currency)
        except DomainError as error:
            return ask_again(request, _address(form, one, currency), error=in_words(error))
        return redirect("amount_paid", charges[0].public_id)
    return _show(request, visitor, form, found, one)


@consumer_page("GET")
def amount_paid(request: HttpRequest, visitor: Visitor, charge_id: str) -> HttpResponse:
    """Show what became of an amount: the page of its charge, or one line for each purchase that it was spread over."""
    made = list_together(visitor.consumer, charge_id)
    if len(made) == 1:
        return redirect("purchase_payment", made[0][0].public_id, made[0][1].public_id)
    charges = [charge for _order, charge in made]
    context = {
        "lines": [
            {
                "label": order.merchant.name,
                "note": _outcome(charge),
                "href": reverse("purchase_payment", args=[order.public_id, charge.public_id]),
                "minor": charge.amount_minor,
            }
            for order, charge in made
        ],
        "currency": charges[0].currency,
        "total": sum(charge.amount_minor for charge in charges if charge.status != MovementStatus.FAILED),
        "card": card_title(charges[0].payment_method),
        "waiting": any(charge.status in MOVEMENT_OPEN for charge in charges),
        "failed": any(charge.status == MovementStatus.FAILED for charge in charges),
    }
    response = show(request, visitor, "paying/amount_paid", "purchases", context)
    if context["waiting"]:
        response["Refresh"] = str(LOOK_AGAIN_S)
    return response


def _payable(purchases: Sequence[Purchase], currency: str) -> list[Purchase]:
    """Return the purchases of one currency that take an amount now, in the order of their plans' keys."""
    taking = [one for one in purchases if one.opened and can_take(one.order.plan, one.rows)]
    wanted = next((one.order.currency for one in taking if one.order.currency == currency or not currency), "")
    return sorted((one for one in taking if one.order.currency == wanted), key=lambda one: one.order.plan_id)


def _pay(request: HttpRequest, visitor: Visitor, form: AmountForm, one: Purchase | None, currency: str) -> list[Charge]:
    """Charge the amount, if it still pays what the page showed; the same form sent again is the same payment."""
    if not form.is_valid():
        raise Invalid(_("Enter an amount."))
    return collection.pay_freely(
        consumer=visitor.consumer,
        amount=Money(form.cleaned_data["amount"], currency),
        plan=one.order.plan if one else None,
        method=card_of_form(request, visitor),
        actor=visitor.consumer.public_id,
        at=visitor.at,
        seen=request.POST.get("seen", ""),
        once=once_of(request, scope=visitor.consumer.public_id),
        asker=asker_of(request),
        exact=True,
    )


def _address(form: AmountForm, one: Purchase | None, currency: str) -> str:
    """Return the address of the page that shows a form, with its amount."""
    asked = {"amount": form.data.get("amount", ""), "currency": currency} | ({"purchase": one.order.public_id} if one else {})
    return f"{reverse('pay_amount')}?{urlencode(asked)}"


def _show(request: HttpRequest, visitor: Visitor, form: AmountForm, found: list[Purchase], one: Purchase | None) -> HttpResponse:
    cards, kept = methods.list_methods(visitor.consumer), find_kept(request)
    wanted = (kept.data.get("card") if kept else "") or request.GET.get("card", "")
    offered = methods_to_pay(request, visitor, cards, wanted)
    currency = found[0].order.currency
    shown = form.is_bound and form.is_valid()
    context: dict[str, Any] = {
        "form": form,
        "purchase": one.order.public_id if one else "",
        "shop": one.order.merchant.name if one else "",
        "currency": currency,
        "owed": sum(purchase.left_minor for purchase in found),
        **offered,
        "error": kept.lasting_problem if kept else None,
        "back": _address(form, one, currency),
        "serves_accounts": serves_accounts(visitor),
        "preview": None,
        "agreed": (agreed := left_of_accepted(one.order.plan) if one else None),
    }
    if shown:
        gateway = next((card.gateway for card in cards if card.public_id == offered["chosen"]), found[0].order.plan.payment_method.gateway)
        context["preview"] = _preview(found, form.cleaned_data["amount"], methods.smallest_charge(gateway, currency), agreed, visitor)
    return show(request, visitor, "paying/amount", "purchases", context)


def _preview(found: Sequence[Purchase], minor: int, smallest: int, agreed: int | None, visitor: Visitor) -> dict[str, Any]:
    """Return what an amount would pay, in words: each payment with its shop, and what is left then.

    `agreed` is what is left of a settlement for less that is being paid, in minor units: then no more than that is.
    """
    buckets = buckets_of(find_order(visitor.consumer.market_id, visitor.today))
    members = [(one.order.plan, one.rows) for one in found]
    quote = quote_freely(members, amount_minor=minor, day=visitor.today, buckets=buckets, smallest=smallest, exact=True)
    purchases = {one.order.plan_id: one for one in found}
    currency, locale = found[0].order.currency, visitor.locale
    settles = agreed is not None and quote.charged_minor >= agreed
    lines = [line for part in quote.parts for line in _lines(part, purchases[part.plan.id], visitor, settles=settles)]
    charged, small = quote.charged_minor, quote.leaves(smallest)
    rebate = sum(part.rebate_minor for part in quote.parts)
    left = sum(one.left_minor for one in found) - charged - rebate
    return {
        "lines": lines,
        "more": charged < minor and bool(lines),
        "too_little": small.left_minor if small else 0,
        "left": left if agreed is None else max(0, agreed - charged),
        "falls_away": left if settles else 0,
        "rebate": rebate,
        "charges": _charges(quote, purchases, locale) if len(quote.parts) > 1 else "",
        "seen": quote.seal,
        "smallest": smallest if minor < smallest else 0,
        "act": _("Pay %(amount)s") % {"amount": money_text(charged, currency, locale)},
    }


def _lines(part: FreePart, purchase: Purchase, visitor: Visitor, *, settles: bool) -> list[dict[str, Any]]:
    rows = {row.number: row for row in purchase.rows}
    found = []
    for line in part.lines:
        row = rows[line.number]
        told = {"which": which_of(row, purchase.rows), "day": day_text(row.due_date, visitor.locale)}
        note = (_("%(which)s, was due %(day)s") if row.is_late(visitor.today) else _("%(which)s, due %(day)s")) % told
        left = part.interest.get(row.number, row.interest_minor) + row.principal_minor - row.paid_minor - line.amount_minor
        if left and not settles:
            note += " · " + _("%(amount)s left") % {"amount": money_text(left, purchase.order.currency, visitor.locale)}
        found.append({"label": purchase.order.merchant.name, "note": note, "minor": line.amount_minor})
    return found


def _charges(quote: FreeQuote, purchases: Any, locale: str) -> str:
    """Name the charges that the person's bank will show: one for each purchase."""
    return ", ".join(
        f"{purchases[part.plan.id].order.merchant.name} {money_text(part.amount_minor, part.plan.currency, locale)}" for part in quote.parts
    )


def _outcome(charge: Charge) -> str:
    """Say how a charge ended."""
    if charge.status == MovementStatus.FAILED:
        return _("not paid: nothing was charged")
    if charge.status == MovementStatus.UNDER_WAY:
        return _("on its way")
    return _("being paid") if charge.status in MOVEMENT_OPEN else _("paid")
