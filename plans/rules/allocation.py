"""Which installments a payment pays, and which it does not pay any more where it is taken back."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OpenItem:
    """What an installment still asks for, in minor units."""

    number: int
    principal_minor: int
    interest_minor: int


@dataclass(frozen=True, slots=True)
class Paid:
    """What a payment pays of an installment, in minor units."""

    number: int
    principal_minor: int
    interest_minor: int


def allocate_payment(amount_minor: int, items: Sequence[OpenItem]) -> tuple[list[Paid], int]:
    """Return what a payment pays of the items, in their order and interest before principal, and what is left of it."""
    paid, left = [], amount_minor
    for item in items:
        interest = min(left, item.interest_minor)
        principal = min(left - interest, item.principal_minor)
        if interest or principal:
            paid.append(Paid(item.number, principal, interest))
            left -= interest + principal
    return paid, left


def undo_payment(amount_minor: int, paid: Sequence[Paid]) -> tuple[list[Paid], int]:
    """Return what of the parts of a payment is undone where so much of it is taken back, and what is left of that.

    The last part comes first, and principal before interest.
    """
    undone, left = [], amount_minor
    for part in reversed(paid):
        principal = min(left, part.principal_minor)
        interest = min(left - principal, part.interest_minor)
        if principal or interest:
            undone.append(Paid(part.number, principal, interest))
            left -= principal + interest
    return undone, left
