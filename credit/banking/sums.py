"""A person's bank accounts in figures: verified income, fixed costs, gambling, other lenders, balances; pure, and exact in minor units.

Only these figures are stored: no text, no counterparty, no single movement. Salary and benefits are one figure on purpose: income from
public assistance counts like any other (15 U.S.C. 1691(a)(2)), and its kind could reveal health.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median_high, median_low

from core.months import add_months
from credit.banking.sorting import Movement, Sorted, sort
from credit.banking.words import Category

MOST_MOVEMENTS = 10_000
MOST_DAYS = 730
"""Older movements do not count, and of more movements only the newest."""
LEAST_MONTHS = 3
"""The fewest whole months that verify an income."""
WHOLE_BPS = 10_000
LARGEST_MINOR = 10**15
BELOW_DAYS, RETURNED_DAYS = 30, 90
SAME_RETURN_DAYS = 5
"""How many days may lie between a returned debit and the bank's fee for it."""
IN_RHYTHM_PCT = 80
STEADY_PCT = 25
RHYTHMS = ((5, 9, 6), (12, 16, 4), (25, 37, 3))
"""Weekly, fortnightly, monthly: the days between two payments, and the fewest payments that show it."""


class OutOfRange(ValueError):
    """A movement or a balance is larger than any that a person has."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a person's accounts show. Amounts are a month's, in minor units: the median of the whole calendar months.

    `income_minor` is regular salary and benefits only, as they still come, the lower median. `fixed_minor` is housing and every other
    outgoing payment that repeats each month, without lenders; `lenders_minor` what other lenders are paid; both the upper median, as
    `spending_minor`, which is all that went out except transfers. `gambling_bps` is gambling in ten-thousandths of what came in.
    `months` counts the whole months. `lowest_minor` is the lowest closing balance of all accounts together, `days_below_zero` the days on
    which it was negative, and `below_zero_30d` those of the last 30 days. `returned_90d` counts the debits that the bank returned in the
    last 90 days. `steady_bps` are the whole months, in ten-thousandths, whose regular income was close to the usual one. The last three are
    None in figures from before they were counted.
    """

    income_minor: int
    fixed_minor: int
    lenders_minor: int
    spending_minor: int
    gambling_bps: int
    months: int
    lowest_minor: int
    days_below_zero: int
    below_zero_30d: int | None = None
    returned_90d: int | None = None
    steady_bps: int | None = None

    @property
    def verifies_income(self) -> bool:
        """Whether there are enough months, and a regular income in them."""
        return self.months >= LEAST_MONTHS and self.income_minor > 0


def sum_up(movements: Iterable[Movement], *, balances: Mapping[str, int], until: date, names: Collection[str] = ()) -> Figures:
    """Return the figures of a person's accounts up to the day before `until`.

    All is in one currency. `balances` are the accounts' balances at the end of that time, in minor units; `names` the person's own names.
    OutOfRange.
    """
    counted = _counted(movements, until)
    if any(abs(minor) > LARGEST_MINOR for minor in (*(one.minor for one in counted), *balances.values())):
        raise OutOfRange("an amount beyond any account")
    found = sort(counted, names=names)
    months = _whole_months(counted, until)
    streams = _streams(found, until)
    fixed = _repeated(found)
    earned = [one for one in found if one.movement.minor > 0 and one.key in streams and _earned(one)]
    lowest, below, lately = _balances(counted, sum(balances.values()), until)
    return Figures(
        income_minor=_month(median_low, earned, months),
        fixed_minor=_month(median_high, fixed, months),
        lenders_minor=_month(median_high, [one for one in found if _goes(one) and one.category == Category.LENDERS], months),
        spending_minor=_month(median_high, [one for one in found if _goes(one) and one.category != Category.TRANSFER], months),
        gambling_bps=_gambling(found),
        months=len(months),
        lowest_minor=lowest,
        days_below_zero=below,
        below_zero_30d=lately,
        returned_90d=_returned(found, until - timedelta(days=RETURNED_DAYS)),
        steady_bps=_steady(earned, months),
    )


def _counted(movements: Iterable[Movement], until: date) -> list[Movement]:
    """Return the newest movements before a day, the oldest first."""
    since = until - timedelta(days=MOST_DAYS)
    recent = sorted((one for one in movements if since <= one.on < until and one.minor), key=lambda one: one.on)
    return recent[-MOST_MOVEMENTS:]


def _goes(one: Sorted) -> bool:
    return one.movement.minor < 0


def _earned(one: Sorted) -> bool:
    return one.category in {Category.SALARY, Category.BENEFITS} or (one.category == Category.INCOME and one.by_company)


def _whole_months(counted: Sequence[Movement], until: date) -> list[tuple[int, int]]:
    """Return the calendar months that lie wholly between the first movement and the last day."""
    if not counted:
        return []
    first = counted[0].on
    month = first if first.day == 1 else add_months(first, 1, anchor_day=1)
    found = []
    while month < until.replace(day=1):
        found.append((month.year, month.month))
        month = add_months(month, 1)
    return found


