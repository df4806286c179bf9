"""Breaks in words for operators: what happened, whom it is about, and what can be done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.urls import NoReverseMatch, reverse

from accounts.models import Consumer, User
from checkout.models import Checkout, Order
from core.ids import parse_id
from core.money import Money
from merchants.models import Settlement
from payments.models import Break, Charge, Dispute, Movement, Refund, Transfer
from payments.queries import find_dispute, find_movement, find_transfer, is_unpaid
from payments.states import MOVEMENT_UNDONE, BreakStatus, DisputeStatus, TransferStatus


@dataclass(frozen=True, slots=True)
class About:
    """The subject of a break: its name, its row (an order, a checkout, a settlement), and the person, if there is one."""

    name: str
    row: Model | None = None
    person: Consumer | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """A break as operators see it."""

    row: Break
    amount: str
    about: About

    @property
    def person(self) -> str:
        """The name of the person that it is about, as far as it is known."""
        return self.about.person.name if self.about.person else ""


@dataclass(frozen=True, slots=True)
class Case(Matter):
    """A break with everything that its page shows."""

    movement: Movement | Dispute | None
    what: str
    advice: str
    can_resend: bool
    can_resume: bool
    closed_by: str
    owed: bool = False
    transfer: Transfer | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody has to close it yet."""
        return bool(self.row.status == BreakStatus.OPEN)

    @property
    def is_to_be_paid(self) -> bool:
        """Whether its bank transfer waits for an operator who pays it."""
        return self.transfer is not None and self.transfer.status == TransferStatus.WANTED

    @property
    def link(self) -> str:
        """The address of the movement's back-office page; empty if it has none."""
        return page_of(self.movement)

    @property
    def about_link(self) -> str:
        """The address of the subject's back-office page; empty if it has none."""
        return page_of(self.about.row)


def list_matters(found: Sequence[Break]) -> list[Matter]:
    """Return breaks with the people that they are about; at most three statements for any number of breaks."""
    about = _about(row.reference for row in found)
    return [Matter(row, _amount(row), about.get(row.reference, About(row.reference))) for row in found]


def get_case(row: Break) -> Case:
    """Return a break with everything that its page shows."""
    movement = find_movement(row.subject) or find_dispute(row.subject)
    matter = list_matters([row])[0]
    what, advice = _words(row, movement)
    owed = isinstance(movement, Refund) and row.kind == "refund_failed"
    return Case(
        row,
        matter.amount,
        matter.about,
        movement,
        what,
        advice,
        _can_resend(row, movement),
        _can_resume(movement),
        operator_name(row.closed_by),
        owed=owed and movement is not None and is_unpaid(movement.id),
        transfer=find_transfer(movement.id) if owed and movement is not None else None,
    )


def page_of(row: Model | None) -> str:
    """Return the address of a row's back-office page; empty if it has none."""
    if row is None:
        return ""
    try:
        return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    except NoReverseMatch:
        return ""


def operator_name(key: str) -> str:
    """Return the name of the operator with a key; that it came by itself, if there is none."""
    try:
        user = User.objects.filter(pk=key).first()
    except (ValidationError, ValueError):
        user = None
    return str(user) if user is not None else "By itself"


def _amount(row: Break) -> str:
    return Money(row.amount_minor, row.currency).text()


def _about(references: Iterable[str]) -> dict[str, About]:
    """Return the subjects of references; plans are named by their orders."""
    by_kind: dict[str, list[Any]] = {"pln": [], "chk": [], "set": []}
    for reference in set(references):
        prefix = reference.partition("_")[0]
        if prefix in by_kind:
            by_kind[prefix].append(parse_id(prefix, reference))
    found: dict[str, About] = {}
    if by_kind["pln"]:
        for order in Order.objects.filter(plan_id__in=by_kind["pln"]).select_related("merchant", "consumer", "plan"):
            found[order.plan.public_id] = About(f"Order {order.merchant_reference}, {order.merchant.name}", order, order.consumer)
    if by_kind["chk"]:
        for checkout in Checkout.objects.filter(id__in=by_kind["chk"]).select_related("merchant", "consumer"):
            name = f"Checkout {checkout.merchant_reference}, {checkout.merchant.name}"
            found[checkout.public_id] = About(name, checkout, checkout.consumer)
    if by_kind["set"]:
        for statement in Settlement.objects.filter(id__in=by_kind["set"]).select_related("merchant"):
            found[statement.public_id] = About(f"Settlement of {statement.date:%b %-d, %Y}, {statement.merchant.name}", statement)
    return found


