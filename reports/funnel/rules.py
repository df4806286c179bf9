"""Spans of time in classes, and their middle."""

from collections.abc import Sequence
from itertools import accumulate

EDGES = (2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1800)
"""The seconds at which a class of time ends; the last class has no end."""


def median_of(counts: Sequence[int]) -> int | None:
    """Return the median of times in seconds, from how many there are in each class of `EDGES` and beyond; None for none.

    Within a class times count as spread evenly, so that the result is off by at most the width of its class.
    """
    assert len(counts) == len(EDGES) + 1
    whole = sum(counts)
    if not whole:
        return None
    up_to = list(accumulate(counts))
    number = next(place for place, count in enumerate(up_to) if 2 * count >= whole)
    low = EDGES[number - 1] if number else 0
    if number == len(EDGES):
        return low
    within = whole / 2 - (up_to[number] - counts[number])
    return round(low + (EDGES[number] - low) * within / counts[number])
