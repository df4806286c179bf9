"""The notices of a refused application, and of a lower limit, as PDFs."""

from django.http import HttpRequest, HttpResponse

from checkout.refusing import write_cut, write_notice
from core.ids import parse_id
from credit.cuts import get_cut
from credit.models import Decision
from credit.queries import access_refusal
from plans.documents.pdf import file_name, render
from plans.documents.reading import Paper
from portals.consumer.frame import Visitor, consumer_page
from portals.refusals import cut_notice, refusal_notice, rights_of


@consumer_page("GET")
def pdf(_request: HttpRequest, visitor: Visitor, decision_id: str) -> HttpResponse:
    """Return the notice of one of the consumer's own refusals, in the page's language; in one language it always has the same bytes."""
    consumer = visitor.consumer
    decision = access_refusal(parse_id(Decision.PREFIX, decision_id), consumer)
    paper = write_notice(decision, consumer, rights_of(consumer, refusal_notice(consumer, decision, decision.at)))
    return _sent(paper, decision.public_id, visitor)


@consumer_page("GET")
def cut_pdf(_request: HttpRequest, visitor: Visitor, notice: str) -> HttpResponse:
    """Return the notice of a lower limit of the consumer's, like `pdf`."""
    cut = get_cut(notice, visitor.consumer)
    return _sent(write_cut(cut, rights_of(visitor.consumer, cut_notice(cut))), cut.public_id, visitor)


def _sent(paper: Paper, reference: str, visitor: Visitor) -> HttpResponse:
    made = render(paper, reference=reference, market=visitor.consumer.market_id)
    told = f'attachment; filename="{file_name(paper, reference)}"'
    return HttpResponse(made, content_type="application/pdf", headers={"Content-Disposition": told})