def _words(row: Break, movement: Movement | Dispute | None) -> tuple[str, str]:
    """Return what happened, and what to do about it."""
    amount, why = _amount(row), row.detail.get("failure", "")
    because = f" The bank says: {why.replace('_', ' ')}." if why else ""
    if row.kind == "refund_failed":
        card = f"{movement.payment_method or movement.charge.payment_method}" if isinstance(movement, Refund) else "the card"
        return (
            f"{amount} was to go back to {card} and did not arrive.{because} The person is owed it, and is asked where it shall go.",
            "It stands here until it is paid: to the card again, to another one that the person chooses, or by bank transfer.",
        )
    if row.kind == "payout_failed":
        return (
            f"{amount} was paid out and the shop's bank gave it back.{because} The shop is owed it again, and is told. Nothing goes there.",
            "Ask the shop for the right account: the next statement pays all of it. Close this where the account takes payouts again.",
        )
    if row.kind in {"charge_reversed", "pull_late"} and isinstance(movement, Charge):
        return _words_of_charge(row, movement, because)
    if isinstance(movement, Dispute):
        return _words_of_dispute(movement, amount)
    if movement is not None and movement.status in MOVEMENT_UNDONE and row.detail.get("answered_minor") == row.amount_minor:
        return (
            f"{amount} counts as not moved here, and what follows from that was done; the gateway says now that it was moved.",
            "Look at the gateway whether it was moved twice, and set it right there.",
        )
    answered, currency = row.detail.get("answered_minor"), row.detail.get("answered_currency") or row.currency
    said = f"says that it moved {Money(answered, currency).text()}" if isinstance(answered, int) else "does not say how much it moved"
    return (
        f"{row.gateway.capitalize()} was asked to move {amount}, and {said}. It does not count as done, and is looked up again.",
        f"Look for {row.detail.get('ref') or row.subject} at the gateway, set it right there, and write down what you found.",
    )


def _words_of_charge(row: Break, charge: Charge, because: str) -> tuple[str, str]:
    amount, method = _amount(row), charge.payment_method
    if row.kind == "pull_late":
        return (
            f"{amount} is on its way from {method} for more than three weeks. Nothing else is taken for it meanwhile.",
            "Ask the gateway what became of it. It is looked up every six hours, and this closes by itself when it has ended.",
        )
    return (
        f"{amount} had been paid from {method}, and its bank took it back.{because} The person owes it again.",
        "It is tried again by itself, or the person is asked for another way to pay. Close it; look closer where it happens again.",
    )


def _words_of_dispute(dispute: Dispute, amount: str) -> tuple[str, str]:
    card, reason = dispute.charge.payment_method, dispute.reason.replace("_", " ")
    if dispute.status == DisputeStatus.OPEN:
        stopped = "Nothing more of this plan is taken until the bank has decided."
        return (
            f"The holder of {card} disputes {amount} at the bank ({reason}), which has taken it back for now. {stopped}",
            "Answer at the gateway. Payments go on where the bank decides that the charge stands, and before where you let them.",
        )
    if dispute.status == DisputeStatus.LOST:
        return (
            f"The bank has decided for the holder of {card}: {amount} stays taken back and is owed again. Nothing is taken of this plan.",
            "Let payments go on, or leave them stopped and close this.",
        )
    return f"The bank has decided that the charge of {amount} to {card} stands.", "Payments go on."


def _can_resume(movement: Movement | Dispute | None) -> bool:
    return isinstance(movement, Dispute)


def _can_resend(row: Break, movement: Movement | Dispute | None) -> bool:
    if row.kind != "refund_failed" or not isinstance(movement, Refund) or movement.status not in MOVEMENT_UNDONE:
        return False
    return is_unpaid(movement.id) and find_transfer(movement.id) is None
