"""Interest of a plan whose principal changes: re-pricing after a refund, and early payment with its rebate.

Interest accrues on principal not yet due. A period runs from one due date to the next, at a twelfth of the yearly rate for
a month and by days of 365 otherwise; inside a period it accrues by days. The first begins on the day of the capture that
started the plan's part. What is due stays due with its full interest: lateness costs fees by other rules, never more
interest here.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from plans.rules.installments import InstallmentState, in_order
from plans.rules.schedule import ProductTerms, period_rate
from plans.rules.split import round_half_up

Principals = Mapping[int, int]
Parts = tuple[int, int]
ROUNDING = Fraction(1, 2)
"""What an installment's interest may differ from the exact one, in minor units."""


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
        # Two installments on one day: the second one's period has no days, and is all to come until that day.
        days = (self.end - self.start).days or 1
        return min(Fraction(1), Fraction((self.end - at).days, days))


@dataclass(frozen=True, slots=True)
class Share:
    """The periods whose interest installment `number` carries, and what they still accrue, in exact minor units."""

    number: int
    periods: tuple[int, ...]
    to_come: Fraction


@dataclass(frozen=True, slots=True)
class Course:
    """How interest runs on at a day: who carries what is to come, what has accrued, and on which installments that lies.

    `bearers` are the running installments (due later) up to the one that carries the current period.
    """

    shares: tuple[Share, ...]
    bearers: tuple[int, ...]
    accrued: Fraction


def accrued_interest(installments: Sequence[InstallmentState], *, at: date, terms: ProductTerms, start: date) -> Fraction:
    """Return the interest accrued at `at` and not yet due or paid, in exact minor units; never below zero.

    It is the open interest of the installment that carries the current period, less what that has still to accrue. On the
    day a period begins, a difference within rounding is no interest: nothing has accrued.
    """
    return course_of(in_order(installments), at, terms, start).accrued


def reprice(
    installments: Sequence[InstallmentState], principals: Principals, *, at: date, terms: ProductTerms, start: date
) -> tuple[InstallmentState, ...]:
    """Return the installments with the new `principals` (by number, minor units) that hold from `at`, interest re-priced.

    The current period costs what accrued to `at` on the old balance and the rest on the new; later periods the new balance
    at the period rate; each half up, and unchanged where the balance is. Interest of a period whose installment is gone
    moves to the next one that is open. Installments due keep their interest. `start` is the day of the capture that they
    stem from. ValueError if a new principal is below what is paid of it or above the old.
    """
    items = in_order(installments)
    changed = tuple(replace(item, principal_minor=principals.get(item.number, item.principal_minor)) for item in items)
    if any(new.principal_minor > old.principal_minor for new, old in zip(changed, items, strict=True)):
        raise ValueError("re-pricing follows less principal, never more")
    before = course_of(items, at, terms, start)
    if not before.shares or changed == items:
        return changed
    after = course_of(changed, at, terms, start).shares
    return _price(changed, before, after, before.accrued, _running_interest(items, at), at)


def early_quote(
    installments: Sequence[InstallmentState], *, at: date, terms: ProductTerms, start: date, numbers: Collection[int] | None = None
) -> Quote:
    """Quote paying what is open of some installments (all of them without `numbers`) on `at`, with the rebate of interest.

    Costs their open principal, all interest of what is due, and the interest accrued to `at` where they carry it; what their
    periods have still to accrue on the smaller balance moves to the next one open, or is not asked for where none is. At
    most what was scheduled. ValueError if nothing of them is open.
    """
    items = in_order(installments)
    chosen = [item for item in items if item.open_minor and (numbers is None or item.number in numbers)]
    if not chosen:
        raise ValueError("nothing is open")
    before = course_of(items, at, terms, start)
    paid, left = _paid_now(chosen, before, at)
    settled = tuple(_settle(item, paid) for item in items)
    running_paid = [paid[item.number] for item in items if item.number in paid and item.due_date > at]
    if before.shares and running_paid:
        spare = _running_interest(items, at) - sum(interest for _, interest in running_paid)
        settled = _price(settled, before, course_of(settled, at, terms, start).shares, left, spare, at)
    return _quote(items, paid, settled)


