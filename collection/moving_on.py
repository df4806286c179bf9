"""The kind of proposals by which collecting goes on for a person who was noted as deceased or insolvent."""

import uuid
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.queries import public_id_of
from collection.services.cases import WAS
from controls.errors import Changed
from controls.kinds import Kind, Values
from controls.queries import proposal_of
from core.errors import Invalid, NotFound
from plans import services as plans
from plans.guards import MOVES_ON
from plans.models import Standstill
from plans.standstill import find_standstill


class MovesOn(Kind):
    """What was noted of a person (`was`, a kind of `Standstill`) is taken back; `subject` is the key of their first account."""

    name, about, title = MOVES_ON, "standstill", gettext_lazy("Collecting goes on")
    may_propose, may_approve = "plans.propose_standstill", "plans.confirm_standstill"

    def subject_name(self, subject: str) -> str:
        """Return the person's public id."""
        return public_id_of(_key(subject))

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return what is noted now."""
        return {WAS: _noted(subject)}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse anything but that nothing is noted; Changed if nothing is noted already."""
        if after != {WAS: ""} or starts_on is not None:
            raise Invalid("This cannot be changed here.")
        if not _noted(subject):
            raise Changed("Nothing of this kind is noted any more.")

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Let collecting go on; return the person's public id."""
        plans.move_on(person=_key(subject), proposal=proposal_of(actor).pk, at=at)
        return self.subject_name(subject)

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return what is noted, in words."""
        return _("Noted of the person"), str(dict(Standstill.KINDS)[value]) if value else _("Nothing")

    def link(self, subject: str) -> str:
        """Return the URL of the person's page."""
        return reverse("admin:accounts_consumer_change", args=[subject])


def _key(subject: str) -> uuid.UUID:
    try:
        return uuid.UUID(subject)
    except ValueError:
        raise NotFound("There is no such person.") from None


def _noted(subject: str) -> str:
    found = find_standstill(_key(subject))
    return found.kind if found else ""
