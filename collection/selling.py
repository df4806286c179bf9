"""The kinds of proposals about debts that are sold: a sale, a return, and money of the buyer."""

import uuid
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from collection.contacting import kept_with_us
from collection.queries import name_of_plan, plan_of
from collection.services.receiving import tidy
from collection.services.selling import AMOUNT, BUYER, CAUSE, COUNT, FACE, LIST, PRICE, REFERENCE, check_return, values_of
from controls.errors import Changed
from controls.kinds import Kind, Values
from controls.queries import proposal_of
from core.errors import Invalid
from core.moments import amount_words
from core.sentences import Sentence
from plans import services as plans
from plans.models import SoldPlan
from plans.sale_guards import BUYER_PAID, RETURNED, SALE
from plans.sales import find_sold, get_sale
from plans.services.selling import LIST_CHANGED

MAY_PROPOSE, MAY_APPROVE = "plans.propose_debtsale", "plans.confirm_debtsale"
LONGEST_REFERENCE = 60


class Sold(Kind):
    """A list of debts to sell, with its sums in minor units and the hash of its plans and prices; `subject` is the sale's key."""

    name, about, title = SALE, "debtsale", gettext_lazy("Sale of debts")
    may_propose, may_approve = MAY_PROPOSE, MAY_APPROVE

    def subject_name(self, subject: str) -> str:
        """Return the sale's public id and its buyer."""
        return str(get_sale(subject))

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return that nothing is sold."""
        return {BUYER: "", COUNT: 0, FACE: 0, PRICE: 0, LIST: ""}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse anything but the list as it is; Changed if it is sold already, or if a person of it complained meanwhile."""
        sale = get_sale(subject)
        if starts_on is not None:
            raise Invalid("This cannot be changed here.")
        if sale.sold_at is not None or dict(after) != values_of(sale):
            raise Changed(LIST_CHANGED)
        if kept_with_us([one.plan_id for one in sale.plans.all()]):
            raise Changed(LIST_CHANGED)

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Sell the list; return the sale's public id."""
        return plans.sell(sale_id=uuid.UUID(subject), digest=after[LIST], proposal=proposal_of(actor), at=at).public_id

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return the buyer, how many plans, sums as money, and the beginning of the hash."""
        labels = {BUYER: _("Buyer"), COUNT: _("Plans"), FACE: _("Owed by people"), PRICE: _("Price"), LIST: _("List (hash)")}
        if name in {FACE, PRICE}:
            return labels[name], amount_words(value, get_sale(subject).currency)
        return labels[name], str(value)[:16] if name == LIST else str(value)

    def link(self, subject: str) -> str:
        """Return the URL of the sale's page."""
        return reverse("admin:plans_debtsale_change", args=[subject])


class Returned(Kind):
    """A sold debt that comes back for a price in minor units; `subject` is the plan's key."""

    name, about, title = RETURNED, "debtsale", gettext_lazy("Sold debt that comes back")
    may_propose, may_approve = MAY_PROPOSE, MAY_APPROVE

    def subject_name(self, subject: str) -> str:
        """Return the order's number at the shop, and the shop."""
        return name_of_plan(subject)

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return that it is sold."""
        return {CAUSE: "", PRICE: 0}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse a cause that is not in the list and a price that is not due; Conflict if it is not sold."""
        price = after.get(PRICE)
        if set(after) != {CAUSE, PRICE} or starts_on is not None or not isinstance(price, int) or isinstance(price, bool):
            raise Invalid("This cannot be changed here.")
        check_return(plan_of(subject).pk, after[CAUSE], price)

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Take it back; return the public id of its row in the sale."""
        told: dict[str, Any] = {"cause": after[CAUSE], "price_minor": after[PRICE], "proposal": proposal_of(actor)}
        return plans.take_back(plan_id=plan_of(subject).pk, **told, at=at).public_id

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return the cause in words, and the price as money."""
        if name == CAUSE:
            return _("Why"), str(dict(SoldPlan.CAUSES).get(value, _("Sold")))
        return _("Price that the buyer gets back"), amount_words(value, plan_of(subject).currency)

    def link(self, subject: str) -> str:
        """Return the URL of the sale's page; that of the charge-off once it is ours again."""
        one = find_sold(plan_of(subject).pk)
        return reverse("admin:plans_debtsale_change", args=[one.sale_id]) if one else reverse("admin:plans_chargeoff_plan", args=[subject])


class BuyerPaid(Kind):
    """Money between a buyer and us in minor units (to the buyer below zero), and what the bank calls it; `subject` is the sale's key."""

    name, about, title = BUYER_PAID, "debtsale", gettext_lazy("Money of a buyer of debts")
    may_propose, may_approve = MAY_PROPOSE, MAY_APPROVE

    def subject_name(self, subject: str) -> str:
        """Return the sale's public id and its buyer."""
        return str(get_sale(subject))

    def current(self, subject: str, after: Values, starts_on: date | None) -> dict[str, Any]:
        """Return that nothing is recorded."""
        return {AMOUNT: 0}

    def check(self, subject: str, after: Values, starts_on: date | None) -> None:
        """Refuse an amount of zero and a reference that says nothing."""
        amount, named = after.get(AMOUNT), after.get(REFERENCE)
        if set(after) != {AMOUNT, REFERENCE} or starts_on is not None or get_sale(subject).sold_at is None:
            raise Invalid("This cannot be changed here.")
        if not isinstance(amount, int) or isinstance(amount, bool) or not amount or abs(amount) >= 10**12:
            raise Invalid("Enter how much arrived.", fields={AMOUNT: Sentence("enter an amount above zero")})
        if not isinstance(named, str) or not named or len(named) > LONGEST_REFERENCE or named != tidy(named):
            raise Invalid("Write down what the bank calls the payment.", fields={REFERENCE: Sentence("write down what the bank calls it")})

    def carry_out(self, *, subject: str, after: Values, starts_on: date | None, actor: str, at: datetime) -> str:
        """Record it; return the payment's public id."""
        told: dict[str, Any] = {"amount_minor": after[AMOUNT], "bank_reference": after[REFERENCE], "proposal": proposal_of(actor)}
        return plans.record_buyer_payment(sale_id=uuid.UUID(subject), **told, at=at).public_id

    def words(self, subject: str, name: str, value: Any) -> tuple[str, str]:
        """Return the amount as money, and the bank's reference."""
        if name == AMOUNT:
            label = _("Sent to the buyer") if value < 0 else _("Received from the buyer")
            return label, amount_words(abs(value), get_sale(subject).currency)
        return _("What the bank calls it"), str(value)

    def link(self, subject: str) -> str:
        """Return the URL of the sale's page."""
        return reverse("admin:plans_debtsale_change", args=[subject])
