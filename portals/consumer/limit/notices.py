"""The notice of a refused application as a PDF."""

from django.http import HttpRequest, HttpResponse

from checkout.refusing import write_notice
from core.ids import parse_id
from credit.models import Decision
from credit.queries import access_refusal
from plans.documents.pdf import file_name, render
from portals.consumer.frame import Visitor, consumer_page
from portals.refusals import refusal_notice, rights_of


@consumer_page("GET")
def pdf(_request: HttpRequest, visitor: Visitor, decision_id: str) -> HttpResponse:
    """Return the notice of one of the consumer's own refusals, in the page's language; in one language it always has the same bytes."""
    consumer = visitor.consumer
    decision = access_refusal(parse_id(Decision.PREFIX, decision_id), consumer)
    paper = write_notice(decision, consumer, rights_of(consumer, refusal_notice(consumer, decision, decision.at)))
    made = render(paper, reference=decision.public_id, market=consumer.market_id)
    told = f'attachment; filename="{file_name(paper, decision.public_id)}"'
    return HttpResponse(made, content_type="application/pdf", headers={"Content-Disposition": told})
