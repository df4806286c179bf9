"""Lanes: four queues with workers of their own, so that work of one kind never waits for work of another."""

from dataclasses import dataclass
from enum import StrEnum


class Lane(StrEnum):
    """A queue: money that moves by itself, what is told inside the house, calls to the outside, and figures that may be late."""

    MONEY = "money"
    DELIVER = "deliver"
    OUTSIDE = "outside"
    FIGURES = "figures"


@dataclass(frozen=True, slots=True)
class Timer:
    """A service that time alone calls, `fn(*, at) -> int`, by its dotted path.

    `condition` is the path of the SQL that says whether it may find something to do, empty where it always may; workers of its lane call
    it every `period_s` seconds, whatever the condition says.
    """

    service: str
    condition: str = ""
    lane: Lane = Lane.MONEY
    period_s: float = 5.0


def lane_of(handler: str) -> Lane:
    """Return the lane in which an event's handler (dotted path) runs: figures of reports may be late, everything else is told at once."""
    return Lane.FIGURES if handler.startswith("reports.") else Lane.DELIVER
