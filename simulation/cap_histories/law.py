"""The oracle: what the law of a market lets fees come to, counted from the finished list of a person's fees after each event.

Written apart from the product's own code for caps, from the texts of the law and the conventions of the worked cases, and in another way:
it asks for no room that is left, but looks at sums that stand. Amounts in minor units, shares in basis points.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

Kind = str
LATE, REMINDER, SERVICE = "late", "reminder", "service"


@dataclass(frozen=True, slots=True)
class Law:
    """What a market allows; None where it says nothing.

    `order_bps`: of a purchase; `order`: for a purchase; `year`: for a person within twelve months; `cost_bps`: interest and fees of a
    credit; `payment`, `payment_bps`: of one payment; `by_days`: a late fee from so many days, one for each payment; `reminder`, `apart`,
    `reminders`: a reminder's fee, the days between two, and how many for a payment, and while a plan is late without a break;
    `australia`: other fees of the first and a later period, default fees, and default fees where there are no others (first, later).
    """

    order_bps: int | None = None
    order: int | None = None
    year: int | None = None
    cost_bps: int | None = None
    payment: int | None = None
    payment_bps: int | None = None
    by_days: tuple[tuple[int, int], ...] = ()
    reminder: int | None = None
    apart: int | None = None
    reminders: int | None = None
    australia: tuple[int, int, int, int, int] | None = None


QUARTER = 2_500
"""A quarter of a purchase: the trade's own limit."""
WHOLE = 10_000
LAWS: Mapping[str, Law] = {
    "US": Law(order_bps=QUARTER, year=10_000),
    "US-CA": Law(order_bps=QUARTER, year=10_000, by_days=((10, 1_000), (15, 1_500))),
    "GB": Law(order_bps=QUARTER, order=1_000),
    "DK": Law(cost_bps=WHOLE, reminder=10_000, apart=10, reminders=3),
    "SE": Law(cost_bps=WHOLE, reminder=6_000),
    "AU": Law(order_bps=QUARTER, order=6_800, australia=(20_000, 12_500, 12_000, 32_000, 24_500)),
}
"""The law by market, and by state where it differs. Germany allows no lump sum, so it has no fees."""


@dataclass(frozen=True, slots=True)
class FeeFact:
    """A fee as it was decided, in the order of decisions; `gone` if it was waived or withdrawn since. `days_late` are of its payment."""

    key: str
    plan: str
    payment: str
    kind: Kind
    on: date
    wanted: int
    amount: int
    days_late: int
    gone: bool = False


@dataclass(frozen=True, slots=True)
class PaymentFact:
    """An installment: what it asks for of principal and interest, what was open of that before the event, and its date."""

    due: date
    asked: int
    open: int


@dataclass(frozen=True, slots=True)
class PlanFact:
    """A plan: all that was captured, all interest that it asks, penalties paid before the event, and since when it is late unbroken."""

    captured: int
    interest: int
    penalties_paid: int
    late_since: date | None
    eased: bool
    payments: Mapping[str, PaymentFact]


@dataclass(frozen=True, slots=True)
class Facts:
    """One person after an event: their plans, all fees so far, and the day of their first capture."""

    plans: Mapping[str, PlanFact]
    fees: Sequence[FeeFact]
    first_capture: date


@dataclass(slots=True)
class Verdict:
    """What the oracle found: `breaches` of the law, and fees that were cut although nothing asked for it (`needless`)."""

    breaches: list[str] = field(default_factory=list)
    needless: list[str] = field(default_factory=list)


def judge(law: Law, facts: Facts, new: Iterable[str]) -> Verdict:
    """Judge the fees of an event, by their keys: each with all fees decided up to it."""
    found, keys = Verdict(), set(new)
    for place, fee in enumerate(facts.fees):
        if fee.key not in keys:
            continue
        upto = [*facts.fees[: place + 1]]
        if fee.amount:
            found.breaches += [f"{fee.kind} of {fee.amount} on {fee.on} for {fee.payment}: {why}" for why in _broken(law, facts, fee, upto)]
        if fee.amount < fee.wanted:
            more = replace(fee, amount=fee.amount + 1)
            if not any(_broken(law, facts, more, [*upto[:-1], more])):
                found.needless.append(f"{fee.kind} of {fee.wanted} on {fee.on} for {fee.payment}: only {fee.amount}")
    return found


def _broken(law: Law, facts: Facts, fee: FeeFact, upto: Sequence[FeeFact]) -> Iterator[str]:
    """Yield what a fee breaks, given the list of fees that ends with it."""
    standing = [one for one in upto if not one.gone]
    plan = facts.plans[fee.plan]
    yield from _sums(law, plan, fee, standing)
    if law.year is not None and _sum(standing, lambda one: _within_a_year(one.on, fee.on)) > law.year:
        yield f"more than {law.year} within twelve months"
    if fee.kind != SERVICE:
        yield from _penalty(plan, fee)
    if fee.kind == LATE and law.by_days:
        yield from _by_days(law, fee, standing)
    if fee.kind == REMINDER:
        yield from _reminder(law, plan, fee, upto)
    if law.australia:
        yield from _australia(law.australia, facts, fee, standing)


