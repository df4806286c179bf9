"""Payments that wait while goods are on their way back to the shop. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

DAYS = 21
"""Days for which payments wait, where a market sets no others."""
NOTICE_DAYS = 7
"""Days from the end of a return, before its day, to the first payment, at least: the person is told first."""
REFUND, DENIED, KEPT, TIME = "refund", "denied", "kept", "time"
"""What ends a return: the shop's refund, its answer that there is none, the person who keeps the goods, or its last day."""
MISSING, CONDITION, LATE, EXCLUDED = "missing", "condition", "too_late", "excluded"
"""Why a shop takes nothing back: nothing arrived, it was used or damaged, it came too late, or it cannot be sent back."""
_TRACKING = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./-]{0,39}", re.ASCII)


def is_tracking(text: str) -> bool:
    """Return whether a text can be the number of a parcel."""
    return _TRACKING.fullmatch(text) is not None


def held_back(open_minor: Sequence[tuple[int, int]], amount_minor: int) -> dict[int, int]:
    """Return how much of each payment waits where only a part is on its way back: from the last one backwards, as a refund takes it.

    `open_minor` are numbers of payments with what is open of each, in minor units, by date.
    """
    held, left = {}, amount_minor
    for number, minor in reversed(open_minor):
        if part := min(left, minor):
            held[number] = part
            left -= part
    return held


def dates_after(dates: Mapping[int, tuple[date, date]], begun: date, today: date) -> dict[int, date]:
    """Return the dates of payments once a return has ended before its day, by number, from their dates before and during it.

    They are those of a pause that ends a week from today, and never later than the return made them.
    """
    held = timedelta(days=(today - begun).days + NOTICE_DAYS)
    return {number: min(during, max(before, begun) + held) for number, (before, during) in dates.items()}
