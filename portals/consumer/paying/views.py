"""Payments that consumers make themselves: the next payment or all of them, with a card that they choose, and the result."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from collection import services as collection
from collection.queries import card_of_plan
from collection.settling import left_of_accepted
from core.errors import DomainError, Invalid
from core.formats import day_text, money_text
from core.ids import public_id
from core.once import in_words, once_of
from payments import queries as methods
from payments import services as payments
from payments.models import Charge
from payments.services import Waiting
from payments.states import MOVEMENT_OPEN, MovementStatus
from payments.texts import failure_text
from plans.crediting import credited_by
from plans.errors import NothingToPay
from plans.models import Installment
from plans.queries import EarlyQuote, Scope, get_plan, places_of, quote_early
from plans.rewards import earned_by
from portals.again import ask_again, find_kept
from portals.cards import card_title
from portals.consumer.frame import Visitor, consumer_page, find_waiting, methods_to_pay, serves_accounts, show
from portals.consumer.paying.page import shown_charge
from portals.consumer.paying.queries import access_charge
from portals.consumer.paying.rewards import reward_words
from portals.consumer.paying.wording import next_text
from portals.consumer.purchases.fees import late_note, with_fees
from portals.consumer.purchases.page import shipment_of, which_of
from portals.consumer.purchases.queries import Purchase
from portals.consumer.purchases.views import card_of_form, get_purchase
from portals.orders import shown_order
from portals.sessions import asker_of

LOOK_AGAIN_S = 4
NEXT, ALL, SOME = "next", "all", "some"
SEEN = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3})*):([0-9]{1,15})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Choice:
    """One amount to pay now: the next payment, everything that is left, or the payments that the person chose."""

    name: str
    quote: EarlyQuote


@consumer_page("GET", "POST")
def pay(request: HttpRequest, visitor: Visitor, order_id: str) -> HttpResponse:
    """Offer the amounts that can be paid now and the cards to pay with; charge the chosen ones."""
    purchase = get_purchase(visitor, order_id)
    if request.method == "POST":
        try:
            charge = _pay(request, visitor, purchase)
        except NothingToPay:
            return redirect("purchase_pay", order_id)
        except DomainError as error:
            return ask_again(request, error=in_words(error))
        return redirect("purchase_payment", order_id, charge.public_id)
    under_way = next((row.charge_id for row in purchase.rows if row.charge_id), None)
    if under_way is not None:
        return redirect("purchase_payment", order_id, public_id(Charge.PREFIX, under_way))
    if left_of_accepted(purchase.order.plan):
        # Its payments are more than what was agreed on.
        return redirect("purchase_settlement", order_id)
    picked = _picked(request, purchase)
    choices = _choices(purchase, visitor, picked)
    return _show_pay(request, visitor, purchase, choices, picked) if choices else redirect("purchase", order_id)


@consumer_page("GET", "POST")
def payment(request: HttpRequest, visitor: Visitor, order_id: str, charge_id: str) -> HttpResponse:
    """Show the result of a payment; the page of a pending one reloads, and asks the gateway when the person presses its button."""
    purchase = get_purchase(visitor, order_id)
    charge = access_charge(purchase.order.plan, charge_id)
    if request.method == "POST":
        payments.refresh_charge(charge_id=charge.id, at=visitor.at)
        return redirect("purchase_payment", order_id, charge_id)
    failed = charge.status == MovementStatus.FAILED
    wait = find_waiting(request, visitor) if failed else Waiting()
    context = {
        "order": shown_order(purchase.order),
        "charge": shown_charge(charge),
        "card": card_title(charge.payment_method),
        "waiting": charge.status in MOVEMENT_OPEN,
        "on_its_way": charge.status == MovementStatus.UNDER_WAY,
        "failure": failure_text(charge.failure, charge.payment_method.kind) if failed else "",
        "what_next": next_text(charge.failure) if failed else "",
        "wait": wait,
        "stuck": bool(wait.to_try) and not methods.list_proven(visitor.consumer),
        "left": purchase.left_minor,
        "agreed": left_of_accepted(purchase.order.plan),
        "following": (following := next((taking.day for taking in purchase.takings), None)),
        "is_past": following is not None and following < visitor.today,
        "given_up": purchase.is_given_up,
        "again": _again(purchase),
        "of_deposit": not purchase.rows,
        "earned": earned_by(charge_id),
        "credited": credited_by(charge_id),
    }
    response = show(request, visitor, "paying/payment", "purchases", context)
    if context["waiting"]:
        response["Refresh"] = str(LOOK_AGAIN_S)
    return response


def _again(purchase: Purchase) -> str:
    """Return where to pay another way what a failed payment was for; empty if nothing is to pay."""
    if purchase.owes_deposit:
        return reverse("purchase_deposit", args=[purchase.order.public_id])
    return reverse("purchase_pay", args=[purchase.order.public_id]) if purchase.takings else ""


def _picked(request: HttpRequest, purchase: Purchase) -> frozenset[int]:
    """Return the open payments that the person ticked, by number; those of a refused form count too."""
    kept = find_kept(request)
    asked = {*request.GET.getlist("pick"), *(map(str, _read_seen(kept.data.get("seen_some", "")).numbers) if kept else ())}
    return frozenset(row.number for row in purchase.opened if str(row.number) in asked)


def _choices(purchase: Purchase, visitor: Visitor, picked: frozenset[int]) -> list[Choice]:
    if purchase.is_stopped:
        return []
    plan = get_plan(purchase.order.plan_id)
    scopes: dict[str, Scope] = {NEXT: "next"}
    if plan.repay_by:
        scopes = {ALL: "all"}
    elif len(purchase.opened) > 1:
        scopes |= ({SOME: picked} if picked else {}) | {ALL: "all"}
    least = methods.smallest_charge(plan.payment_method.gateway, plan.currency)
    quotes = [
        Choice(name, quote_early(plan, purchase.rows, scope=scope, day=visitor.today, smallest=least)) for name, scope in scopes.items()
    ]
    return [choice for choice in quotes if choice.quote.numbers and choice.quote.amount_minor >= least]


def _pay(request: HttpRequest, visitor: Visitor, purchase: Purchase) -> Charge:
    """Charge the chosen amount, if it is still the amount shown on the page; the same form sent again is the same charge."""
    name = request.POST.get("scope", "")
    seen = _read_seen(request.POST.get(f"seen_{name}", ""))
    scopes: dict[str, Scope] = {NEXT: "next", ALL: "all", SOME: frozenset(seen.numbers)}
    if name not in scopes:
        raise Invalid(_("Choose what you want to pay."))
    return collection.pay_now(
        consumer=visitor.consumer,
        plan=purchase.order.plan,
        scope=scopes[name],
        method=card_of_form(request, visitor),
        actor=visitor.consumer.public_id,
        at=visitor.at,
        seen=seen,
        once=once_of(request, scope=visitor.consumer.public_id),
        asker=asker_of(request),
    )


def _write_seen(quote: EarlyQuote) -> str:
    """Write the payments and the amount shown on a page for its form: `2.3:11450` is payments 2 and 3, 114.50 in all."""
    return f"{'.'.join(map(str, quote.numbers))}:{quote.amount_minor}"


def _read_seen(text: str) -> collection.Seen:
    """Read the payments and the amount shown on a page; a malformed text gives no payments and 0, which cannot be paid."""
    found = SEEN.fullmatch(text)
    return collection.Seen(tuple(map(int, found[1].split("."))), int(found[2])) if found else collection.Seen((), 0)


def _show_pay(request: HttpRequest, visitor: Visitor, purchase: Purchase, choices: list[Choice], picked: frozenset[int]) -> HttpResponse:
    cards, kept = methods.list_methods(visitor.consumer), find_kept(request)
    kinds = sorted({one.kind for one in cards})
    asked = kept.data if kept else request.GET
    charged = card_of_plan(purchase.order.plan, purchase.rows, visitor.today)
    wanted = asked.get("card") or (charged.public_id if charged else "")
    named = {choice.name for choice in choices}
    scope = next((name for name in (asked.get("scope"), SOME, NEXT, ALL) if name in named), "")
    context = {
        "order": shown_order(purchase.order),
        "withdrawn": purchase.order.plan.repay_by is not None,
        "late": any(row.is_late(visitor.today) for row in purchase.opened),
        "late_note": late_note(purchase, visitor.today, visitor.locale),
        "has_fees": bool(purchase.order.plan.agreed.get("fees")),
        "options": [_option(choice, purchase, visitor, kinds, checked=choice.name == scope) for choice in choices],
        "pickable": _pickable(purchase, picked, visitor),
        **methods_to_pay(request, visitor, cards, wanted),
        "error": kept.lasting_problem if kept else None,
        "back": reverse("purchase_pay", args=[purchase.order.public_id]),
        "serves_accounts": serves_accounts(visitor),
    }
    return show(request, visitor, "paying/pay", "purchases", context)


def _pickable(purchase: Purchase, picked: frozenset[int], visitor: Visitor) -> list[dict[str, Any]]:
    """Return the open payments to choose from, where there is a choice: each with its date and amount."""
    if purchase.order.plan.repay_by or len(purchase.opened) < 3:
        return []
    return [
        {
            "number": row.number,
            "title": day_text(row.due_date, visitor.locale),
            "note": which_of(row, purchase.rows),
            "minor": row.open_minor,
            "picked": row.number in picked,
        }
        for row in purchase.opened
    ]


def _together(numbers: Sequence[int], rows: Sequence[Installment]) -> str:
    """Say which payments are charged together, because the amount is too small to charge to a card alone."""
    places = places_of(rows)
    told = {"numbers": ", ".join(str(places[number]) for number in numbers), "count": len(rows)}
    return _("%(numbers)s of %(count)s together: less cannot be charged to a card") % told


def _moved(choice: Choice, purchase: Purchase, locale: str) -> Iterator[str]:
    """Say which payments become larger, because they include the interest of the coming days."""
    places = places_of(purchase.rows)
    for row in purchase.opened:
        more = choice.quote.interest.get(row.number, row.interest_minor) - row.interest_minor
        if more > 0 and row.number not in choice.quote.numbers:
            told = {"number": places[row.number], "amount": money_text(row.amount_minor + more, purchase.order.currency, locale)}
            yield " · " + _("payment %(number)s becomes %(amount)s, with the interest that still runs until then") % told


def _late_title(owed_again: date | None) -> str:
    return _("The payment that your bank took back") if owed_again else _("The late payment")


def _option(choice: Choice, purchase: Purchase, visitor: Visitor, kinds: Sequence[str], *, checked: bool) -> dict[str, Any]:
    quote, currency, locale = choice.quote, purchase.order.currency, visitor.locale
    first = purchase.opened[0]
    amount = money_text(quote.amount_minor, currency, locale)
    if choice.name == NEXT:
        told = {"which": which_of(first, purchase.rows), "day": day_text(first.due_date, locale)}
        late = first.is_late(visitor.today)
        title = _late_title(purchase.again_since(first)) if late else _("The next payment")
        note = (_("%(which)s, was due %(day)s") if late else _("%(which)s, due %(day)s")) % told
        if shipment := shipment_of(first, purchase.rows, locale):
            note += f" · {shipment}"
        if len(quote.numbers) > 1:
            title, note = _("The next payments"), _together(quote.numbers, purchase.rows)
    elif choice.name == SOME:
        days = [day_text(row.due_date, locale) for row in purchase.opened if row.number in quote.numbers]
        title, note = _("The payments that you chose"), ", ".join(days)
    elif purchase.order.plan.repay_by:
        title, note = _("Everything that is left"), _("Pay it back by %(day)s") % {"day": day_text(first.due_date, locale)}
    else:
        title, note = _("Everything that is left"), _("%(count)s payments at once") % {"count": len(quote.numbers)}
    note += "".join(_moved(choice, purchase, locale)) + "".join(f" · {words}" for words in with_fees(quote.numbers, purchase, locale))
    if quote.rebate_minor:
        note += " · " + _("you save %(amount)s of interest") % {"amount": money_text(quote.rebate_minor, currency, locale)}
    note += "".join(f" · {words}" for words in reward_words(purchase, quote.numbers, kinds, visitor))
    return {
        "value": choice.name,
        "title": title,
        "note": note,
        "price": quote.amount_minor,
        "seen": _write_seen(quote),
        "currency": currency,
        "action": _("Pay %(amount)s") % {"amount": amount},
        "checked": checked,
    }
