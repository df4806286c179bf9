"""The kind of proposals by which an agency that was stopped for its conduct gets debts again."""

import uuid
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collection.agency_conduct_guards import RESTARTS
from collection.conduct import find_hold
from collection.models import Agency
from collection.services.conduct import GOES_ON, STOPPED, restart_agency
from controls.errors import Changed
from controls.kinds import Kind, Values
from controls.queries import proposal_of
from core.errors import Invalid, NotFound


class Restarts(Kind):
    """An agency that was stopped for its conduct gets debts again; `subject` is its key."""

    name, about, title = RESTARTS, "standstill", gettext_lazy("An agency gets debts again")
    may_propose, may_approve = "collection.manage_agency", "collection.restart_agency"

    def subject_name(self, subject: str) -> str:
        """Return the agency's name."""
        return _agency(subject).name

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return whether it is stopped."""
        return {STOPPED: find_hold(_agency(subject)) is not None}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse anything but that it is not stopped; Changed if it is not stopped already."""
        if after != {STOPPED: False} or starts_on is not None:
            raise Invalid("This cannot be changed here.")
        if find_hold(_agency(subject)) is None:
            raise Changed(GOES_ON)

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Let it go on; return its public id."""
        agency = _agency(subject)
        restart_agency(agency_id=agency.pk, proposal=proposal_of(actor).pk, at=at)
        return agency.public_id

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return whether it gets debts, in words."""
        return _("Gets debts"), _("No: it broke the code") if value else _("Yes")

    def link(self, subject: str) -> str:
        """Return the URL of the agency's page."""
        return reverse("admin:collection_agency_change", args=[subject])


def _agency(subject: str) -> Agency:
    try:
        found = Agency.objects.select_related("market").filter(pk=uuid.UUID(subject)).first()
    except ValueError:
        found = None
    if found is None:
        raise NotFound("There is no such agency.")
    return found
