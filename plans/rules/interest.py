"""Interest of a plan whose principal changes: re-pricing after a refund, and early payment with its rebate.

Interest accrues on principal not yet due. A period runs from one due date to the next, at a twelfth of the yearly rate for
a month and by days of 365 otherwise; inside a period it accrues by days. What is due stays due with its full interest:
lateness costs fees by other rules, never more interest here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal

from plans.rules.dates import add_months
from plans.rules.installments import InstallmentState, in_order
from plans.rules.schedule import ProductTerms, period_days, period_rate
from plans.rules.split import round_half_up

Scope = Literal["next", "all"]
Principals = Mapping[int, int]
Parts = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Quote:
    """What to pay now and what it brings; minor units. `paid` lists (number, principal, interest) of what it pays."""

    amount_minor: int
    principal_minor: int
    interest_minor: int
    rebate_minor: int
    paid: tuple[tuple[int, int, int], ...]
    installments: tuple[InstallmentState, ...]


@dataclass(frozen=True, slots=True)
class Period:
    """The time that ends with the due date of installment `number`."""

    number: int
    start: date
    end: date

    def left_at(self, at: date) -> Fraction:
        """Return the share of the period still to come at `at`: 1 before it, 0 after it."""
        if at >= self.end:
            return Fraction(0)
        days = (self.end - self.start).days
        return min(Fraction(1), Fraction((self.end - at).days, days))


@dataclass(frozen=True, slots=True)
class Share:
    """The periods whose interest installment `number` carries, and what they still accrue, in exact minor units."""

    number: int
    periods: tuple[int, ...]
    to_come: Fraction


def accrued_interest(installments: Sequence[InstallmentState], *, at: date, terms: ProductTerms, start: date | None = None) -> Fraction:
    """Return the interest accrued at `at` and not yet due or paid, in exact minor units; never below zero.

    It is the open interest of the installment that carries the current period, less what that has still to accrue.
    """
    items = in_order(installments)
    return _accrued(items, _shares(items, at, terms, start))


def reprice(
    installments: Sequence[InstallmentState],
    principals: Principals,
    *,
    at: date,
    terms: ProductTerms,
    start: date | None = None,
) -> tuple[InstallmentState, ...]:
    """Return the installments with the new `principals` (by number, minor units) that hold from `at`, interest re-priced.

    The current period costs what accrued to `at` on the old balance and the rest on the new; later periods the new balance
    at the period rate; each half up, and unchanged where the balance is. Interest of a period whose installment is gone
    moves to the next one that is open. Installments due keep their interest. `start` is the plan's start, needed only if
    the first period is odd. ValueError if a new principal is below what is paid of it or above the old.
    """
    items = in_order(installments)
    changed = tuple(replace(item, principal_minor=principals.get(item.number, item.principal_minor)) for item in items)
    if any(new.principal_minor > old.principal_minor for new, old in zip(changed, items, strict=True)):
        raise ValueError("re-pricing follows less principal, never more")
    if not terms.rate_bps:
        return changed
    before, after = _shares(items, at, terms, start), _shares(changed, at, terms, start)
    return _price(changed, before, after, _accrued(items, before), _running_interest(items, at), at)


def early_quote(
    installments: Sequence[InstallmentState], *, at: date, terms: ProductTerms, scope: Scope, start: date | None = None
) -> Quote:
    """Quote paying the next open installment or all of them on `at`, with the rebate of interest that will not accrue.

    Next: its open principal and the interest accrued to `at`; what its period has still to accrue moves to the following
    installment. All: all open principal, the interest of what is due, and the accrued interest, at most what was scheduled.
    An installment already due costs all its interest. ValueError if nothing is open.
    """
    items = in_order(installments)
    open_items = [item for item in items if item.open_minor]
    if not open_items:
        raise ValueError("nothing is open")
    before = _shares(items, at, terms, start)
    paid = _paid_now(open_items if scope == "all" else open_items[:1], round_half_up(_accrued(items, before)), at)
    settled = tuple(_settle(item, paid) for item in items)
    running_paid = [paid[item.number] for item in items if item.number in paid and item.due_date > at]
    if terms.rate_bps and running_paid:
        spare = _running_interest(items, at) - sum(interest for _, interest in running_paid)
        settled = _price(settled, before, _shares(settled, at, terms, start), Fraction(0), spare, at)
    return _quote(items, paid, settled)


def periods_of(items: Sequence[InstallmentState], terms: ProductTerms, start: date | None = None) -> list[Period]:
    """Return the period before each due date; the first begins at `start`, or one interval before if that is not known."""
    if not items:
        return []
    first = items[0].due_date
    begin = start or (first if terms.first == "now" else _one_before(first, terms))
    starts = [min(begin, first), *(item.due_date for item in items[:-1])]
    return [Period(item.number, opens, item.due_date) for item, opens in zip(items, starts, strict=True)]


def _one_before(day: date, terms: ProductTerms) -> date:
    return add_months(day, -1) if terms.interval == "monthly" else day - timedelta(days=period_days(terms))


def _shares(items: Sequence[InstallmentState], at: date, terms: ProductTerms, start: date | None) -> list[Share]:
    """Give each period not yet over to the first installment from it on that has open principal, in order of date."""
    rate, balance = period_rate(terms), sum(item.open_principal_minor for item in items if item.due_date > at)
    shares: list[Share] = []
    waiting: list[int] = []
    to_come = Fraction(0)
    for item, period in zip(items, periods_of(items, terms, start), strict=True):
        if item.due_date <= at:
            continue
        waiting.append(item.number)
        to_come += balance * rate * period.left_at(at)
        balance -= item.open_principal_minor
        if item.open_principal_minor:
            shares.append(Share(item.number, tuple(waiting), to_come))
            waiting, to_come = [], Fraction(0)
    return shares


def _accrued(items: Sequence[InstallmentState], shares: Sequence[Share]) -> Fraction:
    if not shares:
        return Fraction(0)
    carrier = next(item for item in items if item.number == shares[0].number)
    return max(Fraction(0), carrier.open_interest_minor - shares[0].to_come)


def _running_interest(items: Sequence[InstallmentState], at: date) -> int:
    return sum(item.open_interest_minor for item in items if item.due_date > at)


def _price(
    items: tuple[InstallmentState, ...],
    before: Sequence[Share],
    after: Sequence[Share],
    accrued: Fraction,
    spare: int,
    at: date,
) -> tuple[InstallmentState, ...]:
    """Set the open interest of all running installments: kept where their share is, else half up, at most `spare` in all."""
    open_before = {item.number: item.open_interest_minor for item in items if item.due_date > at}
    owed = dict.fromkeys(open_before, 0)
    for index, share in enumerate(after):
        exact = share.to_come + (accrued if index == 0 else 0)
        owed[share.number] = open_before[share.number] if share in before else round_half_up(exact)
    if not after and before:
        owed[before[0].number] = round_half_up(accrued)
    for number in owed:
        excess = max(0, sum(owed.values()) - spare)
        owed[number] -= min(excess, owed[number])
    return tuple(
        replace(item, interest_minor=item.paid_interest_minor + owed[item.number]) if item.number in owed else item for item in items
    )


def _paid_now(chosen: Sequence[InstallmentState], accrued: int, at: date) -> dict[int, Parts]:
    """Map numbers to (principal, interest) to pay: due ones in full, the first one running with all that has accrued."""
    paid, left = {}, accrued
    for item in chosen:
        interest = item.open_interest_minor if item.due_date <= at else min(left, item.open_interest_minor)
        left -= interest if item.due_date > at else 0
        paid[item.number] = (item.open_principal_minor, interest)
    return paid


def _settle(item: InstallmentState, paid: Mapping[int, Parts]) -> InstallmentState:
    """Mark what is paid; the interest of a paid installment is what was paid of it."""
    if item.number not in paid:
        return item
    interest = item.paid_interest_minor + paid[item.number][1]
    return replace(item, paid_principal_minor=item.principal_minor, interest_minor=interest, paid_interest_minor=interest)


def _quote(before: Sequence[InstallmentState], paid: Mapping[int, Parts], after: tuple[InstallmentState, ...]) -> Quote:
    principal, interest = sum(part[0] for part in paid.values()), sum(part[1] for part in paid.values())
    rebate = sum(item.interest_minor for item in before) - sum(item.interest_minor for item in after)
    lines = tuple((number, *parts) for number, parts in paid.items())
    return Quote(principal + interest, principal, interest, rebate, lines, after)
