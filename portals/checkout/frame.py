"""What every checkout page shows around its step: the shop in its color, the amount, the progress, and the way out."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from checkout.models import Order
from core.locales import page_locale
from core.web_addresses import NotAnAddress, read_url
from portals.again import key_of
from portals.checkout.opening import keep_opening
from portals.checkout.steps import Step, Visit

STEPS = 4
_SECOND = (Step.DETAILS, Step.CHECK, Step.WAIT, Step.PICTURES, Step.FIGURES, Step.PROVE)
_PLACES = {Step.CONTACT: 1, Step.CODE: 1, **dict.fromkeys(_SECOND, 2), Step.PLAN: 3}
PAY = 4


@dataclass(frozen=True, slots=True)
class ShownShop:
    """The shop of a checkout: its name, its own line of text, the amount in minor units, and the address of the link back to it."""

    name: str
    text: str
    amount: int
    currency: str
    cancel_path: str


def show(
    request: HttpRequest, visit: Visit, template: str, context: dict[str, Any] | None = None, *, place: int = 0, status: int = 200
) -> HttpResponse:
    """Render a page of a checkout; `place`, 1 to 4, is its step in the progress bar, and 0 leaves the bar out."""
    checkout, merchant = visit.checkout, visit.checkout.merchant
    person = visit.owner
    whole = {
        "locale": page_locale(person.locale if person else merchant.market.locale),
        "theme_color": merchant.brand_color,
        "shop": ShownShop(
            name=merchant.name,
            text=merchant.checkout_text,
            amount=checkout.amount_minor,
            currency=checkout.currency,
            cancel_path=web_address(checkout.urls.get("cancel", "")),
        ),
        "checkout_id": checkout.public_id,
        "step": place,
        "steps": STEPS,
        "now": visit.at,
        "once": key_of(request),
        "opening": visit.opening,
    }
    with timezone.override(person.time_zone if person else merchant.market.time_zone):
        response = render(request, f"portals/checkout/{template}.html", whole | (context or {}), status=status)
    keep_opening(request, response, checkout, visit.opening)
    return response


def path_of(visit: Visit) -> str:
    """Return a checkout's own address."""
    return reverse("checkout", args=[visit.checkout.public_id])


def place_of(step: Step) -> int:
    """Return which of the four steps a page belongs to, 0 for a final page."""
    return _PLACES.get(step, 0)


def web_address(url: str) -> str:
    """Return a shop's address if it is a safe web address, else an empty text. Pages link and redirect to the result."""
    try:
        return read_url(url)
    except NotAnAddress:
        return ""


def way_back(visit: Visit, order: Order) -> str:
    """Return the address of the shop's confirmation page, with the checkout and the order added to its query."""
    parts = urlsplit(web_address(visit.checkout.urls.get("confirmation", "")))
    told = urlencode({"checkout": visit.checkout.public_id, "order": order.public_id})
    query = f"{parts.query}&{told}" if parts.query else told
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, parts.fragment))
