"""Refused checkouts of a shop: which purchases became no order, and one coarse reason for each, as the API tells it; nobody's name."""

from django.http import HttpRequest, HttpResponse

from checkout.coarse import AMOUNT, CREDIT, IDENTITY, OTHER, list_refused, load_declined
from checkout.texts import COARSE
from portals.merchant.frame import Desk, merchant_page, show
from portals.merchant.paging import slice_of
from portals.merchant.wording import order_number

TONES = {AMOUNT: "warn", CREDIT: "mute", IDENTITY: "mute", OTHER: "mute"}


@merchant_page("GET")
def refusals(request: HttpRequest, desk: Desk) -> HttpResponse:
    """List the shop's refused checkouts, newest first; two queries a page."""
    page = slice_of(list_refused(desk.merchant), request)
    codes = load_declined(page.rows)
    rows = [
        {
            "number": order_number(one.merchant_reference, one.public_id),
            "at": one.created_at,
            "minor": one.amount_minor,
            "currency": one.currency,
            "why": str(COARSE[codes[one.pk]]),
            "tone": TONES[codes[one.pk]],
        }
        for one in page.rows
        if one.pk in codes
    ]
    return show(request, desk, "orders/refused", "refused", {"refused": rows, "newer": page.newer, "older": page.older})
