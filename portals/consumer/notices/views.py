"""The notices of refusals, counter-offers, rejected orders and lower limits, exactly as they were sent: a list, pages and PDFs.

A worker writes a notice within moments of its decision; who opens it earlier has it written by opening it.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse

from brands.queries import get_brand
from checkout.models import Order
from checkout.queries import access_purchase
from checkout.states import OrderStatus
from collection.letters import access_letter
from core.errors import NotFound
from core.ids import parse_id
from core.unreadable import Unreadable
from credit.cuts import get_cut
from credit.models import Decision
from credit.queries import access_refusal
from notifications.models import Notice
from notifications.papers import pdf_of_notice
from notifications.queries import access_notice, list_notices, paper_of
from notifications.services import keep_cut, keep_refusal, keep_rejection
from portals.consumer.frame import Visitor, consumer_page, show
from portals.consumer.purchases.papers import reads_large


@consumer_page("GET")
def notices(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """List the consumer's notices, newest first."""
    found = [one for one in list_notices(visitor.consumer) if not isinstance(one.paper, Unreadable)]
    return show(request, visitor, "notices/notices", "limit", {"notices": [_line(one) for one in found]})


@consumer_page("GET")
def notice(request: HttpRequest, visitor: Visitor, notice_id: str) -> HttpResponse:
    """Show a notice word for word as it was sent, with its hash and by what it was written."""
    found = access_notice(notice_id, visitor.consumer)
    paper = paper_of(found)
    context = {"notice": _line(found) | {"seal": found.seal, "versions": found.versions}, "paper": paper, "blocks": paper.blocks}
    return show(request, visitor, "notices/notice", "limit", context)


@consumer_page("GET")
def pdf(_request: HttpRequest, visitor: Visitor, notice_id: str) -> HttpResponse:
    """Return a notice as a PDF, which always has the same bytes."""
    return _answer(access_notice(notice_id, visitor.consumer), visitor)


@consumer_page("GET")
def letter(request: HttpRequest, visitor: Visitor, letter_id: str) -> HttpResponse:
    """Show a letter that an operator sent, word for word."""
    found = access_letter(letter_id, visitor.consumer)
    context = {"letter": found.words, "at": found.sent_at, "brand_email": get_brand(visitor.consumer.brand_id).support_email}
    return show(request, visitor, "notices/letter", "home", context)


@consumer_page("GET")
def refusal_pdf(_request: HttpRequest, visitor: Visitor, decision_id: str) -> HttpResponse:
    """Return the notice of one of the consumer's own refusals as a PDF, by its decision."""
    decision = access_refusal(parse_id(Decision.PREFIX, decision_id), visitor.consumer)
    return _answer(keep_refusal(decision=decision, at=visitor.at), visitor)


@consumer_page("GET")
def cut_pdf(_request: HttpRequest, visitor: Visitor, notice: str) -> HttpResponse:
    """Return the notice of a lower limit of the consumer's as a PDF, by what lowered it."""
    return _answer(keep_cut(cut=get_cut(notice, visitor.consumer), at=visitor.at), visitor)


@consumer_page("GET")
def rejection_pdf(_request: HttpRequest, visitor: Visitor, order_id: str) -> HttpResponse:
    """Return the notice of the consumer's own order that people rejected as a PDF, by the order."""
    order = access_purchase(parse_id(Order.PREFIX, order_id), visitor.consumer)
    if order.status != OrderStatus.REJECTED:
        raise NotFound("There is no such refusal.")
    return _answer(keep_rejection(order=order, at=visitor.at), visitor)


def _answer(found: Notice, visitor: Visitor) -> HttpResponse:
    made, name = pdf_of_notice(found, visitor.consumer.market_id, large=reads_large(visitor))
    return HttpResponse(made, content_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _line(found: Notice) -> dict[str, Any]:
    return {
        "id": found.public_id,
        "title": paper_of(found).title,
        "at": found.at,
        "decided_at": found.decided_at,
        "by_people": found.by_people,
        "is_late": found.kind == "late_notice",
    }
