"""The kinds of proposals about money that a person sent to our bank account for a plan: recorded, and undone."""

from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collection.queries import name_of_plan, plan_of
from collection.services.receiving import AMOUNT, RECEIVED_ON, REFERENCE, WHICH, tidy
from controls.errors import Changed
from controls.kinds import Kind, Values
from controls.queries import proposal_of
from core.errors import Conflict, Invalid
from core.moments import amount_words, day_words
from core.sentences import Sentence, status_word
from plans import services as plans
from plans.guards import RECEIPT, RECEIPT_UNDONE
from plans.models import Receipt
from plans.queries import find_receipt, find_receipt_of
from plans.states import PLAN_OWED

LONGEST_REFERENCE = 60
MOST_MINOR = 10**12


class MoneyReceived(Kind):
    """Money on our bank account: its amount in minor units, what the bank calls it, and its day; `subject` is the plan's key."""

    name, about, title = RECEIPT, "movement", gettext_lazy("Money received at the bank")

    def subject_name(self, subject: str) -> str:
        """Return the order's number at the shop, and the shop."""
        return name_of_plan(subject)

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return that nothing is recorded."""
        return {AMOUNT: 0}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse an amount that is not positive, and a reference that says nothing; Conflict if it cannot be recorded."""
        if set(after) != {AMOUNT, REFERENCE, RECEIVED_ON} or starts_on is not None:
            raise Invalid("This cannot be changed here.")
        amount, named, plan = after[AMOUNT], after[REFERENCE], plan_of(subject)
        if not isinstance(amount, int) or isinstance(amount, bool) or not 0 < amount < MOST_MINOR:
            raise Invalid("Enter how much arrived.", fields={AMOUNT: Sentence("enter an amount above zero")})
        if not isinstance(named, str) or not named or len(named) > LONGEST_REFERENCE or named != tidy(named):
            raise Invalid("Write down what the bank calls the payment.", fields={REFERENCE: Sentence("write down what the bank calls it")})
        _day(after[RECEIVED_ON])
        if plan.status not in PLAN_OWED:
            raise Conflict(Sentence("This plan is %(status)s.", status=status_word(plan.status)), code="plans.not_owed")
        if find_receipt(named):
            raise Changed("The bank's payment of this name is recorded already.")

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Record it; return the receipt's public id."""
        arrived = plans.Arrived(after[AMOUNT], after[REFERENCE], _day(after[RECEIVED_ON]))
        plan = plan_of(subject)
        return plans.record_receipt(plan_id=plan.pk, arrived=arrived, proposal=proposal_of(actor), at=at).public_id

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return the amount as money, the day, and the bank's reference."""
        if name == AMOUNT:
            return _("Received"), amount_words(value, plan_of(subject).currency)
        if name == RECEIVED_ON:
            return _("On"), day_words(_day(value))
        return _("What the bank calls it"), str(value)

    def link(self, subject: str) -> str:
        """Return the URL of the plan's page."""
        return reverse("admin:plans_chargeoff_plan", args=[subject])


class ReceiptUndone(Kind):
    """Money that was recorded wrongly and is undone; `receipt` is its key, `subject` the plan's key."""

    name, about, title = RECEIPT_UNDONE, "movement", gettext_lazy("Wrong entry of money from the bank")

    def subject_name(self, subject: str) -> str:
        """Return the order's number at the shop, and the shop."""
        return name_of_plan(subject)

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return nothing: the entry stands."""
        return {WHICH: None}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse anything but an entry of this plan; Conflict if it is undone already."""
        if set(after) != {WHICH} or starts_on is not None:
            raise Invalid("This cannot be changed here.")
        if _receipt(subject, after[WHICH]).undone_at is not None:
            raise Conflict("This is undone already.", code="plans.receipt_undone")

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Undo it; return the receipt's public id."""
        receipt = _receipt(subject, after[WHICH])
        return plans.undo_receipt(receipt_id=receipt.pk, proposal=proposal_of(actor), at=at).public_id

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return the amount, the day and the bank's reference of the entry."""
        label = _("Entry that is taken back")
        return (label, receipt_words(_receipt(subject, value))) if value else (label, _("None"))

    def link(self, subject: str) -> str:
        """Return the URL of the plan's page."""
        return reverse("admin:plans_chargeoff_plan", args=[subject])


def receipt_words(receipt: Receipt) -> str:
    """Name an entry of money from the bank for operators."""
    facts = {"amount": amount_words(receipt.charge.amount_minor, receipt.charge.currency), "day": day_words(receipt.received_on)}
    return _("%(amount)s on %(day)s, at the bank %(reference)s") % (facts | {"reference": receipt.bank_reference})


def _receipt(subject: str, key: object) -> Receipt:
    found = find_receipt_of(plan_of(subject).pk, key)
    if found is None:
        raise Invalid("There is no such entry.")
    return found


def _day(told: object) -> date:
    try:
        return date.fromisoformat(str(told))
    except ValueError:
        raise Invalid("Enter the day on which it arrived.", fields={RECEIVED_ON: Sentence("enter a date")}) from None
