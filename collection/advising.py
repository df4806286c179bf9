"""What an operator does next about a late person, and why: a few rules in order. Pure: knows neither Django nor the clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

MISSED_OFTEN = 3
"""Calls in a row that reached nobody, after which a letter with a link to pay is tried."""


class Next(StrEnum):
    """What to do next about a late person."""

    NOTHING = "nothing"
    COMPLAINT = "complaint"
    OUTCOME = "outcome"
    TASK = "task"
    PROMISE = "promise"
    AGREED = "agreed"
    PAID = "paid"
    CLOSED = "closed"
    TRACE = "trace"
    NO_PHONE = "no_phone"
    WRITE = "write"
    RELIEF = "relief"
    UNREACHED = "unreached"
    LATER = "later"
    BROKEN = "broken"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a late person.

    `closed`: the case is. `tasks_due` are open tasks of today or earlier. `promised` is the last day of promises, where one waits for each
    late plan.
    `refused` is why the person may not be called now (a key of `REFUSED_CALL`, else empty). `missed` counts the last calls in
    a row that reached nobody; `wrong` says that the last one reached a wrong number. `eased` and `broken` are about what is late now.
    """

    refused: str = ""
    closed: bool = False
    tasks_due: int = 0
    promised: date | None = None
    wrong: bool = False
    missed: int = 0
    eased: bool = False
    broken: bool = False


RULES: tuple[tuple[Next, Callable[[Known], bool]], ...] = (
    (Next.NOTHING, lambda known: known.refused == "standstill"),
    (Next.COMPLAINT, lambda known: known.refused == "complaint"),
    (Next.OUTCOME, lambda known: known.refused == "under_way"),
    (Next.CLOSED, lambda known: known.closed),
    (Next.PAID, lambda known: known.refused == "nothing_late"),
    (Next.TASK, lambda known: known.tasks_due > 0),
    (Next.PROMISE, lambda known: known.promised is not None),
    (Next.AGREED, lambda known: known.refused == "promised"),
    (Next.NO_PHONE, lambda known: known.refused == "no_phone"),
    (Next.TRACE, lambda known: known.wrong),
    (Next.WRITE, lambda known: known.refused in {"asked_not", "no_calls"}),
    (Next.UNREACHED, lambda known: known.missed >= MISSED_OFTEN),
    (Next.LATER, lambda known: known.refused != ""),
    (Next.RELIEF, lambda known: known.eased),
    (Next.BROKEN, lambda known: known.broken),
    (Next.CALL, lambda _known: True),
)
"""The rules in their order; the first that holds says what to do."""


def advise(known: Known) -> Next:
    """Return what to do next about a late person: what the first rule that holds says."""
    return next(do for do, holds in RULES if holds(known))
