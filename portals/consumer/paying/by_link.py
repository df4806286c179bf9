"""What is late of one purchase, paid by the link of a letter: without signing in, with the card that the purchase is charged to."""

import re
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from brands.queries import brand_of
from checkout.models import Order
from checkout.queries import find_order_of_plan
from collection import services as collection
from collection.links import plan_of_link, sent_of_link
from collection.promises import room_of
from collection.queries import card_of_plan
from core.clock import local_date, now
from core.errors import DomainError, NotFound
from core.formats import money_text
from core.locales import page_locale
from core.once import in_words, new_key, once_of
from payments.models import Charge
from payments.queries import smallest_charge
from payments.states import MOVEMENT_OPEN, MovementStatus
from payments.texts import failure_text
from plans.models import Plan
from plans.queries import EarlyQuote, by_date, get_plan, installments_of, quote_early
from portals import sessions
from portals.again import ask_again, find_kept
from portals.cards import card_title
from portals.consumer.paying.queries import access_charge
from portals.doors import page

SEEN = re.compile(r"[0-9]{1,15}", re.ASCII)


@page("GET", "POST")
def pay_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is late of the purchase that a letter is about, and charge it to its card; who is signed in goes to the page of paying."""
    at = now()
    plan, order = open_link(request, token, at)
    link = sent_of_link(token, at.date())
    if link is not None:
        collection.note_opened(link_id=link, at=at)
    visitor = sessions.find_consumer(request)
    if request.method == "GET" and visitor is not None and visitor.pk == plan.consumer_id:
        return redirect("purchase_pay", order.public_id)
    if request.method == "POST":
        try:
            charge = _pay(request, plan)
        except DomainError as error:
            return ask_again(request, error=in_words(error))
        if link is not None:
            collection.note_paid_by(link_id=link, charge_id=charge.pk, at=at)
        return redirect(f"{request.path}?charge={charge.public_id}")
    made = access_charge(plan, request.GET["charge"]) if "charge" in request.GET else None
    kept, there = find_kept(request), reverse("purchase_pay", args=[order.public_id])
    room = room_of(plan, installments_of(plan), at)
    more = {"sign_in": f"{reverse('sign_in')}?next={there}", "error": kept.lasting_problem if kept else None}
    context = _context(plan, made, order.merchant.name) | {"promise": "" if room.refused else reverse("pay_link_promise", args=[token])}
    return render(request, "portals/consumer/paying/by_link.html", context | more)


def open_link(request: HttpRequest, token: str, at: datetime) -> tuple[Plan, Order]:
    """Return the plan and the order that a letter's link is about; NotFound for a link of another brand, purpose or time."""
    plan = get_plan(plan_of_link(token, at.date()))
    order = find_order_of_plan(plan.pk)
    if plan.consumer.is_erased or plan.consumer.brand_id != brand_of(request).code or order is None:
        raise NotFound("There is no such page.")
    return plan, order


def _pay(request: HttpRequest, plan: Plan) -> Charge:
    """Charge exactly what the page showed; the same form sent again is the same charge."""
    quote, seen = _late(plan), request.POST.get("seen", "")
    method = card_of_plan(plan, installments_of(plan), local_date(now(), plan.time_zone))
    if quote is None or method is None:
        raise NotFound("Nothing of this purchase is late any more.")
    return collection.pay_now(
        consumer=plan.consumer,
        plan=plan,
        scope=quote.numbers,
        method=method,
        actor=plan.consumer.public_id,
        at=now(),
        seen=collection.Seen(quote.numbers, int(seen) if SEEN.fullmatch(seen) else 0),
        once=once_of(request, scope=f"link:{plan.public_id}"),
        asker=sessions.asker_of(request),
    )


def _late(plan: Plan) -> EarlyQuote | None:
    """Return what is late of a plan, as paid today; None if nothing is, or if nothing can be paid now."""
    if plan.stopped_at is not None or plan.is_charged_off:
        return None
    rows, today = by_date(installments_of(plan)), local_date(now(), plan.time_zone)
    late = [row.number for row in rows if row.is_late(today)]
    least = smallest_charge(plan.payment_method.gateway, plan.currency)
    quote = quote_early(plan, rows, scope=late, day=today, smallest=least) if late else None
    return quote if quote is not None and quote.numbers and quote.amount_minor >= least else None


def _context(plan: Plan, made: Charge | None, shop: str) -> dict[str, Any]:
    quote, locale = _late(plan), page_locale(plan.consumer.locale)
    rows = installments_of(plan)
    card = card_of_plan(plan, rows, local_date(now(), plan.time_zone))
    failed = made is not None and made.status == MovementStatus.FAILED
    return {
        "shop": shop,
        "locale": locale,
        "once": new_key(),
        "amount": money_text(quote.amount_minor, plan.currency, locale) if quote else "",
        "seen": quote.amount_minor if quote else 0,
        "card": card_title(card) if card else "",
        "paid": money_text(made.amount_minor, made.currency, locale) if made and made.status == MovementStatus.SUCCEEDED else "",
        "waiting": (made is not None and made.status in MOVEMENT_OPEN) or any(row.charge_id for row in rows),
        "elsewhere": plan.stopped_at is not None or plan.is_charged_off,
        "confirm": made.action_url if failed and made else "",
        "failure": failure_text(made.failure, made.payment_method.kind) if failed and made and not made.action_url else "",
    }
