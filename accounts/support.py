"""Which people need to be treated with care now, and how."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from accounts.models import SupportFlag
from core.unreadable import Unreadable, listing

MOST_NOTE = 500
MOST_DAYS = 366
"""The longest time until what is noted is looked at again, in days."""


@dataclass(frozen=True, slots=True)
class Support:
    """What is noted of a person: the situation and the needs in words, the note, by whom and when, and until when it counts."""

    key: uuid.UUID
    driver: str
    needs: tuple[str, ...]
    note: str
    recorded_by: str
    at: datetime
    review_on: date


def key_of(text: str) -> uuid.UUID:
    """Return the key of what is noted, as a form sends it; a text that is none is nobody's key."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)


def list_support(consumer_id: uuid.UUID, day: date) -> list[Support]:
    """Return what is noted of an account's person and counts on a day, oldest first; without what cannot be read. One query."""
    with listing():
        found = list(SupportFlag.objects.filter(consumer=consumer_id, review_on__gte=day).order_by("id"))
    drivers, needs = dict(SupportFlag.DRIVERS), dict(SupportFlag.NEEDS)
    return [
        Support(
            one.pk,
            str(drivers[one.told["driver"]]),
            tuple(str(needs[need]) for need in one.told["needs"]),
            one.told["note"],
            one.recorded_by,
            one.at,
            one.review_on,
        )
        for one in found
        if not isinstance(one.told, Unreadable)
    ]


def cared_among(consumer_ids: Collection[uuid.UUID], day: date) -> set[uuid.UUID]:
    """Return of whom of some people something is noted that counts on a day; one query."""
    return set(SupportFlag.objects.filter(consumer__in=consumer_ids, review_on__gte=day).values_list("consumer_id", flat=True))


def not_called_among(consumer_ids: Collection[uuid.UUID], day: date) -> set[uuid.UUID]:
    """Return which of some people need not to be called on a day; one query."""
    return _needing(SupportFlag.NO_PHONE, consumer_ids, day)


def large_print_among(consumer_ids: Collection[uuid.UUID], day: date) -> set[uuid.UUID]:
    """Return which of some people need what is written to them in large print on a day; one query, none for nobody."""
    return _needing(SupportFlag.LARGE, consumer_ids, day) if consumer_ids else set()


def _needing(need: str, consumer_ids: Collection[uuid.UUID], day: date) -> set[uuid.UUID]:
    with listing():
        found = list(SupportFlag.objects.filter(consumer__in=consumer_ids, review_on__gte=day))
    return {one.consumer_id for one in found if not isinstance(one.told, Unreadable) and need in one.told["needs"]}
