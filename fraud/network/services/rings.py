"""Split rings that have fallen apart, and remove people from the network."""

import uuid
from datetime import datetime, timedelta

from core.db import execute, rows, unit, wait_lock
from fraud.models import Link, Member, Ring
from fraud.network.rules import parts_of
from fraud.network.services.linking import RINGS

SETTLED_FOR = timedelta(days=30)
"""The time after which a ring is checked again, because links expire."""
AT_ONCE = 20

_SHARED = """
    SELECT l.kind || ':' || l.key, l.consumer_id FROM fraud_member m JOIN fraud_link l ON l.consumer_id = m.consumer_id
    WHERE m.ring_id = %s AND NOT EXISTS (SELECT 1 FROM fraud_hub h WHERE h.key = l.key AND h.kind = l.kind)"""
_MOVE = "UPDATE fraud_member SET ring_id = %s WHERE consumer_id = ANY(%s::uuid[])"


def settle_rings(*, at: datetime) -> int:
    """Check and split rings that may have fallen apart or were not checked for 30 days; return how many were checked. Run by a timer."""
    stale = list(Ring.objects.filter(stale_at__isnull=False).order_by("stale_at").values_list("pk", flat=True)[:AT_ONCE])
    old = list(Ring.objects.filter(settled_at__lt=at - SETTLED_FOR).order_by("settled_at").values_list("pk", flat=True)[:AT_ONCE])
    return sum(_settle(ring_id, at) for ring_id in dict.fromkeys([*stale, *old]))


def _settle(ring_id: uuid.UUID, at: datetime) -> bool:
    """Split one ring by its present links, in a transaction of its own; False if the ring is gone."""
    with unit():
        wait_lock(RINGS)
        if not Ring.objects.filter(pk=ring_id).exists():
            return False
        members = Member.objects.filter(ring_id=ring_id).values_list("consumer_id", flat=True)
        largest, *others = parts_of(members, rows(_SHARED, [ring_id])) or [[]]
        alone = [part[0] for part in (largest, *others) if len(part) == 1]
        apart = [part for part in others if len(part) > 1]
        Member.objects.filter(consumer_id__in=alone).delete()
        for part in apart:
            made = Ring.objects.create(size=len(part), settled_at=at)
            execute(_MOVE, [made.pk, part])
        if len(largest) > 1:
            Ring.objects.filter(pk=ring_id).update(size=len(largest), stale_at=None, settled_at=at)
        else:
            Ring.objects.filter(pk=ring_id).delete()
    return True


def forget_person(*, consumer_id: uuid.UUID, at: datetime) -> None:
    """Remove an account and its links from the network; its ring is checked later."""
    with unit():
        wait_lock(RINGS)
        Link.objects.filter(consumer_id=consumer_id).delete()
        mine = Member.objects.filter(consumer_id=consumer_id).first()
        if mine is not None:
            mine.delete()
            ring = Ring.objects.get(pk=mine.ring_id)
            Ring.objects.filter(pk=ring.pk).update(size=max(ring.size - 1, 0), stale_at=ring.stale_at or at)
