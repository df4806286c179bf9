"""The kind of proposals about money that an agency sent to our bank account, or that we sent it."""

import uuid
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collection.agency_guards import REMITTED
from collection.services.remitting import (
    AMOUNT,
    COUNT,
    LIST,
    RECEIVED_ON,
    REFERENCE,
    enter_remittance,
    get_remittance,
    values_of,
)
from controls.errors import Changed
from controls.kinds import Kind, Values
from controls.queries import proposal_of
from core.errors import Invalid
from core.moments import amount_words, day_words


class AgencyRemitted(Kind):
    """Money of an agency in minor units (to it below zero), what the bank calls it, its day, and its list; `subject` is its own key."""

    name, about, title = REMITTED, "agency", gettext_lazy("Money of an agency")
    may_propose, may_approve = "collection.manage_agency", "collection.confirm_agencymoney"

    def subject_name(self, subject: str) -> str:
        """Return its public id and the agency."""
        return str(get_remittance(subject))

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return that nothing is entered."""
        return {AMOUNT: 0, COUNT: 0, LIST: ""}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse anything but the money and the list as they are; Changed if it is entered already."""
        row = get_remittance(subject)
        if starts_on is not None:
            raise Invalid("This cannot be changed here.")
        if row.entered_at is not None or dict(after) != values_of(row):
            raise Changed("This is entered already.")

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Enter it; return its public id."""
        return enter_remittance(remittance_id=uuid.UUID(subject), proposal=proposal_of(actor), at=at).public_id

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return the amount as money, the day, the bank's reference, how many lines, and the beginning of the hash."""
        if name == AMOUNT:
            label = _("Sent to the agency") if value < 0 else _("Received from the agency")
            return label, amount_words(abs(value), get_remittance(subject).agency.market.currency)
        if name == RECEIVED_ON:
            return _("Received or sent on"), day_words(date.fromisoformat(value))
        labels = {REFERENCE: _("What the bank calls it"), COUNT: _("Lines of the list"), LIST: _("List (hash)")}
        return labels[name], str(value)[:16] if name == LIST else str(value)

    def link(self, subject: str) -> str:
        """Return the URL of the page of its agency's money."""
        return reverse("admin:collection_agency_money", args=[get_remittance(subject).agency_id])
