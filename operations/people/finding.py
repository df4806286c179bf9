"""The search box of the work list: people by part of a name, by e-mail address, phone or card; rows by number or id.

Searches are POST forms, so that no name appears in a URL. Each is logged with the operator and the people found.
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.admin import keep_look
from accounts.desk import find_people
from accounts.models import Consumer, ConsumerRequest
from accounts.services import note_search
from checkout.models import Checkout, Order
from checkout.queries import referred_to
from core import clock
from core.errors import NotFound, TooMany
from core.ids import parse_id
from core.network import client_address
from core.unreadable import listing
from credit.models import Decision
from merchants.models import Merchant, Settlement
from operations.frame import may_see, operator, show
from operations.wording import status_of
from payments.models import Charge, Dispute, Payout, Refund
from payments.queries import consumers_with_card
from plans.models import Plan

MOST = 25
LAST_DIGITS = 4
PAGES: dict[str, type[Any]] = {
    model.PREFIX: model
    for model in (Consumer, ConsumerRequest, Checkout, Order, Plan, Charge, Refund, Payout, Dispute, Decision, Merchant, Settlement)
}


def find(request: HttpRequest) -> HttpResponse:
    """Show the people and orders found; a public id redirects straight to its page."""
    if not may_see(request):
        raise PermissionDenied
    term = " ".join(request.POST.get("q", "").split())[:120]
    if request.method != "POST" or not term:
        return _results(request, "", [], [])
    try:
        note_search(user=operator(request), purpose=term, address=client_address(request), at=clock.wall())
    except TooMany as error:
        messages.error(request, error.detail)
        answer = _results(request, term, [], [])
        answer.status_code, answer["Retry-After"] = error.status, str(error.retry_after_s)
        return answer
    if page := _page_of_id(term):
        return HttpResponseRedirect(page)
    with listing():
        people, orders = _people(term), _orders(term)
        keep_look(request, "find", [*(one.pk for one in people), *(order.consumer_id for order in orders)], purpose=term)
        return _results(request, term, people, orders).render()


def _page_of_id(term: str) -> str:
    """Return the page of a public id's row; empty for a text that is not an id, or an id without a row."""
    model = PAGES.get(term.partition("_")[0])
    try:
        key = parse_id(model.PREFIX, term) if model else None
    except NotFound:
        return ""
    if model is None or not model.objects.filter(pk=key).exists():
        return ""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[key])


def _people(term: str) -> list[Consumer]:
    """Return the people with a name, e-mail address, phone number or card, newest first."""
    if len(term) == LAST_DIGITS and term.isdecimal():
        keys = consumers_with_card(term, limit=MOST)
        return list(Consumer.objects.filter(pk__in=keys).select_related("market").order_by("-id"))
    return find_people(term, limit=MOST)


def _orders(term: str) -> list[Order]:
    """Return the orders with a merchant reference, newest first."""
    found = Order.objects.filter(referred_to(term, "merchant_reference")).select_related("merchant", "consumer")
    return list(found.order_by("-id")[:MOST])


def _results(request: HttpRequest, term: str, people: list[Consumer], orders: list[Order]) -> TemplateResponse:
    rows = [
        {
            "id": order.pk,
            "reference": order.merchant_reference,
            "shop": order.merchant.name,
            "consumer_id": order.consumer_id,
            "person": order.consumer.name or order.consumer.public_id,
            "at": order.created_at,
            "minor": order.amount_minor,
            "currency": order.currency,
            "status": status_of(order.status),
        }
        for order in orders
    ]
    shown = [{"row": one, "market": str(one.market), "identity": status_of(one.identity)} for one in people]
    return show(request, "people/found.html", _("Find"), term=term, people=shown, orders=rows, many=max(len(people), len(orders)) >= MOST)
