"""Interest of a plan whose principal changes: re-pricing after a refund, and early payment with its rebate.

Interest accrues on principal that is not yet due. A period runs from one due date to the next; the first begins on the day of the capture
that started the plan's part. The period rate is a twelfth of the yearly rate for a month, else days / 365 of it; inside a period interest
accrues by days. A due installment keeps its full interest and accrues no more, however late it is paid.
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
"""How far an installment's rounded interest may differ from the exact interest, in minor units."""


@dataclass(frozen=True, slots=True)
class EarlyPayment:
    """An early payment and its effect, in minor units. `paid` lists (number, principal, interest) of each paid installment."""

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
        # If two installments are due on one day, the second one's period has no days; until that day the whole period is still to come.
        days = (self.end - self.start).days or 1
        return min(Fraction(1), Fraction((self.end - at).days, days))


@dataclass(frozen=True, slots=True)
class Share:
    """The periods whose interest installment `number` carries, and the interest still to accrue in them, in exact minor units."""

    number: int
    periods: tuple[int, ...]
    to_come: Fraction


@dataclass(frozen=True, slots=True)
class Course:
    """How interest accrues from a day on: the future share of each installment, the accrued interest, and its bearers.

    `bearers` are the running installments (due later) up to the one that carries the current period.
    """

    shares: tuple[Share, ...]
    bearers: tuple[int, ...]
    accrued: Fraction


def reprice(
    installments: Sequence[InstallmentState], principals: Principals, *, at: date, terms: ProductTerms, start: date
) -> tuple[InstallmentState, ...]:
    """Return the installments with new `principals` (by number, minor units) from `at` on, and their re-priced interest.

    In the current period, interest accrues on the old balance until `at` and on the new balance after it. Later periods charge the new
    balance at the period rate. Interest is rounded half up, and kept where the balance is unchanged. If an installment has no open
    principal left, the next open one carries its period's interest. Due installments keep their interest. `start` is the day of the
    capture. ValueError if a new principal is below its paid part or above the old principal.
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
) -> EarlyPayment:
    """Return the early payment of some installments (all of them without `numbers`) on `at`, with the rebate of interest.

    The price is their open principal, all interest of due installments, and the accrued interest that they carry. Interest still to accrue
    in their periods, on the smaller balance, moves to the next open installment, or is dropped if there is none. The price never exceeds
    the scheduled amounts. ValueError if none of them is open.
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


def pay_parts(
    installments: Sequence[InstallmentState], paid: Mapping[int, Parts], *, at: date, terms: ProductTerms, start: date
) -> tuple[InstallmentState, ...]:
    """Return the installments after a payment on `at` of any part of them: (principal, interest) by number, minor units.

    Interest paid of an installment to come is interest that has accrued (`early_quote` says how much). What is still to accrue is priced
    anew on the smaller balance, as in an early payment; what is due keeps its interest. ValueError if more is paid than is open.
    """
    items = in_order(installments)
    before = course_of(items, at, terms, start)
    after = tuple(_pay_part(item, paid.get(item.number, (0, 0))) for item in items)
    running = [paid[item.number] for item in items if item.number in paid and item.due_date > at]
    if not before.shares or not running:
        return after
    accrued = sum(paid[number][1] for number in before.bearers if number in paid)
    left = Fraction(max(0, round_half_up(before.accrued) - accrued)) if accrued else before.accrued
    spare = _running_interest(items, at) - sum(interest for _, interest in running)
    return _price(after, before, course_of(after, at, terms, start).shares, left, spare, at)


def course_of(items: Sequence[InstallmentState], at: date, terms: ProductTerms, start: date) -> Course:
    """Return how interest accrues from `at` on, over installments in their order.

    The accrued interest is the open interest of the installment that carries the current period, less the interest still to accrue in it;
    never below zero. On the first day of a period nothing has accrued, so a difference within rounding counts as zero.
    """
    running = [item for item in items if item.due_date > at]
    if not terms.rate_bps:
        # Interest that ended has all accrued.
        return Course((), tuple(item.number for item in running), Fraction(_running_interest(items, at)))
    if not running:
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
    """Assign each period that is not over to the first installment, from the period's own on, with open principal."""
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
    """Set the open interest of all running installments: kept if their share is unchanged, else rounded half up; at most `spare` in all."""
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
    """Map numbers to (principal, interest) to pay: all of due installments, and accrued interest by bearer; return the unpaid rest too."""
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
    """Mark an installment as paid; its interest becomes the interest that was paid."""
    if item.number not in paid:
        return item
    interest = item.paid_interest_minor + paid[item.number][1]
    return replace(item, paid_principal_minor=item.principal_minor, interest_minor=interest, paid_interest_minor=interest)


def _pay_part(item: InstallmentState, parts: Parts) -> InstallmentState:
    principal, interest = item.paid_principal_minor + parts[0], item.paid_interest_minor + parts[1]
    return replace(item, paid_principal_minor=principal, paid_interest_minor=interest)


def _quote(before: Sequence[InstallmentState], paid: Mapping[int, Parts], after: tuple[InstallmentState, ...]) -> EarlyPayment:
    principal, interest = sum(part[0] for part in paid.values()), sum(part[1] for part in paid.values())
    rebate = sum(item.interest_minor for item in before) - sum(item.interest_minor for item in after)
    lines = tuple((number, *parts) for number, parts in paid.items())
    return EarlyPayment(principal + interest, principal, interest, rebate, lines, after)
