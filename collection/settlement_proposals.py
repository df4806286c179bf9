"""The kind of proposals about settlements: for less than one operator may agree on alone."""

from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collection.queries import name_of_plan, plan_of
from collection.services.settling import offer_agreed
from collection.settling import Terms, open_minor_of
from collection.settling_guards import AMOUNT, PARTS, SETTLING
from controls.kinds import Detail, Kind, Values
from controls.queries import proposal_of
from core.errors import Invalid
from core.moments import amount_words, day_words, percent_words
from plans.queries import installments_of
from plans.rules.split import round_half_up


class SettlingByTwo(Kind):
    """A settlement for less than one operator may agree on: what is paid, and in which parts; `subject` is the plan's key."""

    name, about, title = SETTLING, "settlement", gettext_lazy("Settlement of a debt for less")
    may_propose, may_approve = "collection.work_case", "collection.approve_settlement"

    def subject_name(self, subject: str) -> str:
        """Return the order's number at the shop, and the shop."""
        return name_of_plan(subject)

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return that nothing is agreed on."""
        return {}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse values that are no terms; what is open then is checked when it is proposed and when it is offered."""
        if set(after) != {AMOUNT, PARTS} or starts_on is not None:
            raise Invalid("This cannot be changed here.")
        try:
            terms = Terms.read(after[PARTS])
        except (TypeError, ValueError):
            raise Invalid("This cannot be changed here.") from None
        if terms.amount_minor != after[AMOUNT] or not terms.parts:
            raise Invalid("This cannot be changed here.")

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Offer it; return the settlement's public id."""
        return offer_agreed(plan_id=plan_of(subject).pk, terms=Terms.read(after[PARTS]), proposal=proposal_of(actor), at=at).public_id

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return the amount, and each part with its day."""
        currency = plan_of(subject).currency
        if name == AMOUNT:
            return _("Paid instead of what is open"), amount_words(value, currency)
        parts = (f"{day_words(day)}: {amount_words(minor, currency)}" for day, minor in Terms.read(value).parts)
        return _("Payments"), ", ".join(parts) or "–"

    def details(self, subject: str, before: Values, after: Values) -> list[Detail]:
        """Return what is open of the plan today, what is paid instead, and what falls away with that."""
        plan = plan_of(subject)
        whole, paid = open_minor_of(installments_of(plan)), after[AMOUNT]
        share = percent_words(round_half_up(Fraction(paid * 10_000, whole))) if whole else "–"
        row = [*(amount_words(minor, plan.currency) for minor in (whole, paid, max(whole - paid, 0))), share]
        heads = (_("Open today"), _("Paid instead"), _("Falls away"), _("Paid of what is open"))
        return [Detail(_("What is open, and what is paid"), heads, [row])]

    def link(self, subject: str) -> str:
        """Return the URL of the page on which it is settled."""
        return reverse("admin:collection_settle", args=[subject])
