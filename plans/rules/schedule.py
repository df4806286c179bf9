"""Installment schedules, exact to the minor unit."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from core.business_days import AS_IS, DayRule, on_business_day
from core.months import add_months
from plans.rules.split import Remainder, allocate_minor, round_half_up, times_half_up

Interval = Literal["biweekly", "monthly", "days"]
First = Literal["now", "later"]
DAYS_PER_YEAR = 365
BPS = 10_000


@dataclass(frozen=True, slots=True)
class ProductTerms:
    """A product's terms for its schedule.

    `rate_bps` is the nominal yearly rate; `interval_days` is only for "days". The payments begin `skipped` intervals later than else. At
    least `deposit_bps` of the price is paid on the first day. Due dates keep to business days of the country `calendar` by `day_rule`.
    """

    code: str
    count: int
    interval: Interval
    interval_days: int = 0
    first: First = "later"
    rate_bps: int = 0
    remainder: Remainder = "last"
    skipped: int = 0
    deposit_bps: int = 0
    day_rule: DayRule = "as_is"
    calendar: str = ""

    def __post_init__(self) -> None:
        if self.count < 1 or self.rate_bps < 0 or (self.interval == "days" and self.interval_days < 1):
            raise ValueError(f"impossible terms: {self}")


@dataclass(frozen=True, slots=True)
class ScheduledInstallment:
    """One installment of a plan; amounts in minor units. `fee_minor` is the service fee that it asks beside."""

    number: int
    due_date: date
    principal_minor: int
    interest_minor: int
    fee_minor: int = 0

    @property
    def amount_minor(self) -> int:
        return self.principal_minor + self.interest_minor + self.fee_minor


def build_schedule(terms: ProductTerms, principal_minor: int, start: date, *, deposit_minor: int = 0) -> tuple[ScheduledInstallment, ...]:
    """Return the schedule of `principal_minor` from `start`.

    A deposit is the first installment, due on `start`, and bears no interest; the rest is repaid by the terms, as if it alone were lent.

    Without interest: equal installments, with the remainder in the last or first (`terms.remainder`). With interest: an annuity at the
    period rate; interest is rounded half up on the outstanding principal, and the last or first payment takes the rounding difference.
    Principals sum to `principal_minor` and each is at least 1, so an amount smaller than the number of installments makes fewer
    installments. ValueError if the principal is below 1.
    """
    if principal_minor < 1:
        raise ValueError("a plan needs a principal of at least one minor unit")
    if deposit_minor:
        return _with_deposit(terms, principal_minor, start, min(deposit_minor, principal_minor))
    count = min(terms.count, principal_minor)
    if terms.rate_bps:
        parts = _annuity(terms, principal_minor, count)
    else:
        parts = [(share, 0) for share in allocate_minor(principal_minor, count, terms.remainder)]
    days = due_dates(terms, start)
    return tuple(ScheduledInstallment(number, next(days), *part) for number, part in enumerate(parts, 1))


def _with_deposit(terms: ProductTerms, principal_minor: int, start: date, deposit_minor: int) -> tuple[ScheduledInstallment, ...]:
    deposit, left = ScheduledInstallment(1, start, deposit_minor, 0), principal_minor - deposit_minor
    if not left:
        return (deposit,)
    # The deposit takes the place of a first payment on the day of the capture.
    after = replace(terms, first="later", count=max(1, terms.count - 1)) if terms.first == "now" else terms
    return (deposit, *(replace(row, number=row.number + 1) for row in build_schedule(after, left, start)))


def deposit_of(terms: ProductTerms, principal_minor: int, least_minor: int) -> int:
    """Return the deposit of a schedule if at least `least_minor` is to be paid on its first day: more where the terms ask for more then.

    0 if nothing has to be paid on that day but for the usual first payment. A share that the terms ask for is rounded up.
    """
    least_minor = max(least_minor, -(-principal_minor * terms.deposit_bps // BPS))
    if not least_minor or terms.first == "later":
        return min(least_minor, principal_minor)
    return min(max(least_minor, build_schedule(terms, principal_minor, date.min)[0].principal_minor), principal_minor)


def deposit_share(whole_minor: int, given_minor: int, *, captured_minor: int, amount_minor: int, part_minor: int) -> int:
    """Return what a capture of `part_minor` takes of an order's deposit: in proportion, rounded half up over the captures so far.

    `given_minor` is what earlier captures of `captured_minor` took of the `whole_minor`. The shares of all captures add up to it.
    """
    upto = round_half_up(Fraction(whole_minor * (captured_minor + part_minor), amount_minor))
    return min(max(upto - given_minor, 0), part_minor)


def due_dates(terms: ProductTerms, start: date) -> Iterator[date]:
    """Yield the due dates of `terms` without end; months keep to the start's day (31 Jan, 28 Feb, 31 Mar).

    A payment on the first day stays there. Each other date moves by the rule for business days, but never before the first day.
    """
    step = 1
    if terms.first == "now":
        yield start
    while True:
        steps = step + terms.skipped
        day = add_months(start, steps) if terms.interval == "monthly" else start + timedelta(days=steps * period_days(terms))
        yield falls_on(day, terms, start)
        step += 1


def falls_on(day: date, terms: ProductTerms, earliest: date) -> date:
    """Return the day on which a payment due on `day` falls by the product's rule for business days, never before `earliest`."""
    if terms.day_rule == AS_IS:
        return day
    moved = on_business_day(day, terms.day_rule, terms.calendar)
    return moved if moved >= earliest else on_business_day(day, "next", terms.calendar)