def _sum(fees: Iterable[FeeFact], counts: Callable[[FeeFact], bool]) -> int:
    return sum(one.amount for one in fees if counts(one))


def _sums(law: Law, plan: PlanFact, fee: FeeFact, standing: Sequence[FeeFact]) -> Iterator[str]:
    """Yield the sums on a plan and on a payment that are too much; shares are compared as products, so that nothing is rounded."""
    on_plan = _sum(standing, lambda one: one.plan == fee.plan)
    on_payment = _sum(standing, lambda one: one.payment == fee.payment)
    if law.order is not None and on_plan > law.order:
        yield f"{on_plan} for a purchase"
    if law.order_bps is not None and on_plan * WHOLE > plan.captured * law.order_bps:
        yield f"{on_plan} for a purchase of {plan.captured}"
    if law.cost_bps is not None and (on_plan + plan.interest) * WHOLE > plan.captured * law.cost_bps:
        yield f"{on_plan} and interest of {plan.interest} for a credit of {plan.captured}"
    if law.payment is not None and on_payment > law.payment:
        yield f"{on_payment} for a payment"
    asked = plan.payments[fee.payment].asked
    if law.payment_bps is not None and on_payment * WHOLE > asked * law.payment_bps:
        yield f"{on_payment} for a payment of {asked}"


def _penalty(plan: PlanFact, fee: FeeFact) -> Iterator[str]:
    """Yield why nothing may be charged for being late: it is not late, its plan has relief, or only fees left it open (16 CFR 444.4)."""
    paid_for = plan.payments[fee.payment]
    if fee.on <= paid_for.due or (fee.kind == LATE and paid_for.open <= 0):
        yield "it is not late"
    if plan.eased:
        yield "the plan has relief"
    if fee.kind == LATE and paid_for.open <= plan.penalties_paid:
        yield "it is open only because fees were paid"


def _by_days(law: Law, fee: FeeFact, standing: Sequence[FeeFact]) -> Iterator[str]:
    """Yield what breaks California's rule: nothing before the first day, one late fee for a default."""
    allowed = [most for days, most in law.by_days if fee.days_late >= days]
    if not allowed or fee.amount > allowed[-1]:
        yield f"{fee.amount} after {fee.days_late} days"
    if len([one for one in standing if one.kind == LATE and one.payment == fee.payment and one.amount]) > 1:
        yield "a second late fee for a payment"


def _reminder(law: Law, plan: PlanFact, fee: FeeFact, upto: Sequence[FeeFact]) -> Iterator[str]:
    """Yield what breaks the rules for reminders; one that was waived was sent all the same."""
    sent = [one for one in upto if one.kind == REMINDER and one.plan == fee.plan and one.amount]
    if law.reminder is not None and fee.amount > law.reminder:
        yield f"a reminder costs {fee.amount}"
    if law.apart is not None and len(sent) > 1 and (sent[-1].on - sent[-2].on).days < law.apart:
        yield f"two reminders {(sent[-1].on - sent[-2].on).days} days apart"
    if law.reminders is not None:
        if len([one for one in sent if one.payment == fee.payment]) > law.reminders:
            yield f"more than {law.reminders} reminders of a payment"
        if plan.late_since and len([one for one in sent if one.on >= plan.late_since]) > law.reminders:
            yield f"more than {law.reminders} reminders while late without a break"


def _within_a_year(one: date, day: date) -> bool:
    """Whether a day is less than a year before another, by the calendar: the same date a year ago is out."""
    return one <= day and (one.year + 1, one.month, one.day) > (day.year, day.month, day.day)


def _anniversaries(first: date, upto: date) -> list[tuple[int, int, int]]:
    """Return the days on which periods of twelve months begin, from a day on, as year, month, day."""
    found = [(first.year, first.month, first.day)]
    while (found[-1][0] + 1, first.month, first.day) <= (upto.year, upto.month, upto.day):
        found.append((found[-1][0] + 1, first.month, first.day))
    return found


def _australia(most: tuple[int, int, int, int, int], facts: Facts, fee: FeeFact, standing: Sequence[FeeFact]) -> Iterator[str]:
    """Yield what breaks the sums of a period: default fees alone, or both kinds, each within its own limit."""
    other_first, other_later, default, alone_first, alone_later = most
    begins = _anniversaries(facts.first_capture, fee.on)
    of_period = [one for one in standing if (one.on.year, one.on.month, one.on.day) >= begins[-1]]
    others = _sum(of_period, lambda one: one.kind == SERVICE)
    defaults = _sum(of_period, lambda one: one.kind != SERVICE)
    is_first = len(begins) == 1
    if others and fee.kind == SERVICE and others > (other_first if is_first else other_later):
        yield f"other fees of {others} in a period"
    if defaults > (default if others else alone_first if is_first else alone_later):
        yield f"default fees of {defaults} in a period, beside other fees of {others}"
