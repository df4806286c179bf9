"""Allocate a payment to installments, and undo the allocation of a payment that is taken back."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OpenItem:
    """The open principal and interest of an installment, in minor units."""

    number: int
    principal_minor: int
    interest_minor: int


@dataclass(frozen=True, slots=True)
class Paid:
    """The principal and interest of an installment that a payment pays, in minor units."""

    number: int
    principal_minor: int
    interest_minor: int


def allocate_payment(amount_minor: int, items: Sequence[OpenItem]) -> tuple[list[Paid], int]:
    """Return the parts of the items that a payment pays, in the items' order, interest before principal, and the amount left over."""
    paid, left = [], amount_minor
    for item in items:
        interest = min(left, item.interest_minor)
        principal = min(left - interest, item.principal_minor)
        if interest or principal:
            paid.append(Paid(item.number, principal, interest))
            left -= interest + principal
    return paid, left


def undo_payment(amount_minor: int, paid: Sequence[Paid]) -> tuple[list[Paid], int]:
    """Return the parts of a payment that are undone if `amount_minor` of it is taken back, and the amount left over.

    Undoes the last part first, and principal before interest.
    """
    undone, left = [], amount_minor
    for part in reversed(paid):
        principal = min(left, part.principal_minor)
        interest = min(left - principal, part.interest_minor)
        if principal or interest:
            undone.append(Paid(part.number, principal, interest))
            left -= principal + interest
    return undone, left
