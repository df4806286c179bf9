"""The kinds of proposals about settlements, of one plan and of several: for less than one operator may agree on alone."""

import uuid
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collection.joint import FEWEST, divide
from collection.queries import name_of_plan, plan_of
from collection.services.settling import offer_agreed
from collection.services.settling_together import offer_agreed_together
from collection.settling import Terms, open_minor_of
from collection.settling_guards import AMOUNT, PARTS, PLANS, SETTLING, SETTLING_ALL
from controls.kinds import Detail, Kind, Values
from controls.queries import proposal_of
from core.errors import Invalid
from core.moments import amount_words, day_words, percent_words
from plans.queries import installments_of, list_installments
from plans.rules.split import round_half_up


class SettlingByTwo(Kind):
    """A settlement for less than one operator may agree on: what is paid, and in which parts; `subject` is the plan's key."""

    name, about, title = SETTLING, "settlement", gettext_lazy("Settlement of a debt for less")
    names = frozenset({AMOUNT, PARTS})
    may_propose, may_approve = "collection.work_case", "collection.approve_settlement"

    def subject_name(self, subject: str) -> str:
        """Return the order's number at the shop, and the shop."""
        return name_of_plan(subject)

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return that nothing is agreed on."""
        return {}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse values that are no terms; what is open then is checked when it is proposed and when it is offered."""
        if set(after) != self.names or starts_on is not None:
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
        whole, paid = open_minor_of(installments_of(plan_of(subject))), after[AMOUNT]
        return [_compared(whole, paid, plan_of(subject).currency)]

    def link(self, subject: str) -> str:
        """Return the URL of the page on which it is settled."""
        return reverse("admin:collection_settle", args=[subject])


def _compared(whole: int, paid: int, currency: str) -> Detail:
    share = percent_words(round_half_up(Fraction(paid * 10_000, whole))) if whole else "–"
    row = [*(amount_words(minor, currency) for minor in (whole, paid, max(whole - paid, 0))), share]
    heads = (_("Open today"), _("Paid instead"), _("Falls away"), _("Paid of what is open"))
    return Detail(_("What is open, and what is paid"), heads, [row])


class SettlingAllByTwo(SettlingByTwo):
    """A settlement of several plans by one offer: what is paid, in which parts, of which plans; `subject` is the lowest of their keys."""

    name, about, title = SETTLING_ALL, "settlement", gettext_lazy("Settlement of several debts for less")
    names = frozenset({AMOUNT, PARTS, PLANS})

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse values that are no terms, or that do not name two plans or more, the subject first."""
        super().check(subject, after, starts_on)
        keys = after[PLANS]
        if not isinstance(keys, list) or len(keys) < FEWEST or keys != sorted(set(keys)) or keys[0] != subject:
            raise Invalid("This cannot be changed here.")

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Offer it; return the offer's public id."""
        keys = [uuid.UUID(key) for key in after[PLANS]]
        terms, proposal = Terms.read(after[PARTS]), proposal_of(actor)
        return offer_agreed_together(plan_ids=keys, terms=terms, proposal=proposal, at=at).public_id

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return the amount, each part with its day, and the orders."""
        if name == PLANS:
            return _("Purchases"), "; ".join(name_of_plan(key) for key in value)
        return super().words(subject, name, value)

    def details(self, subject: str, before: Values, after: Values) -> list[Detail]:
        """Return what is open of all plans today, what is paid instead, and what falls away with that; and the part of each."""
        rows = list_installments([uuid.UUID(key) for key in after[PLANS]])
        opened = {str(key): open_minor_of(mine) for key, mine in rows.items()}
        currency, whole = plan_of(subject).currency, sum(opened.values())
        parts = divide(after[AMOUNT], list(opened.values())) if whole else [0 for _key in opened]
        lines = [
            [name_of_plan(key), amount_words(minor, currency), amount_words(part, currency)]
            for (key, minor), part in zip(opened.items(), parts, strict=True)
        ]
        heads = (_("Purchase"), _("Open today"), _("Paid instead"))
        return [_compared(whole, after[AMOUNT], currency), Detail(_("Each purchase's part"), heads, lines)]

    def link(self, subject: str) -> str:
        """Return the URL of the page on which they are settled."""
        return reverse("admin:collection_settle_all", args=[subject])
