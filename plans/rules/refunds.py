"""The effect of an order's refund on its plan: the installments that shrink, and the amounts that go back to the methods that paid."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from plans.rules.installments import InstallmentState, in_order
from plans.rules.interest import reprice
from plans.rules.schedule import ProductTerms
from plans.rules.split import allocate_capped, allocate_pro_rata

RefundRule = Literal["last_first", "next_first", "pro_rata", "reamortize"]
Cut = Callable[[Sequence[InstallmentState], int], dict[int, int]]


@dataclass(frozen=True, slots=True)
class RefundLine:
    """One installment's loss by a refund, and its amounts afterwards; minor units."""

    number: int
    canceled_principal_minor: int
    canceled_interest_minor: int
    principal_minor: int
    interest_minor: int

    @property
    def canceled_minor(self) -> int:
        return self.canceled_principal_minor + self.canceled_interest_minor


@dataclass(frozen=True, slots=True)
class RefundResult:
    """The effect of a refund; `back` lists (number of the paid installment, amount), newest first, minor units."""

    lines: tuple[RefundLine, ...]
    back: tuple[tuple[int, int], ...]
    canceled_minor: int
    rebate_interest_minor: int
    installments: tuple[InstallmentState, ...]

    @property
    def back_minor(self) -> int:
        return sum(amount for _, amount in self.back)


def refundable_minor(installments: Sequence[InstallmentState]) -> int:
    """Return the principal that can still be refunded: open or paid, and not yet given back."""
    return sum(item.principal_minor - item.refunded_minor for item in installments)


def apply_refund(
    installments: Sequence[InstallmentState],
    refund_minor: int,
    *,
    rule: RefundRule = "last_first",
    at: date,
    terms: ProductTerms,
    start: date,
) -> RefundResult:
    """Return the effect of a refund of `refund_minor` of principal on day `at`, by the product's rule.

    Open principal is canceled first, by the rule; only what exceeds it goes back to the methods that paid, newest
    installment first. last_first: from the last due date backwards. next_first: from the oldest. pro_rata: in proportion
    to the open principal. reamortize: past-due installments first, oldest first, then equally over future ones. Interest not yet accrued
    on canceled principal is rebated (`interest.reprice`; `start` is the day of the capture); paid interest is kept. ValueError if the
    refund is not positive or exceeds the refundable principal.
    """
    items = in_order(installments)
    if not 0 < refund_minor <= refundable_minor(items):
        raise ValueError("a refund must be positive and at most what the plan still carries")
    cut = _cut(rule, items, min(refund_minor, sum(item.open_principal_minor for item in items)), at)
    canceled = sum(cut.values())
    principals = {item.number: item.principal_minor - cut.get(item.number, 0) for item in items}
    back = _give_back(items, refund_minor - canceled)
    changed = reprice(items, principals, at=at, terms=terms, start=start)
    changed = tuple(replace(item, refunded_minor=item.refunded_minor + dict(back).get(item.number, 0)) for item in changed)
    rebate = sum(item.interest_minor for item in items) - sum(item.interest_minor for item in changed)
    assert canceled + sum(amount for _, amount in back) == refund_minor
    lines = tuple(_line(old, new) for old, new in zip(items, changed, strict=True))
    return RefundResult(lines, back, canceled, rebate, changed)


def _line(old: InstallmentState, new: InstallmentState) -> RefundLine:
    return RefundLine(
        old.number,
        old.principal_minor - new.principal_minor,
        old.interest_minor - new.interest_minor,
        new.principal_minor,
        new.interest_minor,
    )


def _give_back(items: Sequence[InstallmentState], amount_minor: int) -> tuple[tuple[int, int], ...]:
    back, left = [], amount_minor
    for item in reversed(items):
        part = min(left, item.paid_principal_minor - item.refunded_minor)
        if part:
            back.append((item.number, part))
            left -= part
    return tuple(back)


def _cut(rule: RefundRule, items: Sequence[InstallmentState], amount_minor: int, at: date) -> dict[int, int]:
    """Return the open principal that each installment loses, by number."""
    if rule == "reamortize":
        return _reamortize(items, amount_minor, at)
    cuts: dict[RefundRule, Cut] = {"last_first": _last_first, "next_first": _in_turn, "pro_rata": _pro_rata}
    return cuts[rule](items, amount_minor)


def _in_turn(items: Sequence[InstallmentState], amount_minor: int) -> dict[int, int]:
    cut, left = {}, amount_minor
    for item in items:
        cut[item.number] = min(left, item.open_principal_minor)
        left -= cut[item.number]
    return cut


def _last_first(items: Sequence[InstallmentState], amount_minor: int) -> dict[int, int]:
    return _in_turn(items[::-1], amount_minor)


def _pro_rata(items: Sequence[InstallmentState], amount_minor: int) -> dict[int, int]:
    shares = allocate_pro_rata(amount_minor, [item.open_principal_minor for item in items])
    return {item.number: share for item, share in zip(items, shares, strict=True)}


def _reamortize(items: Sequence[InstallmentState], amount_minor: int, at: date) -> dict[int, int]:
    cut = _in_turn([item for item in items if item.due_date < at], amount_minor)
    to_come = [item for item in items if item.due_date >= at]
    caps = [item.open_principal_minor for item in to_come]
    shares = allocate_capped(amount_minor - sum(cut.values()), caps)
    return cut | {item.number: share for item, share in zip(to_come, shares, strict=True)}
