"""Lanes: four queues with their own workers, so that one kind of work never waits for another."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Lane(StrEnum):
    """A queue: scheduled movements of money, events between apps, calls to outside services, and work that may be late.

    Work that may be late is the figures of reports, what nobody sees at once, and messages to many people at once, such as the reminders of
    a morning.
    """

    MONEY = "money"
    DELIVER = "deliver"
    OUTSIDE = "outside"
    FIGURES = "figures"


class Urgency(IntEnum):
    """The priority of a task within its lane's queue: Celery takes the lowest number first from Redis.

    Urgent: money that a person has just agreed to pay. Unseen: what follows from an event for the machine alone, such as the classes of
    people. Patient: what timers send to many people at once.
    """

    URGENT = 0
    USUAL = 3
    UNSEEN = 6
    PATIENT = 9


@dataclass(frozen=True, slots=True)
class Timer:
    """A service that is called on a schedule, `fn(*, at) -> int`, by its dotted path.

    `condition` is the path of the SQL that says whether the timer may find work, or, where settings are part of it, of a function that
    returns that SQL; empty means always. Workers of its lane call the timer every `period_s` seconds, whatever the condition says.
    """

    service: str
    condition: str = ""
    lane: Lane = Lane.MONEY
    period_s: float = 5.0


def lane_of(handler: str, urgency: Urgency = Urgency.USUAL) -> Lane:
    """Return the lane in which an event's handler (dotted path) runs: reports and unseen handlers may be late, all others run at once.

    Urgent handlers run in the lane for outside calls, where payments that people wait for run too. In the lane for events, all workers may
    be busy with the events of one shop.
    """
    if urgency == Urgency.URGENT:
        return Lane.OUTSIDE
    return Lane.FIGURES if urgency == Urgency.UNSEEN or handler.startswith("reports.") else Lane.DELIVER
