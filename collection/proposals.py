"""The kind of proposals about plans that are long late: to give one up as lost."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collection import services
from collection.queries import name_of_plan, plan_of
from collection.services.giving_up import CAUSE, INTEREST, PRINCIPAL
from controls.errors import Changed
from controls.kinds import Kind, Values
from controls.queries import proposal_of
from core.errors import Invalid
from core.moments import amount_words
from core.sentences import Sentence
from plans.guards import GIVING_UP
from plans.models import ChargeOff
from plans.queries import installments_of
from plans.services.giving_up import SOMETHING_ELSE, Owed

CAUSES = dict(ChargeOff.CAUSES)


class GivingUp(Kind):
    """A plan to give up, with the cause and its open amounts in minor units; `subject` is the plan's key."""

    name, about, title = GIVING_UP, "chargeoff", gettext_lazy("Charge-off")
    may_propose, may_approve = "plans.propose_chargeoff", "plans.confirm_chargeoff"

    def subject_name(self, subject: str) -> str:
        """Return the order's number at the shop, and the shop."""
        return name_of_plan(subject)

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return the present values: nothing is given up."""
        return {PRINCIPAL: 0, INTEREST: 0}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse anything but a cause from the list and the present open amounts; Changed if these differ."""
        if set(after) != {CAUSE, PRINCIPAL, INTEREST} or starts_on is not None:
            raise Invalid("This cannot be changed here.")
        if after[CAUSE] not in CAUSES:
            raise Invalid("Choose why it is given up.", fields={CAUSE: Sentence("choose a reason")})
        if Owed.on(installments_of(plan_of(subject))) != _owed(after):
            raise Changed(SOMETHING_ELSE)

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Give the plan up; return the charge-off's public id."""
        told: dict[str, Any] = {"cause": after[CAUSE], "owed": _owed(after), "proposal": proposal_of(actor)}
        return services.charge_off(plan_id=plan_of(subject).pk, **told, at=at).public_id

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return the cause in words, and amounts as money."""
        if name == CAUSE:
            return _("Why"), str(CAUSES[value])
        label = _("Booked as a loss") if name == PRINCIPAL else _("Interest that was never earned, and is no loss")
        return label, amount_words(value, plan_of(subject).currency)

    def form_fields(self, subject: str, after: Values) -> dict[str, forms.Field]:
        """Return the field of the cause."""
        return {CAUSE: forms.ChoiceField(choices=ChargeOff.CAUSES, label=_("Why it is given up"), initial=after[CAUSE])}

    def link(self, subject: str) -> str:
        """Return the URL of the page with the plan's open amounts."""
        return reverse("admin:plans_chargeoff_plan", args=[subject])


def _owed(after: Values) -> Owed:
    return Owed(after[PRINCIPAL], after[INTEREST])
