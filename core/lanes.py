"""Lanes: four queues with workers of their own, so that work of one kind never waits for work of another."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Lane(StrEnum):
    """A queue: money that moves by itself, events between apps, calls to services outside, and what may be late.

    The last are figures of reports, and what happens to many people at once, such as the reminders of a morning.
    """

    MONEY = "money"
    DELIVER = "deliver"
    OUTSIDE = "outside"
    FIGURES = "figures"


class Urgency(IntEnum):
    """The place of a task in its lane's queue, as a priority: Celery takes the lowest number first from Redis.

    Urgent is money that a person has just agreed to pay. Patient is what timers tell many people at once.
    """

    URGENT = 0
    USUAL = 3
    PATIENT = 9


@dataclass(frozen=True, slots=True)
class Timer:
    """A service that is called on a schedule, `fn(*, at) -> int`, by its dotted path.

    `condition` is the path of the SQL that says whether the timer may find something to do, or of a function that returns it where settings
    are part of it; empty where it always may. Workers of its lane
    call the timer every `period_s` seconds, whatever the condition says.
    """

    service: str
    condition: str = ""
    lane: Lane = Lane.MONEY
    period_s: float = 5.0


def lane_of(handler: str, urgency: Urgency = Urgency.USUAL) -> Lane:
    """Return the lane in which an event's handler (dotted path) runs: reports may be late, every other handler runs at once.

    Urgent ones run where payments of the moment do: in the lane of events, every worker may be waiting for its turn at a shop's events.
    """
    if urgency == Urgency.URGENT:
        return Lane.OUTSIDE
    return Lane.FIGURES if handler.startswith("reports.") else Lane.DELIVER
