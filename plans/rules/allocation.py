"""Allocate a payment to installments, and undo the allocation of a payment that is taken back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

TIMES = ("past_due", "due", "in_advance")
KINDS = ("penalty", "fee", "interest", "principal")
"""Kinds of debt, in the order in which a payment takes them inside an installment; penalties are late fees and reminders."""
BUCKETS = tuple(f"{time}.{kind}" for time in TIMES for kind in KINDS)
"""The twelve buckets whose order a market may set."""


@dataclass(frozen=True, slots=True)
class OpenItem:
    """What is open of an installment, in minor units by kind."""

    number: int
    principal_minor: int
    interest_minor: int
    fee_minor: int = 0
    penalty_minor: int = 0


@dataclass(frozen=True, slots=True)
class Paid:
    """What a payment pays of an installment, in minor units by kind."""

    number: int
    principal_minor: int
    interest_minor: int
    fee_minor: int = 0
    penalty_minor: int = 0

    @property
    def amount_minor(self) -> int:
        """All kinds together."""
        return self.principal_minor + self.interest_minor + self.fee_minor + self.penalty_minor


def allocate_payment(amount_minor: int, items: Sequence[OpenItem]) -> tuple[list[Paid], int]:
    """Return the parts of the items that a payment pays, in the items' order and by `KINDS`, and the amount left over."""
    paid, left = [], amount_minor
    for item in items:
        part, left = _take(left, (item.penalty_minor, item.fee_minor, item.interest_minor, item.principal_minor))
        if any(part):
            penalty, fee, interest, principal = part
            paid.append(Paid(item.number, principal, interest, fee, penalty))
    return paid, left


def undo_payment(amount_minor: int, paid: Sequence[Paid]) -> tuple[list[Paid], int]:
    """Return the parts of a payment that are undone if `amount_minor` of it is taken back, and the amount left over.

    Undoes the last part first, and inside it the kinds against their order: principal first.
    """
    undone, left = [], amount_minor
    for one in reversed(paid):
        part, left = _take(left, (one.principal_minor, one.interest_minor, one.fee_minor, one.penalty_minor))
        if any(part):
            undone.append(Paid(one.number, *part))
    return undone, left


def _take(left: int, amounts: Iterable[int]) -> tuple[list[int], int]:
    """Return what an amount pays of several in turn, and what is left of it."""
    taken = []
    for amount in amounts:
        taken.append(min(left, amount))
        left -= taken[-1]
    return taken, left


@dataclass(frozen=True, slots=True)
class Debt:
    """What a free payment may pay of one installment on its day, in minor units by kind; `order` counts plans in the order of their keys.

    Interest of an installment to come is only what has accrued. `has_late_fee`: a late fee was charged on it.
    """

    order: int
    number: int
    due_date: date
    amounts: Mapping[str, int]
    has_late_fee: bool = False

    @property
    def place(self) -> tuple[date, int, int]:
        """Oldest first, then by plan, then by number."""
        return self.due_date, self.order, self.number

    def time_on(self, day: date) -> str:
        """Return whether it is past due, due or in advance on a day."""
        return "past_due" if self.due_date < day else "due" if self.due_date == day else "in_advance"


@dataclass(frozen=True, slots=True)
class Share:
    """What a free payment pays of one installment, in minor units by kind."""

    order: int
    number: int
    amounts: Mapping[str, int]

    @property
    def amount_minor(self) -> int:
        """All kinds together."""
        return sum(self.amounts.values())


def spread(amount_minor: int, debts: Iterable[Debt], *, day: date, buckets: Sequence[str] = ()) -> tuple[list[Share], int]:
    """Return what a free amount pays on a day, in the order in which it pays, and the amount left over.

    Without `buckets`: what is due that day, then late without a late fee, then late with one, then to come, each oldest first, and inside
    an installment by `KINDS`. Otherwise each bucket is emptied over all installments, oldest first, before the next one.
    """
    rows = sorted(debts, key=lambda debt: debt.place)
    if buckets:
        steps = [(debt, kind) for time, kind in (name.split(".") for name in buckets) for debt in rows if debt.time_on(day) == time]
    else:
        steps = [(debt, kind) for debt in sorted(rows, key=lambda debt: _turn(debt, day)) for kind in KINDS]
    found: dict[tuple[int, int], Share] = {}
    left = amount_minor
    for debt, kind in steps:
        taken = min(left, debt.amounts.get(kind, 0))
        if taken:
            key = (debt.order, debt.number)
            one = found.get(key, Share(*key, {}))
            found[key] = replace(one, amounts={**one.amounts, kind: taken})
            left -= taken
    return list(found.values()), left


def _turn(debt: Debt, day: date) -> int:
    """Return the place of an installment's group in the usual order."""
    if debt.time_on(day) == "past_due":
        return 2 if debt.has_late_fee else 1
    return 0 if debt.due_date == day else 3
