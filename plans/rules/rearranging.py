"""Open payments of a part laid out anew: late ones put at the end, or all spread evenly over the same or other dates. Pure.

Interest follows `plans.rules.interest`: what is due and has accrued is asked with the first new payment, and interest goes on from today on
the new balances.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import islice

from plans.rules.installments import InstallmentState, in_order
from plans.rules.interest import course_of, early_quote, periods_of
from plans.rules.schedule import ProductTerms, due_dates, period_rate
from plans.rules.split import allocate_minor, round_half_up

RE_AGED, REAMORTIZED, RESTRUCTURED = "re_aged", "reamortized", "restructured"
"""Late payments go to the end; all open payments become equal ones on the dates to come; the same with another number or rate."""
OFFERED = "restructure_offered"
"""The last of them, while the person has not agreed to it."""


@dataclass(frozen=True, slots=True)
class RearrangeRules:
    """Within which bounds operators lay out the payments of a plan anew; a market may set others.

    Not before `least_days` since the plan's first capture nor before `least_paid` payments, at most `a_year` times within twelve months and
    `five_years` within five years, and a restructured plan has at most `most_count` payments to come.
    """

    least_days: int = 30
    least_paid: int = 1
    a_year: int = 1
    five_years: int = 2
    most_count: int = 36


@dataclass(frozen=True, slots=True)
class Laid:
    """A payment laid out anew: the installment that becomes it, or 0 for a new one, and what is open of it in minor units."""

    number: int
    due_date: date
    principal_minor: int
    interest_minor: int = 0


@dataclass(frozen=True, slots=True)
class Layout:
    """The payments of a part laid out anew, by date, and how much its interest changes: below zero where some falls away."""

    payments: tuple[Laid, ...]
    interest_change_minor: int


def rearrange_refused(rules: RearrangeRules, *, days: int, paid: int, had_year: int, had_five: int) -> str:
    """Return why a plan may not be laid out anew (`young`, `unpaid`, `used`), or an empty text.

    `days` since its first capture, payments `paid`, and how often it was done within twelve months and within five years.
    """
    faults = {
        "young": days < rules.least_days,
        "unpaid": paid < rules.least_paid,
        "used": had_year >= rules.a_year or had_five >= rules.five_years,
    }
    return next((name for name, holds in faults.items() if holds), "")


def re_age(states: Sequence[InstallmentState], *, today: date, terms: ProductTerms, start: date) -> Layout:
    """Put the late payments of a part at the end of its schedule, an interval apart; the others stay. Interest never grows."""
    late, to_come = _sorted(states, today)
    kept = [Laid(one.number, one.due_date, one.open_principal_minor) for one in to_come]
    days = _after(kept[-1].due_date if kept else today, terms)
    moved = [Laid(one.number, day, one.open_principal_minor) for one, day in zip(late, days, strict=False)]
    return _priced(states, [*kept, *moved], today, terms, terms, start, may_grow=False)


def spread(
    states: Sequence[InstallmentState], *, count: int | None, today: date, terms: ProductTerms, new_terms: ProductTerms, start: date
) -> Layout:
    """Spread all open principal of a part over the dates to come: as many payments as there are, or `count`, as equal as interest allows.

    Dates beyond the last one follow at the plan's interval. With a `count` interest may grow, because the person agrees to it; else never.
    """
    _late, to_come = _sorted(states, today)
    whole = sum(one.open_principal_minor for one in states)
    many = max(1, min(count or len(to_come), whole))
    known = [(one.number, one.due_date) for one in to_come[:many]]
    more = islice(_after(known[-1][1] if known else today, new_terms), many - len(known))
    places = [*known, *((0, day) for day in more)]
    rates = _rates(states, places, today, new_terms, start)
    shares = _even(whole, rates, new_terms)
    laid = [Laid(number, day, share) for (number, day), share in zip(places, shares, strict=True)]
    return _priced(states, laid, today, terms, new_terms, start, may_grow=count is not None)


def _sorted(states: Sequence[InstallmentState], today: date) -> tuple[list[InstallmentState], list[InstallmentState]]:
    """Return the payments with open principal that are due, and those to come, by date."""
    opened = [one for one in in_order(states) if one.open_principal_minor]
    return [one for one in opened if one.due_date <= today], [one for one in opened if one.due_date > today]


def _after(last: date, terms: ProductTerms) -> Iterator[date]:
    """Return the dates that follow a date at the plan's interval."""
    return islice(due_dates(replace(terms, first="later", skipped=0), last), 200)


