"""The kind of proposals about relief: more than one operator may offer a person in hardship alone."""

import uuid
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collection.queries import name_of_plan, plan_of
from controls.kinds import Kind, Values
from core.errors import Invalid
from plans import services as plans
from plans.hardship import Answers
from plans.models import Hardship

RELIEF = "plans.relief_offered"
KIND, NUMBER, BUDGET, REASON, LASTS = "kind", "number", "budget", "reason", "lasts"
"""What is offered, the budget that it rests on (its key), and why and for how long the person cannot pay, as in `Hardship`."""


class ReliefByTwo(Kind):
    """A long pause, or many smaller payments, offered to a person; `subject` is the plan's key. What they earn is not in the proposal."""

    name, about, title = RELIEF, "refund", gettext_lazy("Relief for a person who cannot pay")

    def subject_name(self, subject: str) -> str:
        """Return the order's number at the shop, and the shop."""
        return name_of_plan(subject)

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return that nothing is offered."""
        return {NUMBER: 0}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse values that are no relief; what the market's rules allow is checked when it is proposed and when it is offered."""
        if set(after) != {KIND, NUMBER, BUDGET, REASON, LASTS} or type(after[NUMBER]) is not int or starts_on is not None:
            raise Invalid("This cannot be changed here.")
        known = {KIND: Hardship.KINDS, REASON: Hardship.REASONS, LASTS: Hardship.LASTS}
        if any(after[name] not in dict(choices) for name, choices in known.items()):
            raise Invalid("This cannot be changed here.")

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Offer it; return the offer's public id."""
        answers = Answers(after[REASON], after[LASTS], can_pay=True)
        told: dict[str, Any] = {"kind": after[KIND], "number": after[NUMBER], "answers": answers, "actor": actor, "at": at}
        return plans.offer_relief(plan_id=plan_of(subject).pk, budget_id=uuid.UUID(after[BUDGET]), by_two=True, **told).public_id

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return what is offered, in words; the budget has a page of its own."""
        choices: dict[str, tuple[str, dict[str, Any]]] = {
            KIND: (_("What is offered"), dict(Hardship.KINDS)),
            REASON: (_("Why the person cannot pay"), dict(Hardship.REASONS)),
            LASTS: (_("How long it lasts"), dict(Hardship.LASTS)),
        }
        if name in choices:
            title, known = choices[name]
            return title, str(known.get(value, value))
        return ("", "") if name == BUDGET else (_("Days or payments"), str(value))

    def link(self, subject: str) -> str:
        """Return the URL of the page on which relief is offered."""
        return reverse("admin:collection_relief", args=[subject])
