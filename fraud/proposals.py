"""The kind of proposals about fraud: list entries that affect many people (domains and wide ranges)."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controls.kinds import Kind, Values
from controls.queries import proposal_of
from core.dayfields import DayField, day_of
from core.errors import Invalid, NotFound, refuse
from core.moments import day_words
from fraud.facts import LISTS
from fraud.lists.services import UNTIL, WIDE, add_agreed
from fraud.lists.values import Value, typed_value, value_fault
from fraud.models import ListEntry
from fraud.states import Listed, ListKind


class WideEntry(Kind):
    """A domain or a wide range on a list, and its last day, as ISO date; the subject is `list:kind:value`."""

    name, about, title = WIDE, "list", gettext_lazy("Entry of a block or allow list")

    def subject_name(self, subject: str) -> str:
        """Return the value and its list."""
        listed, value = _parts(subject)
        return f"{value.shown}, {LISTS[listed]}"

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return the last day of the present entry; None if there is no entry."""
        listed, value = _parts(subject)
        found = ListEntry.objects.filter(listed=listed, key=value.key, ended_at=None).first()
        return {UNTIL: found.until.isoformat() if found else None}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse values that one person may list alone, domains of free mail providers, and anything but a last day."""
        listed, value = _parts(subject)
        if set(after) != {UNTIL} or starts_on is not None or not value.is_wide or day_of(after[UNTIL]) is None:
            raise Invalid("This cannot be changed here.")
        refuse({"text": value_fault(listed, value)})

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """List the value; return the entry's public id."""
        listed, value = _parts(subject)
        told: dict[str, Any] = {"reason": proposal_of(actor).reason, "until": day_of(after[UNTIL]), "actor": actor, "at": at}
        return add_agreed(listed=listed, kind=value.kind, text=value.shown, **told).public_id

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return the last day as a date."""
        return _("Last day"), day_words(date.fromisoformat(value)) if value else _("Not on the list")

    def form_fields(self, subject: str, after: Values) -> dict[str, forms.Field]:
        """Return the field of the last day."""
        return {UNTIL: DayField(label=_("Last day"), initial=after[UNTIL])}

    def link(self, subject: str) -> str:
        """Return the lists' page."""
        return reverse("admin:fraud_listentry_changelist")


def _parts(subject: str) -> tuple[Listed, Value]:
    listed, _sign, rest = subject.partition(":")
    kind, _sign, text = rest.partition(":")
    try:
        return Listed(listed), typed_value(ListKind(kind), text)
    except (ValueError, Invalid):
        raise NotFound("There is no such list.") from None