def _laid_out(states: Sequence[InstallmentState], laid: Sequence[Laid]) -> tuple[list[InstallmentState], dict[int, int]]:
    """Return a part as it would be, without interest to come, and the number that each place of `laid` has in it."""
    given = {one.number: one for one in laid if one.number}
    found = []
    for state in states:
        mine = given.get(state.number)
        principal = state.paid_principal_minor + (mine.principal_minor if mine else 0)
        day = mine.due_date if mine else state.due_date
        found.append(replace(state, due_date=day, principal_minor=principal, interest_minor=state.paid_interest_minor))
    following = max(state.number for state in states)
    numbers: dict[int, int] = {}
    for place, one in enumerate(laid):
        if not one.number:
            following += 1
            found.append(InstallmentState(following, one.due_date, one.principal_minor))
        numbers[place] = one.number or following
    return found, numbers


def _rates(
    states: Sequence[InstallmentState], places: Sequence[tuple[int, date]], today: date, terms: ProductTerms, start: date
) -> list[Fraction]:
    """Return the interest rate of each payment's time, from today or from the payment before."""
    items, numbers = _laid_out(states, [Laid(number, day, 1) for number, day in places])
    periods = {one.number: one for one in periods_of(in_order(items), start)}
    rate = period_rate(terms)
    shares = {one.number: one for one in course_of(in_order(items), today, terms, start).shares}
    found = []
    for place in range(len(places)):
        share = shares.get(numbers[place])
        left = sum((periods[number].left_at(today) for number in share.periods), Fraction(0)) if share else Fraction(0)
        found.append(rate * left)
    return found


def _even(whole: int, rates: Sequence[Fraction], terms: ProductTerms) -> list[int]:
    """Return the principal of each of several payments that are equal with their interest; the last repays the rest."""
    if not any(rates):
        return list(allocate_minor(whole, len(rates), terms.remainder))
    worth, factor = Fraction(0), Fraction(1)
    for rate in rates:
        factor /= 1 + rate
        worth += factor
    payment, left, found = round_half_up(Fraction(whole) / worth), whole, []
    for place, rate in enumerate(rates):
        most = left - (len(rates) - 1 - place)
        share = left if place == len(rates) - 1 else min(max(payment - round_half_up(left * rate), 1), most)
        found.append(share)
        left -= share
    return found


def _priced(
    states: Sequence[InstallmentState],
    laid: Sequence[Laid],
    today: date,
    terms: ProductTerms,
    new_terms: ProductTerms,
    start: date,
    *,
    may_grow: bool,
) -> Layout:
    """Add the interest: due and accrued with the first payment, then what accrues until each; no more than before unless it may grow."""
    before = sum(one.open_interest_minor for one in states)
    asked = early_quote(states, at=today, terms=terms, start=start).interest_minor
    items, numbers = _laid_out(states, laid)
    to_come = {one.number: round_half_up(one.to_come) for one in course_of(in_order(items), today, new_terms, start).shares}
    interest = [to_come.get(numbers[place], 0) for place in range(len(laid))]
    interest[0] += asked
    if not may_grow:
        interest = _cut(interest, before)
    payments = tuple(replace(one, interest_minor=minor) for one, minor in zip(laid, interest, strict=True))
    return Layout(tuple(sorted(payments, key=lambda one: one.due_date)), sum(interest) - before)


def _cut(interest: list[int], most: int) -> list[int]:
    """Return the interest with no more than `most` in all, taken off the last payments first."""
    excess, found = max(0, sum(interest) - most), list(interest)
    for place in reversed(range(len(found))):
        less = min(excess, found[place])
        found[place] -= less
        excess -= less
    return found


def by_number(layout: Layout) -> Mapping[int, Laid]:
    """Return those payments that an installment becomes, by its number."""
    return {one.number: one for one in layout.payments if one.number}
