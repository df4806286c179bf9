"""A settlement for less: its terms, what falls away and what it means for later; accepted by the person, and paid."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from collection.models import Settlement
from collection.services import accept_settlement
from collection.settling import find_live, find_settled, paid_since, terms_now
from collection.states import SettlementStatus
from core.amounts import AmountField
from core.errors import Conflict, DomainError, NotFound
from core.once import act_once, new_key
from plans.models import Plan
from plans.queries import get_plan
from portals.again import ask_again, find_kept
from portals.consumer.frame import Visitor, consumer_page, show
from portals.consumer.purchases.views import get_purchase
from portals.orders import shown_order


@consumer_page("GET", "POST")
def settlement(request: HttpRequest, visitor: Visitor, order_id: str) -> HttpResponse:
    """Show what a person may pay instead of all that is open, accept it for them, and say what is left to pay of it."""
    found = get_purchase(visitor, order_id)
    plan = get_plan(found.order.plan_id)
    if request.method == "POST":
        return _accept(request, visitor, order_id, plan)
    live = find_live(plan.pk)
    if live is not None and live.status == SettlementStatus.OFFERED and live.until < visitor.today:
        live = None
    settled, kept = find_settled(plan.pk), find_kept(request)
    if live is None and settled is None and kept is None:
        raise NotFound(_("There is no offer for this purchase now."))
    context = {
        "order": shown_order(found.order),
        "offer": _shown(live, found.order.public_id, visitor) if live else None,
        "settled": settled is not None,
        "once": new_key(),
        "error": kept.problem.detail if kept and kept.problem else "",
    }
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