def _streams(found: Sequence[Sorted], until: date) -> set[str]:
    """Return the counterparties whose salary or benefits come in a rhythm, and still do."""
    return {
        key for key, paid in _by_key(one for one in found if one.movement.minor > 0 and _earned(one)).items() if _is_regular(paid, until)
    }


def _by_key(chosen: Iterable[Sorted]) -> dict[str, list[Sorted]]:
    grouped: dict[str, list[Sorted]] = defaultdict(list)
    for one in chosen:
        grouped[one.key].append(one)
    return grouped


def _is_regular(paid: Sequence[Sorted], until: date) -> bool:
    rhythm = _rhythm([one.movement.on for one in paid])
    if rhythm is None or (until - paid[-1].movement.on).days > rhythm[1] * 3 // 2:
        return False
    return all(one.category != Category.INCOME for one in paid) or _is_steady(paid)


def _rhythm(dates: Iterable[date]) -> tuple[int, int, int] | None:
    """Return the rhythm of payments in order of time, or None; several on one day are one."""
    days = list(dict.fromkeys(dates))
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    for shortest, longest, fewest in RHYTHMS:
        within = sum(shortest <= gap <= longest for gap in gaps)
        if len(days) >= fewest and 100 * within >= IN_RHYTHM_PCT * len(gaps):
            return shortest, longest, fewest
    return None


def _is_steady(paid: Sequence[Sorted]) -> bool:
    """Return whether nearly all amounts are close to their median."""
    amounts = [abs(one.movement.minor) for one in paid]
    middle = median_low(amounts)
    close = sum(100 * abs(amount - middle) <= STEADY_PCT * middle for amount in amounts)
    return 100 * close >= IN_RHYTHM_PCT * len(amounts)


def _repeated(found: Sequence[Sorted]) -> list[Sorted]:
    """Return housing, and the living costs that repeat each month at about the same amount."""
    monthly = RHYTHMS[-1]
    living = _by_key(one for one in found if _goes(one) and one.category == Category.LIVING)
    same = [one for paid in living.values() if _rhythm(each.movement.on for each in paid) == monthly and _is_steady(paid) for one in paid]
    return [one for one in found if _goes(one) and one.category == Category.HOUSING] + same


def _month(median: Callable[[Iterable[int]], int], chosen: Iterable[Sorted], months: Sequence[tuple[int, int]]) -> int:
    """Return the median of the months' sums."""
    sums = _sums(chosen, months)
    return median(sums) if sums else 0


def _steady(earned: Iterable[Sorted], months: Sequence[tuple[int, int]]) -> int:
    """Return the share of the months, in ten-thousandths, whose income is close to their median; 0 without an income."""
    sums = _sums(earned, months)
    middle = median_low(sums) if sums else 0
    return sum(100 * abs(minor - middle) <= STEADY_PCT * middle for minor in sums) * WHOLE_BPS // len(sums) if middle else 0


def _sums(chosen: Iterable[Sorted], months: Sequence[tuple[int, int]]) -> list[int]:
    """Return what each month comes to."""
    sums = dict.fromkeys(months, 0)
    for one in chosen:
        month = (one.movement.on.year, one.movement.on.month)
        if month in sums:
            sums[month] += abs(one.movement.minor)
    return list(sums.values())


def _gambling(found: Iterable[Sorted]) -> int:
    came = sum(one.movement.minor for one in found if one.movement.minor > 0 and one.category not in {Category.TRANSFER, Category.GAMBLING})
    lost = -sum(one.movement.minor for one in found if _goes(one) and one.category == Category.GAMBLING)
    if not lost:
        return 0
    return min(WHOLE_BPS, lost * WHOLE_BPS // came) if came else WHOLE_BPS


def _returned(found: Iterable[Sorted], since: date) -> int:
    """Return how many debits came back from a day on; money that came back and the fee for it are one."""
    bounces = [one for one in found if one.is_bounce and one.movement.on >= since]
    back = [one.movement for one in bounces if one.movement.minor > 0]
    fees = [one.movement for one in bounces if one.movement.minor < 0]
    for one in back:
        near = (fee for fee in fees if fee.account == one.account and abs((fee.on - one.on).days) <= SAME_RETURN_DAYS)
        if (fee := next(near, None)) is not None:
            fees.remove(fee)
    return len(back) + len(fees)


def _balances(counted: Sequence[Movement], balance: int, until: date) -> tuple[int, int, int]:
    """Return the lowest closing balance, and the days below zero in all and of the last 30, counted back from the last day's balance."""
    moved: dict[date, int] = defaultdict(int)
    for one in counted:
        moved[one.on] += one.minor
    day, first, lowest, below, lately = until - timedelta(days=1), counted[0].on if counted else until, balance, 0, 0
    recent = until - timedelta(days=BELOW_DAYS)
    while day >= first:
        lowest, below, lately = min(lowest, balance), below + (balance < 0), lately + (balance < 0 and day >= recent)
        balance -= moved[day]
        day -= timedelta(days=1)
    return lowest, below, lately