def course_of(items: Sequence[InstallmentState], at: date, terms: ProductTerms, start: date) -> Course:
    """Return how interest runs on at `at` over installments in their order."""
    running = [item for item in items if item.due_date > at]
    if not running or not terms.rate_bps:
        return Course((), (), Fraction(0))
    shares = _shares(items, at, terms, start)
    numbers = [item.number for item in running]
    bearers = numbers[: numbers.index(shares[0].number) + 1] if shares else numbers
    asked = sum(item.open_interest_minor for item in running if item.number in bearers)
    accrued = max(Fraction(0), asked - (shares[0].to_come if shares else Fraction(0)))
    begins = next(period.start for period in periods_of(items, start) if period.end > at)
    if begins >= at and accrued <= ROUNDING:
        accrued = Fraction(0)
    return Course(shares, tuple(bearers), accrued)


def periods_of(items: Sequence[InstallmentState], start: date) -> list[Period]:
    """Return the period before each due date, of installments in their order; the first begins on the day of capture."""
    starts = [start, *(item.due_date for item in items)]
    return [Period(item.number, min(opens, item.due_date), item.due_date) for item, opens in zip(items, starts, strict=False)]


def _shares(items: Sequence[InstallmentState], at: date, terms: ProductTerms, start: date) -> tuple[Share, ...]:
    """Give each period not yet over to the first installment from it on that has open principal, in order of date."""
    rate, balance = period_rate(terms), sum(item.open_principal_minor for item in items if item.due_date > at)
    shares: list[Share] = []
    waiting: list[int] = []
    to_come = Fraction(0)
    for item, period in zip(items, periods_of(items, start), strict=True):
        if item.due_date <= at:
            continue
        waiting.append(item.number)
        to_come += balance * rate * period.left_at(at)
        balance -= item.open_principal_minor
        if item.open_principal_minor:
            shares.append(Share(item.number, tuple(waiting), to_come))
            waiting, to_come = [], Fraction(0)
    return tuple(shares)


def _running_interest(items: Sequence[InstallmentState], at: date) -> int:
    return sum(item.open_interest_minor for item in items if item.due_date > at)


def _price(
    items: tuple[InstallmentState, ...], before: Course, after: Sequence[Share], accrued: Fraction, spare: int, at: date
) -> tuple[InstallmentState, ...]:
    """Set the open interest of all running installments: kept where their share is, else half up, at most `spare` in all."""
    open_before = {item.number: item.open_interest_minor for item in items if item.due_date > at}
    owed = dict.fromkeys(open_before, 0)
    for index, share in enumerate(after):
        exact = share.to_come + (accrued if index == 0 else 0)
        owed[share.number] = open_before[share.number] if share in before.shares else round_half_up(exact)
    if not after:
        owed[before.bearers[-1]] = round_half_up(accrued)
    for number in owed:
        excess = max(0, sum(owed.values()) - spare)
        owed[number] -= min(excess, owed[number])
    return tuple(
        replace(item, interest_minor=item.paid_interest_minor + owed[item.number]) if item.number in owed else item for item in items
    )


def _paid_now(chosen: Sequence[InstallmentState], course: Course, at: date) -> tuple[dict[int, Parts], Fraction]:
    """Map numbers to (principal, interest) to pay: all of what is due, and what accrued where it is borne; and what is left of that."""
    paid: dict[int, Parts] = {}
    left = round_half_up(course.accrued)
    for item in chosen:
        interest = item.open_interest_minor if item.due_date <= at else 0
        if item.number in course.bearers:
            interest = min(left, item.open_interest_minor)
            left -= interest
        paid[item.number] = (item.open_principal_minor, interest)
    untouched = paid.keys().isdisjoint(course.bearers)
    return paid, course.accrued if untouched else Fraction(left)


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
