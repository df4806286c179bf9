"""Fees of people: what a plan's terms ask for, and what the caps of the law leave of it. Amounts in minor units.

Late fees are decided at the close of a day, once for each stage of an installment: what a cap cuts is never asked later.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from core.months import add_months
from plans.rules.moving import year_before

WHOLE_BPS = 10_000


class FeeKind(StrEnum):
    """What a fee is for: a late payment, a reminder of one, a debit that the bank gave back, a date moved, or another service asked for."""

    LATE = "late"
    REMINDER = "reminder"
    RETURNED = "returned"
    RESCHEDULE = "reschedule"
    SERVICE = "service"


AT_CLOSE = (FeeKind.LATE, FeeKind.REMINDER)
"""Fees that are charged at the close of a day, for being late by then."""
PENALTIES = (*AT_CLOSE, FeeKind.RETURNED)
"""Fees of who does not pay as agreed (Australia's "default fees"); the others are for services."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A late fee so many days after a due date: a fixed amount, or a share of the principal and interest that are open."""

    grace_days: int
    fixed_minor: int = 0
    bps: int = 0

    def wanted(self, open_minor: int) -> int:
        """Return the fee for an open amount, before caps; half up."""
        return self.fixed_minor + (open_minor * self.bps + WHOLE_BPS // 2) // WHOLE_BPS


@dataclass(frozen=True, slots=True)
class Reminding:
    """A fee for each reminder: the first so many days late, then each `days_apart`; at most `most` while a plan is late without a break."""

    fixed_minor: int
    grace_days: int
    days_apart: int
    most: int

    def next_on(self, grace_from: date, reminded: Sequence[date]) -> date | None:
        """Return the day of the next reminder; None after the last. `reminded` are those of this time of arrears, oldest first."""
        first = grace_from + timedelta(days=self.grace_days)
        if len(reminded) >= self.most:
            return None
        return max(first, reminded[-1] + timedelta(days=self.days_apart)) if reminded else first


@dataclass(frozen=True, slots=True)
class FeeTerms:
    """The fees that a person agreed to, minor units; without any of them there are none.

    `returned_minor` is for a debit that the bank gave back for lack of cover, `reschedule_minor` for a date that the person moves.
    """

    late: tuple[Stage, ...] = ()
    reminder: Reminding | None = None
    returned_minor: int = 0
    reschedule_minor: int = 0

    @property
    def any(self) -> bool:
        """Whether there is a fee at all."""
        return bool(self.late) or self.reminder is not None or self.returned_minor > 0 or self.reschedule_minor > 0

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "FeeTerms":
        """Return the terms as they are stored with a plan: `late`, a list of stages, `reminder`, `returned` and `reschedule`."""
        late = tuple(Stage(one["grace_days"], one.get("fixed") or 0, one.get("bps") or 0) for one in told.get("late") or ())
        found = told.get("reminder")
        reminder = Reminding(found["fixed"], found["grace_days"], found["days_apart"], found["max"]) if found else None
        return cls(late, reminder, told.get("returned") or 0, told.get("reschedule") or 0)

    def as_json(self) -> dict[str, Any]:
        """Return the terms in the form in which they are stored; empty if there are none."""
        late = [{"grace_days": one.grace_days, "fixed": one.fixed_minor, "bps": one.bps} for one in self.late]
        told: dict[str, Any] = {"late": late} if late else {}
        if self.reminder:
            one = self.reminder
            told["reminder"] = {"fixed": one.fixed_minor, "grace_days": one.grace_days, "days_apart": one.days_apart, "max": one.most}
        once = {"returned": self.returned_minor, "reschedule": self.reschedule_minor}
        return told | {name: minor for name, minor in once.items() if minor}


NO_FEES = FeeTerms()
"""The terms of a plan without fees."""
Caps = Mapping[str, int]
"""The caps of a market, by name as in its setting `fee.caps`; those that are missing do not bind."""

INSTALLMENT, INSTALLMENT_BPS = "installment_minor", "installment_bps"
ORDER, ORDER_BPS = "order_minor", "order_bps"
CONSUMER_YEAR, TOTAL_COST = "consumer_year_minor", "total_cost_bps"
FROM_DAYS = (("first_days", "first_days_minor"), ("second_days", "second_days_minor"))
OTHER_FIRST, OTHER_LATER = "period_other_first_minor", "period_other_later_minor"
DEFAULT, DEFAULT_ONLY_FIRST, DEFAULT_ONLY_LATER = (
    "period_default_minor",
    "period_default_only_first_minor",
    "period_default_only_later_minor",
)
REMINDER_MOST, REMINDERS_APART, REMINDERS = "reminder_minor", "reminders_apart_days", "reminders_most"


@dataclass(frozen=True, slots=True)
class Charged:
    """A fee in state charged, of any plan of a person: what it counts for in the caps."""

    plan: str
    installment: str
    kind: FeeKind
    on: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fee would be charged: its installment with what it asks, and what its plan has captured and asks as interest in all.

    `late_since` is the day since which the plan is late without a break.
    """

    plan: str
    installment: str
    asked_minor: int
    captured_minor: int
    interest_minor: int
    days_late: int = 0
    late_since: date | None = None


@dataclass(frozen=True, slots=True)
class History:
    """What counts in a person's caps: their fees in state charged, and the day of their earliest capture.

    `reminders` are all reminders with a fee, those too whose fee was waived or withdrawn since.
    """

    fees: tuple[Charged, ...] = ()
    first_capture: date | None = None
    reminders: tuple[Charged, ...] = ()

    def plus(self, fee: Charged) -> "History":
        """Return the history with one more fee."""
        reminders = (*self.reminders, fee) if fee.kind == FeeKind.REMINDER else self.reminders
        return replace(self, fees=(*self.fees, fee), reminders=reminders)


@dataclass(frozen=True, slots=True)
class Cut:
    """What is left of a fee, in minor units, and the cap that cut it; empty if none did."""

    amount_minor: int
    cap: str = ""


WAIVE, SHARE, MOST, LEAVE = "waive", "share", "most", "leave"
"""What a rule may say of a fee: none, a share of it, an amount at most, or as the agreement has it."""


def lowered(wanted_minor: int, said: str, value: float | None, decimals: int) -> int:
    """Return what a rule leaves of a fee, in minor units: never more than the fee itself; rounded down.

    An amount (`MOST`) is in whole units of a currency with so many decimals.
    """
    if said == WAIVE:
        return 0
    if said == SHARE and value is not None:
        return min(wanted_minor, wanted_minor * round(value * WHOLE_BPS) // WHOLE_BPS)
    if said == MOST and value is not None:
        most_minor: int = round(value * 10**decimals)
        return min(wanted_minor, most_minor)
    return wanted_minor


def cut(wanted_minor: int, kind: FeeKind, *, place: Place, history: History, caps: Caps, day: date) -> Cut:
    """Return what every cap leaves of a fee on a day, never below 0; caps are rounded down.

    Sources: 25 % of an order and fixed sums are the trade's practice; Cal. Fin. Code 22320.5 (so much from so many days, one a default);
    lov om forbrugslånsvirksomheder 11 b and konsumentkreditlagen 19 a (total cost); renteloven 9 b (reminders); National Consumer
    Credit Protection Regulations 69G (sums over all contracts in periods of 12 months).
    """
    found = min(_rooms(kind, place, history, caps, day), key=lambda room: room[1], default=("", wanted_minor))
    left = max(0, min(wanted_minor, found[1]))
    return Cut(left, found[0] if left < wanted_minor else "")


def _rooms(kind: FeeKind, place: Place, history: History, caps: Caps, day: date) -> Iterable[tuple[str, int]]:
    """Yield each cap with the amount that it leaves."""
    on_installment = sum(fee.amount_minor for fee in history.fees if fee.installment == place.installment)
    on_plan = sum(fee.amount_minor for fee in history.fees if fee.plan == place.plan)
    limits = {
        INSTALLMENT: (caps.get(INSTALLMENT), on_installment),
        INSTALLMENT_BPS: (_share(place.asked_minor, caps.get(INSTALLMENT_BPS)), on_installment),
        ORDER: (caps.get(ORDER), on_plan),
        ORDER_BPS: (_share(place.captured_minor, caps.get(ORDER_BPS)), on_plan),
        TOTAL_COST: (_share(place.captured_minor, caps.get(TOTAL_COST)), on_plan + place.interest_minor),
        CONSUMER_YEAR: (caps.get(CONSUMER_YEAR), sum(fee.amount_minor for fee in history.fees if fee.on > year_before(day))),
    }
    yield from ((name, limit - used) for name, (limit, used) in limits.items() if limit is not None)
    if kind == FeeKind.LATE and FROM_DAYS[0][0] in caps:
        yield FROM_DAYS[0][1], _by_days(place, history, caps)
    if kind == FeeKind.REMINDER:
        yield from _of_reminder(place, history, caps, day)
    yield from _in_period(kind, history, caps, day)


def most_of_order(caps: Caps, captured_minor: int, interest_minor: int) -> int | None:
    """Return the most that all fees of a plan may come to by the caps on an order, in minor units; None if none of them binds."""
    shares = [_share(captured_minor, caps.get(ORDER_BPS)), _share(captured_minor, caps.get(TOTAL_COST))]
    rooms = [caps.get(ORDER), shares[0], None if shares[1] is None else max(0, shares[1] - interest_minor)]
    return min((room for room in rooms if room is not None), default=None)


def _share(amount_minor: int, bps: int | None) -> int | None:
    return None if bps is None else amount_minor * bps // WHOLE_BPS


def _by_days(place: Place, history: History, caps: Caps) -> int:
    """Return the most that a late fee may be after so many days late; nothing if the installment has one already."""
    if any(fee.kind == FeeKind.LATE and fee.installment == place.installment for fee in history.fees):
        return 0
    return max((caps.get(most, 0) for days, most in FROM_DAYS if days in caps and place.days_late >= caps[days]), default=0)


def _of_reminder(place: Place, history: History, caps: Caps, day: date) -> Iterable[tuple[str, int]]:
    """Yield what a reminder may cost: nothing too soon after another, nor after so many of its installment or of this time of arrears."""
    sent = [one for one in history.reminders if one.plan == place.plan]
    if REMINDER_MOST in caps:
        yield REMINDER_MOST, caps[REMINDER_MOST]
    if any((day - one.on).days < caps.get(REMINDERS_APART, 0) for one in sent):
        yield REMINDERS_APART, 0
    here = sum(one.installment == place.installment for one in sent)
    unbroken = sum(place.late_since is not None and one.on >= place.late_since for one in sent)
    if REMINDERS in caps and max(here, unbroken) >= caps[REMINDERS]:
        yield REMINDERS, 0


def _in_period(kind: FeeKind, history: History, caps: Caps, day: date) -> Iterable[tuple[str, int]]:
    """Yield the cap on the sum of a kind of fees in the running period of 12 months, and what it leaves."""
    begins, is_first = period_of(history.first_capture or day, day)
    mine = [fee for fee in history.fees if begins <= fee.on <= day]
    penalties = sum(fee.amount_minor for fee in mine if fee.kind in PENALTIES)
    others = sum(fee.amount_minor for fee in mine if fee.kind not in PENALTIES)
    if kind in PENALTIES:
        alone = DEFAULT_ONLY_FIRST if is_first else DEFAULT_ONLY_LATER
        name, used = DEFAULT if others else alone, penalties
    else:
        name, used = OTHER_FIRST if is_first else OTHER_LATER, others
        if DEFAULT in caps and penalties > caps[DEFAULT]:
            yield DEFAULT, 0
    if name in caps:
        yield name, caps[name] - used


def period_of(first: date, day: date) -> tuple[date, bool]:
    """Return the first day of the period of 12 months, counted from a day, that holds another day, and whether it is the first period."""
    years = day.year - first.year - ((day.month, day.day) < (first.month, first.day))
    return add_months(first, 12 * years), years == 0


@dataclass(frozen=True, slots=True)
class Late:
    """An open installment at the close of a day: what is open of it, and what was decided about its late fees.

    `grace_from` is the day from which grace runs; `decided` are the stages that were decided, by their place in the terms.
    """

    key: str
    due_date: date
    grace_from: date
    open_minor: int
    decided: frozenset[int] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A fee to decide at the close of a day: its kind, its stage (or the number of its reminder), and its amount before caps."""

    installment: str
    kind: FeeKind
    stage: int
    amount_minor: int


def late_fees(rows: Sequence[Late], terms: FeeTerms, *, penalties_paid_minor: int, day: date) -> list[Wanted]:
    """Return the late fees of a plan to decide at the close of a day, by date and stage.

    Nothing is wanted for what is open only because earlier payments went to late fees (16 CFR 444.4): `penalties_paid_minor` are the late
    fees and reminders paid so far on the plan. Such a fee is decided too, and has the amount 0.
    """
    found = []
    for row in sorted(rows, key=lambda row: (row.due_date, row.key)):
        for number, stage in enumerate(terms.late):
            if number in row.decided or row.open_minor <= 0 or (day - row.grace_from).days < stage.grace_days:
                continue
            amount = stage.wanted(row.open_minor) if row.open_minor > penalties_paid_minor else 0
            found.append(Wanted(row.key, FeeKind.LATE, number, amount))
    return found


def reminder_fee(rows: Sequence[Late], terms: FeeTerms, *, reminded: Sequence[date], day: date) -> Wanted | None:
    """Return the reminder of a plan to decide at the close of a day, which its oldest late installment bears; None if none is due.

    `rows` are late; `reminded` are the days of the reminders of this time of arrears, oldest first.
    """
    told = terms.reminder
    if told is None or not rows:
        return None
    oldest = min(rows, key=lambda row: (row.due_date, row.key))
    found = told.next_on(oldest.grace_from, reminded)
    return Wanted(oldest.key, FeeKind.REMINDER, len(reminded), told.fixed_minor) if found is not None and day >= found else None
