"""When a late person may be called next. Pure: knows neither Django nor the clock."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.hours import after_quiet_hours


@dataclass(frozen=True, slots=True)
class CallRules:
    """How often a person is called about a debt: `most` calls in `days` days, and none for `quiet_days` days from that of a talk on.

    The numbers are those of 12 CFR 1006.14(b)(2).
    """

    most: int = 7
    days: int = 7
    quiet_days: int = 7


@dataclass(frozen=True, slots=True)
class Called:
    """A call that was made: the day at the person's place, the debts that it was about, and whether the person spoke."""

    day: date
    debts: frozenset[str]
    talked: bool


@dataclass(frozen=True, slots=True)
class NextCall:
    """From when on a call is allowed, and what holds it back until then: `often`, `talked`, `hours`, or nothing (empty)."""

    at: datetime
    why: str


def next_call(
    debts: Collection[str],
    calls: Sequence[Called],
    *,
    rules: CallRules,
    hours: tuple[time, time],
    zone: str,
    at: datetime,
    is_quiet: Callable[[date], bool] = lambda _day: False,
) -> NextCall:
    """Return when a call about all of some debts is next allowed; one debt that may not be called about holds it back.

    `calls` are earlier ones, in any order; those from before the longer of the two spans do not matter. Days are those of the time zone;
    on those that are quiet nobody is called.
    """
    place = ZoneInfo(zone)
    today = at.astimezone(place).date()
    day, why = today, ""
    for debt in debts:
        mine = sorted((one for one in calls if debt in one.debts), key=lambda one: one.day)
        talks = [one.day for one in mine if one.talked]
        waits = [(talks[-1] + timedelta(days=rules.quiet_days), "talked")] if talks else []
        if len(mine) >= rules.most:
            waits.append((mine[-rules.most].day + timedelta(days=rules.days), "often"))
        day, why = max([(day, why), *waits], key=lambda wait: wait[0])
    begins = at if day == today else datetime.combine(day, time.min, place).astimezone(at.tzinfo)
    allowed = after_quiet_hours(begins, zone, hours, is_quiet)
    return NextCall(allowed, why or ("hours" if allowed > at else ""))
