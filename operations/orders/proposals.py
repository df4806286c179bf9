"""The kind of proposals by which a plan's payments are laid out anew where it is more than one operator may do alone."""

from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collection.queries import name_of_plan, plan_of
from controls.errors import Changed
from controls.kinds import Detail, Kind, Values
from controls.queries import proposal_of
from core import clock
from core.clock import local_date
from core.errors import Invalid
from core.moments import amount_words, day_words, percent_words
from core.sentences import translated
from plans import services as plans
from plans.guards import AMOUNT, REARRANGING
from plans.queries import get_plan, installments_of
from plans.rearranging import REFUSED, Wanted, layouts_of, open_principal, payments_of, why_not
from plans.restructuring import REFUSED as NOT_OFFERED
from plans.restructuring import offer_refused
from plans.rules.rearranging import RE_AGED, REAMORTIZED, RESTRUCTURED
from plans.texts import REARRANGED

KIND = "kind"
COUNT, RATE = "count", "rate_bps"
BY_OPERATORS = (RE_AGED, REAMORTIZED)


class Rearranging(Kind):
    """How a plan is laid out anew, and its open principal in minor units; `subject` is the plan's key."""

    name, about, title = REARRANGING, "refund", gettext_lazy("Payments laid out anew")

    def subject_name(self, subject: str) -> str:
        """Return the order's number at the shop, and the shop."""
        return name_of_plan(subject)

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return that nothing is laid out anew."""
        return {}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse what may not be done; Changed if another amount is open now."""
        offers = after.get(KIND) == RESTRUCTURED and all(type(after.get(name)) is int for name in (COUNT, RATE))
        known = {KIND, AMOUNT, COUNT, RATE} if offers else {KIND, AMOUNT}
        if set(after) != known or not (offers or after[KIND] in BY_OPERATORS) or starts_on is not None:
            raise Invalid("This cannot be changed here.")
        plan = get_plan(plan_of(subject).pk)
        rows = installments_of(plan)
        if open_principal(rows) != after[AMOUNT]:
            raise Changed("What is open of this plan is another amount by now.")
        if why := why_not(plan, rows, after[KIND], clock.now()):
            raise Invalid(translated(REFUSED[why]))
        if offers and (why := offer_refused(plan, rows, _wanted(after), clock.now())):
            raise Invalid(translated(NOT_OFFERED[why]))

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Lay its payments out anew; return the plan's public id."""
        plan = plan_of(subject)
        told: dict[str, Any] = {"plan_id": plan.pk, "reason": proposal_of(actor).reason, "actor": actor, "at": at}
        if after[KIND] == RESTRUCTURED:
            plans.offer_restructure(count=after[COUNT], rate_bps=after[RATE], **told)
        else:
            plans.rearrange(kind=after[KIND], **told)
        return plan.public_id

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return what is done, and the open principal as money."""
        if name == KIND:
            return _("What is done"), str(REARRANGED["restructure_offered" if value == RESTRUCTURED else value])
        if name == COUNT:
            return _("Payments to come"), str(value)
        if name == RATE:
            return _("Interest a year"), percent_words(value)
        return _("Open of the price"), amount_words(value, plan_of(subject).currency)

    def details(self, subject: str, before: Values, after: Values) -> list[Detail]:
        """Return the payments that it would make today, by date."""
        plan = get_plan(plan_of(subject).pk)
        rows = installments_of(plan)
        if why_not(plan, rows, after[KIND], clock.now()):
            return []
        layouts = layouts_of(plan, rows, _wanted(after), local_date(clock.now(), plan.time_zone))
        shown = [
            (day_words(day), amount_words(principal + interest, plan.currency), amount_words(interest, plan.currency))
            for day, principal, interest in payments_of(layouts)
        ]
        return [Detail(_("Payments if it were done today"), (_("Day"), _("Amount"), _("Interest")), shown)]

    def link(self, subject: str) -> str:
        """Return the URL of the plan's page."""
        return reverse("admin:plans_plan_change", args=[subject])


def _wanted(after: Values) -> Wanted:
    return Wanted(after[KIND], after.get(COUNT), after.get(RATE))
