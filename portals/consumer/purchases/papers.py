"""The documents of a purchase, as they were agreed to: as pages, and as PDF files."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.support import large_print_among
from checkout.models import Order
from checkout.papers import pdf_of
from checkout.queries import access_purchase
from core.clock import local_date
from core.errors import NotFound, NotOpened
from core.ids import parse_id
from core.unreadable import Unreadable
from plans.documents.reading import Paper, order_of
from plans.documents.texts import NAMES
from plans.documents.today import KIND as TODAY
from plans.documents.today import PlanOnDay, ShownFee, write_plan_on_day
from plans.fees import fees_on
from plans.hardship import papers_of_plan
from plans.models import Installment
from plans.queries import by_date, installments_of
from portals.consumer.frame import Visitor, consumer_page, show
from portals.orders import shown_order


@consumer_page("GET")
def paper(request: HttpRequest, visitor: Visitor, order_id: str, kind: str = "agreement") -> HttpResponse:
    """Show a document word for word as it was agreed to; for an agreement from before texts were stored, say so."""
    order, papers = _papers_of(visitor, order_id)
    if kind not in papers and kind != "agreement":
        raise NotFound("There is no such document.")
    found = papers.get(kind)
    others = [(other, NAMES[other]) for other in papers if other != kind]
    context = {"order": shown_order(order), "paper": found, "kind": kind, "blocks": found.blocks if found else [], "others": others}
    return show(request, visitor, "purchases/agreement", "purchases", context)


@consumer_page("GET")
def pdf(request: HttpRequest, visitor: Visitor, order_id: str, kind: str) -> HttpResponse:
    """Return a document as a PDF, which always has the same bytes in the same print."""
    order, papers = _papers_of(visitor, order_id)
    if kind == TODAY:
        return pdf_answer(order, _as_of_today(order, visitor), visitor)
    if kind not in papers:
        raise NotFound("There is no such document.")
    return pdf_answer(order, papers[kind], visitor)


def pdf_answer(order: Order, found: Paper, visitor: Visitor) -> HttpResponse:
    """Return a document as a file to download, in large print for who needs it."""
    made, name = pdf_of(order, found, large=reads_large(visitor))
    return HttpResponse(made, content_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'})


def reads_large(visitor: Visitor) -> bool:
    """Return whether a consumer needs large print."""
    return bool(large_print_among([visitor.consumer.pk], visitor.today))


def _papers_of(visitor: Visitor, order_id: str) -> tuple[Order, dict[str, Paper]]:
    order = access_purchase(parse_id(Order.PREFIX, order_id), visitor.consumer)
    if isinstance(order.plan.agreement, Unreadable):
        raise NotOpened(_("We have been told and look into it. Your agreement stands as you agreed to it."))
    return order, papers_of_plan(order.plan)


def _as_of_today(order: Order, visitor: Visitor) -> Paper:
    """Write how the payments of a purchase stand now, with the fees that came later; NotFound before there are any."""
    plan, rows = order.plan, by_date(installments_of(order.plan))
    if not rows:
        raise NotFound("There is no such document.")
    fees = sorted((one for found in fees_on(rows).values() for one in found if one.amount_minor), key=lambda one: (one.at, one.pk))
    told = PlanOnDay(
        day=visitor.today,
        locale=visitor.locale,
        lender=plan.agreement.get("lender") or {},
        borrower=visitor.consumer.name or visitor.consumer.public_id,
        order=order_of(plan.agreement, order.public_id),
        currency=order.currency,
        payments=[(row.due_date, row.paid_minor, row.open_minor if row.status in Installment.OPEN else 0) for row in rows],
        fees=[ShownFee(local_date(one.at, plan.time_zone), one.get_kind_display(), one.amount_minor, one.open_minor) for one in fees],
    )
    return write_plan_on_day(told, visitor.at)
