"""Whether collecting stands still for a person, and why."""

import uuid
from collections.abc import Collection

from plans.models import Standstill

MOVES = """NOT EXISTS (SELECT 1 FROM plans_standstill s WHERE s.consumer_id = p.consumer_id AND s.ended_at IS NULL)"""
"""SQL: whether collecting moves on for the person of a plan `p`."""


def find_standstill(consumer_id: uuid.UUID) -> Standstill | None:
    """Return what lets collecting stand still for an account's person now, or None."""
    return Standstill.objects.filter(consumer_id=consumer_id, ended_at=None).first()


def standing_still(consumer_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return for which of some accounts collecting stands still now; one query."""
    return set(Standstill.objects.filter(consumer__in=consumer_ids, ended_at=None).values_list("consumer_id", flat=True))


def list_standstills(consumer_id: uuid.UUID, *, limit: int = 20) -> list[Standstill]:
    """Return when and why collecting stood still for an account, the newest first."""
    return list(Standstill.objects.filter(consumer_id=consumer_id).order_by("-id")[:limit])
