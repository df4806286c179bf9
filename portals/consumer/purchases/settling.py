"""A settlement for less: its terms, what falls away and what it means for later; accepted by the person, and paid."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from collection.joint import live_of, standing_of
from collection.models import Settlement
from collection.services import accept_settlement, pay_joint_settlement
from collection.settling import find_live, find_settled, paid_since, terms_now
from collection.states import SettlementStatus
from core.amounts import AmountField
from core.errors import Conflict, DomainError, NotFound
from core.formats import money_text
from core.once import act_once, in_words, new_key, once_of
from payments import queries as methods
from plans.models import Plan
from plans.queries import get_plan
from portals.again import ask_again, find_kept
from portals.consumer.frame import Visitor, consumer_page, methods_to_pay, serves_accounts, show
from portals.consumer.purchases.queries import shops_of
from portals.consumer.purchases.views import card_of_form, get_purchase
from portals.orders import shown_order
from portals.sessions import asker_of


@consumer_page("GET", "POST")
def settlement(request: HttpRequest, visitor: Visitor, order_id: str) -> HttpResponse:
    """Show what a person may pay instead of all that is open, accept it for them, and say what is left to pay of it."""
    found = get_purchase(visitor, order_id)
    plan = get_plan(found.order.plan_id)
    if request.method == "POST":
        return _pay(request, visitor, plan) if "seen" in request.POST else _accept(request, visitor, order_id, plan)
    live = find_live(plan.pk)
    if live is not None and live.status == SettlementStatus.OFFERED and live.until < visitor.today:
        live = None
    settled, kept = find_settled(plan.pk), find_kept(request)
    if live is None and settled is None and kept is None:
        raise NotFound(_("There is no offer for this purchase now."))
    offer = None
    if live is not None:
        offer = _shown_jointly(live, visitor) if live.joint else _shown(live, found.order.public_id, visitor)
    context: dict[str, Any] = {
        "order": shown_order(found.order),
        "offer": offer,
        "settled": settled is not None,
        "once": new_key(),
        "error": kept.problem.detail if kept and kept.problem else "",
        "back": request.path,
        "serves_accounts": serves_accounts(visitor),
    }
    if offer and offer.get("pays"):
        wanted = (kept.data.get("card") if kept else "") or request.GET.get("card", "")
        context |= methods_to_pay(request, visitor, methods.list_methods(visitor.consumer), wanted)
    return show(request, visitor, "purchases/settlement", "purchases", context)


def _accept(request: HttpRequest, visitor: Visitor, order_id: str, plan: Plan) -> HttpResponse:
    """Accept the offer that the page showed, once per form."""
    live = find_live(plan.pk)

    def accept() -> None:
        if live is None or live.public_id != request.POST.get("accept", ""):
            raise Conflict("This is not offered any more.", code="collection.settlement_gone")
        accept_settlement(settlement_id=live.pk, actor=visitor.consumer.public_id, at=visitor.at)

    try:
        act_once(request, scope=visitor.consumer.public_id, at=visitor.at, work=accept)
    except DomainError as error:
        return ask_again(request, error=error)
    messages.success(request, _("You accepted it. We write to you with the days."))
    return redirect("purchase_settlement", order_id)


def _pay(request: HttpRequest, visitor: Visitor, plan: Plan) -> HttpResponse:
    """Charge what the page said is next to pay of an offer over several purchases, once per form."""
    live = find_live(plan.pk)
    try:
        if live is None or live.joint is None:
            raise Conflict("This is not offered any more.", code="collection.settlement_gone")
        charges = pay_joint_settlement(
            joint=live.joint,
            method=card_of_form(request, visitor),
            seen=request.POST["seen"],
            once=once_of(request, scope=visitor.consumer.public_id),
            asker=asker_of(request),
            at=visitor.at,
        )
    except DomainError as error:
        return ask_again(request, error=in_words(error))
    return redirect("amount_paid", charges[0].public_id)


def _shown_jointly(live: Settlement, visitor: Visitor) -> dict[str, Any]:
    """Return an offer over several purchases: each one's part, and what is next to pay of each."""
    assert live.joint

    def money(minor: int) -> str:
        return money_text(minor, live.currency, visitor.locale)

    parts = live_of(live.joint)
    standing, shops = standing_of(parts), shops_of([one.plan_id for one in parts])
    accepted = live.status == SettlementStatus.ACCEPTED
    by_day: dict[date, int] = {}
    for day, minor in (part for terms in standing.terms.values() for part in terms.parts):
        by_day[day] = by_day.get(day, 0) + minor
    amount, opened = sum(one.amount_minor for one in parts), sum(one.open_minor for one in parts)
    paid = sum(standing.paid.values())
    return {
        "id": live.public_id,
        "accepted": accepted,
        "until": live.until,
        "minor": amount,
        "open_minor": opened,
        "forgiven_minor": opened - amount,
        "parts": [{"due": day, "minor": minor} for day, minor in sorted(by_day.items())],
        "lines": [
            {
                "label": ", ".join(shops[one.plan_id]),
                "note": _("instead of %(amount)s") % {"amount": money(one.open_minor)},
                "minor": one.amount_minor,
            }
            for one in parts
        ],
        "paid_minor": paid,
        "left_minor": max(0, amount - paid),
        "next_minor": sum(standing.next.values()),
        "pays": accepted and bool(standing.next),
        "charges": ", ".join(f"{shops[key][0]} {money(minor)}" for key, minor in standing.next.items()) if len(standing.next) > 1 else "",
        "seen": standing.seal,
    }


def _shown(live: Settlement, order: str, visitor: Visitor) -> dict[str, Any]:
    terms, paid = terms_now(live), paid_since(live)[0]
    left = max(0, live.amount_minor - paid)
    # Of a part whose day is over, what is missing is asked for with the next one.
    due = next((minor for day, _part in terms.parts if (minor := terms.due_minor(day) - paid) > 0), 0)
    following = min(due, left)
    amount = AmountField(currency=live.currency, locale=visitor.locale).prepare_value(following)
    asked = {"purchase": order, "currency": live.currency, "amount": amount}
    return {
        "id": live.public_id,
        "accepted": live.status == SettlementStatus.ACCEPTED,
        "until": live.until,
        "minor": live.amount_minor,
        "open_minor": live.open_minor,
        "forgiven_minor": live.forgiven_minor,
        "parts": [{"due": day, "minor": minor} for day, minor in terms.parts],
        "paid_minor": paid,
        "left_minor": left,
        "next_minor": following,
        "pay": f"{reverse('pay_amount')}?{urlencode(asked)}",
    }