def period_days(terms: ProductTerms) -> int:
    """Return the days of one period of a product that counts in days."""
    return 14 if terms.interval == "biweekly" else terms.interval_days


def period_rate(terms: ProductTerms) -> Fraction:
    """Return the interest rate of one period: a twelfth of the yearly rate for a month, else days / 365 of it."""
    year = Fraction(terms.rate_bps, BPS)
    return year / 12 if terms.interval == "monthly" else year * period_days(terms) / DAYS_PER_YEAR


def annuity_minor(principal_minor: int, rate: Fraction, count: int, first_now: bool = False) -> int:
    """Return the equal payment, rounded half up, that repays `principal_minor` in `count` periods at `rate` per period."""
    if not rate:
        return round_half_up(Fraction(principal_minor, count))
    return round_half_up(principal_minor / _worth(rate, count, first_now))


@lru_cache(maxsize=1_000)
def _worth(rate: Fraction, count: int, first_now: bool) -> Fraction:
    """Return how much payments of 1 in `count` periods repay; products have few rates and counts."""
    return (1 - (1 + rate) ** -count) / rate * ((1 + rate) if first_now else 1)


def _annuity(terms: ProductTerms, principal_minor: int, count: int) -> list[tuple[int, int]]:
    rate, first_now = period_rate(terms), terms.first == "now"
    payment = annuity_minor(principal_minor, rate, count, first_now)
    parts = _amortize(principal_minor, rate, [payment] * count, first_now)
    if terms.remainder == "first" and count > 1:
        gap = Fraction(sum(parts[-1]) - payment) / (1 + rate) ** (count - 1)
        first = max(1, payment + round_half_up(gap))
        parts = _amortize(principal_minor, rate, [first] + [payment] * (count - 1), first_now)
    return parts


def _amortize(principal_minor: int, rate: Fraction, payments: list[int], first_now: bool) -> list[tuple[int, int]]:
    """Split each payment into principal and interest; each repays at least 1, and the last repays the rest."""
    parts, balance, count = [], principal_minor, len(payments)
    for index, payment in enumerate(payments):
        interest = 0 if first_now and index == 0 else times_half_up(balance, rate)
        most = balance - (count - 1 - index)
        principal = balance if index == count - 1 else min(max(payment - interest, 1), most)
        parts.append((principal, interest))
        balance -= principal
    return parts
