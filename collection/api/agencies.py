"""What an agency's programs read and report; `docs/concepts/debts.md` describes each call."""

from collections.abc import Iterable
from typing import Any, ClassVar, cast

from rest_framework.request import Request
from rest_framework.response import Response

from collection.agencies import lines_for, placed_by
from collection.agency_lines import COMPLAINTS, CONTACTS, PAYMENTS, REPORTS, Answered, Reported
from collection.api.authentication import AgencyKeyAuthentication, HasAgencyKey, caller
from collection.services import report_complaints, report_contacts, report_payments
from collection.services.conduct import answers_to
from core import clock
from core.api.pagination import paginate
from core.api.parsers import printable
from core.api.serializers import PageQuery, read_query
from core.api.views import ApiView
from core.clock import local_date
from core.errors import Invalid, refuse
from core.sentences import Sentence

MOST_LINES = 500
"""The most lines of one call."""


class AgencyView(ApiView):
    """A call of an agency; the reference that is served is for shops."""

    schema = None

    authentication_classes = (AgencyKeyAuthentication,)
    permission_classes = (HasAgencyKey,)


class Placements(AgencyView):
    """The debts of an agency."""

    def get(self, request: Request) -> Response:
        """List what the agency has and what was recalled from it, newest first, with the fields of its file."""
        query, agency, at = read_query(request, PageQuery), caller(request).agency, clock.now()
        placed = placed_by(agency, local_date(at, agency.market.time_zone))
        page = paginate(placed, cursor=query.get("cursor"), limit=query["limit"])
        return Response({"data": list(lines_for(agency, page.rows, at)), "next_cursor": page.next_cursor})


class Payments(AgencyView):
    """What people paid to an agency."""

    def post(self, request: Request) -> Response:
        """Take payments, each by itself; a reference that counts already is answered as repeated."""
        lines = [Reported(**row) for row in _lines(request, PAYMENTS)]
        who = caller(request)
        return _answer(report_payments(agency=who.agency, lines=lines, by=who.actor, at=clock.now()))


class _Conduct(AgencyView):
    """What an agency did, or was told."""

    under: ClassVar[str]
    service: ClassVar[Any]

    def post(self, request: Request) -> Response:
        """Take lines, each by itself; a reference that is known already is answered as repeated."""
        lines, who = _lines(request, self.under), caller(request)
        told = type(self).service(agency_id=who.agency.pk, lines=lines, told_by=who.actor, at=clock.now())
        return _answer(answers_to(lines, told))


class Contacts(_Conduct):
    """An agency's contacts with people."""

    under, service = CONTACTS, staticmethod(report_contacts)


class Complaints(_Conduct):
    """Complaints that people made to an agency."""

    under, service = COMPLAINTS, staticmethod(report_complaints)


def _lines(request: Request, under: str) -> list[dict[str, Any]]:
    """Return the list of lines in a body; Invalid names what is no line, and each name that is no field.

    What a line says is checked by whoever takes it, so that a wrong line stops no other.
    """
    body = cast("dict[str, Any]", request.data)
    refuse({printable(name): Sentence("is not a field of this call") for name in body if name != under})
    listed = body.get(under)
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST_LINES:
        why = Sentence("must be a list of 1 to %(most)s lines", most=MOST_LINES)
        raise Invalid("Send a list of lines.", fields={under: why})
    faults: dict[str, str] = {}
    for number, row in enumerate(listed):
        if not isinstance(row, dict):
            faults[f"{under}[{number}]"] = Sentence("must be an object")
            continue
        for name, value in row.items():
            if name not in REPORTS[under]:
                faults[f"{under}[{number}].{printable(name)}"] = Sentence("is not a field of this call")
            elif isinstance(value, dict | list):
                faults[f"{under}[{number}].{name}"] = Sentence("must be a text or a number")
    refuse(faults)
    return listed


def _answer(answers: Iterable[Answered]) -> Response:
    return Response({"lines": [one.as_row() for one in answers]})
