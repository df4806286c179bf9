"""Whether collecting stands still for a person, why, and for how long."""

import uuid
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from plans.models import Standstill

MOVES = """NOT EXISTS (SELECT 1 FROM plans_standstill s WHERE s.consumer_id = p.consumer_id AND s.ended_at IS NULL)"""
"""SQL: whether collecting moves on for the person of a plan `p`."""


RESPITE = (Standstill.BREATHING, Standstill.CRISIS, Standstill.ADVICE)
"""Kinds that the law gives a person time by, and that end by themselves."""
_DAYS = {Standstill.BREATHING: "days", Standstill.CRISIS: "after_days", Standstill.ADVICE: "hold_days"}


def days_of(kind: str, setting: Mapping[str, Any]) -> int | None:
    """Return how many days a breathing space of a kind has by a market's setting, 0 with an open end; None where there is none."""
    days = setting.get(_DAYS.get(kind, ""))
    if days is None:
        return None
    return 0 if kind == Standstill.CRISIS else int(days)


def kinds_of(setting: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return what can be noted where a market has a setting: a death, an insolvency, and its kinds of breathing space."""
    return [(kind, title) for kind, title in Standstill.KINDS if kind not in RESPITE or days_of(kind, setting) is not None]


def find_standstill(consumer_id: uuid.UUID) -> Standstill | None:
    """Return what lets collecting stand still for an account's person now, what has no end of its own first, or None."""
    found = Standstill.objects.filter(consumer_id=consumer_id, ended_at=None).order_by("-id")
    return min(found, key=lambda one: one.kind in RESPITE, default=None)


def find_respite_of(consumer_id: uuid.UUID) -> Standstill | None:
    """Return the breathing space that an account's person has now, of two the one that ends last, or None; one query."""
    found = Standstill.objects.filter(consumer_id=consumer_id, kind__in=RESPITE, ended_at=None)
    return max(found, key=lambda one: one.until or date.max, default=None)


def list_respites(consumer_id: uuid.UUID, *, since: datetime) -> list[Standstill]:
    """Return the breathing spaces of an account's person that began since a moment, over or not, the oldest first; one query."""
    return list(Standstill.objects.filter(consumer_id=consumer_id, kind__in=RESPITE, noted_at__gte=since).order_by("id"))


def in_respite(consumer_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return which of some accounts have a breathing space now; one query."""
    return set(Standstill.objects.filter(consumer__in=consumer_ids, kind__in=RESPITE, ended_at=None).values_list("consumer_id", flat=True))


def standing_still(consumer_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return for which of some accounts collecting stands still now; one query."""
    return set(Standstill.objects.filter(consumer__in=consumer_ids, ended_at=None).values_list("consumer_id", flat=True))


def list_standstills(consumer_id: uuid.UUID, *, limit: int = 20) -> list[Standstill]:
    """Return when and why collecting stood still for an account, the newest first."""
    return list(Standstill.objects.filter(consumer_id=consumer_id).order_by("-id")[:limit])
