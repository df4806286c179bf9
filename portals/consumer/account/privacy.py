"""The privacy centre: what is kept and why, the copy of it, and the person's rights with the state of each request."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from accounts.desk import looks_to_tell
from accounts.models import ConsumerRequest
from accounts.queries import list_requests, offers_request
from portals.consumer.account.kept import list_kept
from portals.consumer.frame import Visitor, consumer_page, show
from portals.consumer.requests.page import TITLES, Asked, rows_of

RIGHTS = ("copy", "correction", "restriction", "objection", "no_sale", "limit_use", "review", "closure")
LOOKS = 8
"""How many looks at a person's data the page tells; the copy has all."""


@dataclass(frozen=True, slots=True)
class Right:
    """A right: its kind of request, its title, and the newest request of it, if there is one."""

    kind: str
    title: str
    asked: Asked | None


@consumer_page("GET")
def privacy(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show what is kept of the person, why and until when, their rights, and who looked at it lately."""
    newest: dict[str, ConsumerRequest] = {}
    for one in list_requests(visitor.consumer):
        newest.setdefault(one.kind, one)
    shown = [kind for kind in RIGHTS if kind in newest or offers_request(visitor.consumer, kind, visitor.today)]
    rights = [
        Right(kind, str(TITLES[kind]), next(iter(rows_of([newest[kind]], visitor)), None) if kind in newest else None) for kind in shown
    ]
    looks = [(one.get_page_display(), one.at) for one in looks_to_tell(visitor.consumer).reverse()[:LOOKS]]
    return show(request, visitor, "account/privacy", "profile", {"kept": list_kept(visitor), "rights": rights, "looks": looks})
