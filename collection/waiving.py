"""The kind of proposals about fees of people: those of one payment, waived, where it is more than one operator may waive alone."""

from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collection.queries import name_of_plan, plan_of
from controls.errors import Changed
from controls.kinds import Kind, Values
from controls.queries import proposal_of
from core.errors import Invalid
from core.moments import amount_words
from plans import services as plans
from plans.fees import charged_minor
from plans.guards import AMOUNT, NUMBER, WAIVER


class FeesWaived(Kind):
    """The charged fees of a payment, by its number and their sum in minor units; `subject` is the plan's key."""

    name, about, title = WAIVER, "refund", gettext_lazy("Fees of a person, waived")

    def subject_name(self, subject: str) -> str:
        """Return the order's number at the shop, and the shop."""
        return name_of_plan(subject)

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return that nothing is waived."""
        return {AMOUNT: 0}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse anything but the sum of a payment's charged fees; Changed if it is another now."""
        if set(after) != {NUMBER, AMOUNT} or not all(type(value) is int for value in after.values()) or starts_on is not None:
            raise Invalid("This cannot be changed here.")
        found = charged_minor(plan_of(subject).pk, after[NUMBER])
        if not found or found != after[AMOUNT]:
            raise Changed("The fees of this payment are others by now.")

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Waive them; return the plan's public id."""
        plan, reason = plan_of(subject), proposal_of(actor).reason
        plans.waive_fees(plan_id=plan.pk, number=after[NUMBER], reason=reason, actor=actor, at=at)
        return plan.public_id

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return the sum as money, and the payment's number."""
        if name == AMOUNT:
            return _("Fees waived"), amount_words(value, plan_of(subject).currency)
        return _("Payment"), str(value)

    def link(self, subject: str) -> str:
        """Return the URL of the plan's page."""
        return reverse("admin:plans_plan_change", args=[subject])
