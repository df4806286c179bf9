"""What a person of a market meets around a due date that they do not pay, day by day, by the dated settings of a day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from collection.reminding import steps_in
from collection.settable import CASE_DAYS, REMIND_DAYS
from core.adjusting import value_of
from markets.queries import LATE_FEES, LATE_NOTICES, REMINDER_FEES, find_late_notice, find_steps, settings_in_force

BEFORE, BY_DAY, PLACING = "reminder.before_days", "charge_off.by_day", "agency.placing"


class What(StrEnum):
    """What happens around a due date."""

    UPCOMING = "upcoming"
    DUE = "due"
    LATE = "late"
    REMINDER = "reminder"
    LATE_FEE = "late_fee"
    REMINDER_FEE = "reminder_fee"
    CASE = "case"
    NOTICE = "notice"
    GIVEN_UP = "given_up"
    PLACED = "placed"


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happens `day` days after a due date (before it: negative), and what is told of it.

    `by` is how a reminder is sent and `tone` its tone; `kind` is the notice, `days` those to pay after it, and `payments` how many late
    ones it takes; `value` is a fee's setting, and `law` the law of a notice.
    """

    day: int
    what: What
    by: str = ""
    tone: str = ""
    kind: str = ""
    days: int = 0
    payments: int = 1
    law: str = ""
    value: Mapping[str, Any] = field(default_factory=dict)


def timeline_of(market: str, segments: list[str], on: date, *, brand: str = "") -> list[Moment]:
    """Return what a person of a brand and some segments meets in a market by the settings of a day, in order; one query.

    Days are those late, as settings count them: what follows goes out with the close of that day. Fees are those that plans agreed on from
    that day on have. A day of a notice is the earliest, and what waits for one comes later where that was told late.
    """
    held = settings_in_force(market, (BEFORE, LATE_FEES, REMINDER_FEES, BY_DAY, PLACING), on)
    found = [*_told(market, brand, segments, on, held.get(BEFORE)), *_fees(held), *_notices(market, on)]
    after = {one.kind: one.day + one.days + 1 for one in found if one.what == What.NOTICE}
    if BY_DAY in held:
        given_up = max(held[BY_DAY], after.get("default", 0))
        found.append(Moment(given_up, What.GIVEN_UP))
        if PLACING in held and held[PLACING]["places"]:
            found.append(Moment(max(given_up, after.get("hand_over", 0)), What.PLACED))
    return sorted(found, key=lambda one: (one.day, list(What).index(one.what)))


def _told(market: str, brand: str, segments: list[str], on: date, before: int | None) -> Iterator[Moment]:
    """Yield what every market tells, and the steps of reminding, each as far apart from the one before as the setting wants."""
    yield Moment(-(before or value_of(REMIND_DAYS)), What.UPCOMING)
    yield Moment(0, What.DUE)
    yield Moment(1, What.LATE)
    yield Moment(value_of(CASE_DAYS), What.CASE)
    setting, last = find_steps(market, segments, on, brand=brand), None
    if setting is None:
        return
    for step in steps_in(setting.value):
        day = step.days if last is None else max(step.days, last + setting.value["apart_days"])
        yield Moment(day, What.REMINDER, by=step.by or "email", tone=step.tone)
        last = day


def _fees(held: Mapping[str, Any]) -> Iterator[Moment]:
    late, reminding = held.get(LATE_FEES), held.get(REMINDER_FEES)
    if late:
        for name in ("first", "second"):
            if late.get(f"{name}_minor") or late.get(f"{name}_bps"):
                value = {"minor": late.get(f"{name}_minor"), "bps": late.get(f"{name}_bps")}
                yield Moment(late[f"{name}_days"] + 1, What.LATE_FEE, value=value)
    if reminding:
        for number in range(reminding["most"]):
            yield Moment(reminding["days"] + 1 + number * reminding["apart"], What.REMINDER_FEE, value={"minor": reminding["fee_minor"]})


def _notices(market: str, on: date) -> Iterator[Moment]:
    for kind in LATE_NOTICES:
        if (setting := find_late_notice(market, kind, on)) is not None:
            value = setting.value
            told = {"days": value["days"], "payments": value["payments"], "law": value["law"]}
            yield Moment(value["from_days"], What.NOTICE, kind=kind, **told)
