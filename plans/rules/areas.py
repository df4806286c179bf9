"""Areas of a market by postal codes, and how long payments there are paused. Pure."""

import re
from collections.abc import Iterable, Sequence
from datetime import date

MOST = 200
"""The most entries of an area."""
AFTER_DAYS = 7
"""Days from the end of an area's pause to the first payment, at least, so that people are reminded of it after the pause."""
_ENTRY = re.compile(r"([A-Z0-9]{1,9})(?:-([A-Z0-9]{1,9}))?", re.ASCII)


def entries_of(text: str) -> list[str]:
    """Return the entries of an area as they are kept: beginnings of postal codes ("33"), or ranges of such ("8000-8299").

    They are separated by commas or lines. ValueError, with the entry, for one that is neither, for none and for too many.
    """
    found = []
    for raw in re.split(r"[,;\n]", text.upper()):
        entry = re.sub(r"\s", "", raw)
        if not entry:
            continue
        parts = _ENTRY.fullmatch(entry)
        if parts is None or (parts[2] and (len(parts[1]) != len(parts[2]) or parts[1] > parts[2])):
            raise ValueError(raw.strip())
        found.append(entry)
    if not 0 < len(found) <= MOST:
        raise ValueError("")
    return sorted(set(found))


def is_within(postal_code: str, entries: Iterable[str]) -> bool:
    """Return whether a postal code, in any form, is in an area."""
    bare = re.sub(r"[^A-Z0-9]", "", postal_code.upper())
    return bool(bare) and any(_holds(bare, *entry.split("-")) for entry in entries)


def _holds(bare: str, first: str, last: str = "") -> bool:
    return first <= bare[: len(first)] <= (last or first)


def pause_days(until: date, today: date, others: Sequence[date], reminder_days: int) -> int:
    """Return by how many days payments move for an area that ends on `until`: 0 where it is over, or other pauses last as long.

    `others` are the ends of pauses that hold already, with their days after the end. People are reminded `reminder_days` before a payment.
    """
    if until < today:
        return 0
    paused_to = max(others, default=None)
    if paused_to is not None and paused_to >= today:
        return max(0, (until - paused_to).days)
    return (until - today).days + max(AFTER_DAYS, reminder_days + 1)
