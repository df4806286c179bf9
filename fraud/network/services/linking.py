"""Linking people with what they were seen with, and joining their rings.

Who links holds the consumer's row, so that nobody is linked who is being erased, and the lock of each thing that is no hub, so that two
people who are first seen with it at the same moment find each other. Who changes rings holds the one lock of all rings, taken after those:
it is needed only where two rings meet, which is seldom, and makes any number of workers safe.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from accounts.queries import lock_consumer
from core.arrays import plain_array, text_array
from core.db import rows, unit, wait_lock
from core.ids import uuid7
from fraud.models import KEYS, Hub, Member, Ring, Sighting
from fraud.network.rules import MOST_PEOPLE, Thing, things_of
from fraud.states import LinkKind

RINGS = "fraud:rings"
"""The lock of all rings."""

_HUBS = "SELECT h.kind, h.key FROM unnest(%s::text[], %s::text[]) AS t(kind, key) JOIN fraud_hub h ON h.kind = t.kind AND h.key = t.key"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(%s::text[]) AS name"
_LINK = """
    INSERT INTO fraud_link AS l (id, consumer_id, kind, key, times, first_at, last_at)
    SELECT t.id::uuid, %s, t.kind, t.key, 1, %s, %s FROM unnest(%s::text[], %s::text[], %s::text[]) AS t(id, kind, key)
    ON CONFLICT (consumer_id, kind, key) DO UPDATE SET times = l.times + 1, first_at = least(l.first_at, EXCLUDED.first_at),
        last_at = greatest(l.last_at, EXCLUDED.last_at)
    RETURNING kind, key, times = 1"""
_OTHERS = """
    SELECT t.kind, t.key, o.people, o.one FROM unnest(%s::text[], %s::text[], %s::int[]) AS t(kind, key, most)
    CROSS JOIN LATERAL (
        SELECT count(*) AS people, min(consumer_id::text) FILTER (WHERE consumer_id <> %s) AS one FROM (
            SELECT x.consumer_id FROM fraud_link x WHERE x.key = t.key AND x.kind = t.kind LIMIT t.most + 1) AS few) AS o"""


def link(*, consumer_id: uuid.UUID, things: Iterable[Thing], at: datetime) -> None:
    """Note that a person's account was seen with things, each a kind and its keyed hash; what is empty is left out.

    Joins the rings of all who share a thing that is no hub. A thing that has become a hub joins nobody any more. Nobody is linked who was
    erased.
    """
    seen = sorted({(LinkKind(kind), key) for kind, key in things if key})
    if not seen:
        return
    with unit():
        if lock_consumer(consumer_id).is_erased:
            return
        hubs = {(LinkKind(kind), key) for kind, key in rows(_HUBS, _columns(seen))}
        narrow = [thing for thing in seen if thing not in hubs]
        if narrow:
            # In their order, so that two who share several things never wait for each other.
            rows(_LOCK, [text_array(f"fraud:{kind}:{key}" for kind, key in narrow)])
        fresh = _note(consumer_id, seen, at)
        _join_by([thing for thing in narrow if thing in fresh], consumer_id, at)


def _columns(things: Sequence[Thing]) -> list[str]:
    return [text_array(kind for kind, _ in things), text_array(key for _, key in things)]


def _note(consumer_id: uuid.UUID, things: Sequence[Thing], at: datetime) -> set[Thing]:
    """Write the links, and return those that are new."""
    keys = text_array(str(uuid7()) for _ in things)
    noted = rows(_LINK, [consumer_id, at, at, keys, *_columns(things)])
    return {(LinkKind(kind), key) for kind, key, is_new in noted if is_new}


def _join_by(things: Sequence[Thing], consumer_id: uuid.UUID, at: datetime) -> None:
    """Join a person with one of the others of each thing, who are joined already; mark the things that too many share."""
    if not things:
        return
    most = plain_array(MOST_PEOPLE[kind] for kind, _ in things)
    others, wide = [], []
    for kind, key, people, other in rows(_OTHERS, [*_columns(things), most, consumer_id]):
        if people > MOST_PEOPLE[LinkKind(kind)]:
            wide.append((LinkKind(kind), key, other))
        elif other:
            others.append(uuid.UUID(other))
    if others:
        _join([consumer_id, *others], at)
    for kind, key, other in wide:
        _make_hub(kind, key, uuid.UUID(other), at)


def _make_hub(kind: LinkKind, key: str, member: uuid.UUID, at: datetime) -> None:
    Hub.objects.bulk_create([Hub(kind=kind.value, key=key, since=at)], ignore_conflicts=True)
    wait_lock(RINGS)
    Ring.objects.filter(members__consumer_id=member, stale_at=None).update(stale_at=at)


def _join(accounts: Sequence[uuid.UUID], at: datetime) -> None:
    """Let accounts be in one ring: the smaller rings are written into the largest, so that each account moves seldom."""
    wanted = set(accounts)
    # Even where they are in one ring: who parts rings must see the new link, or come before it.
    wait_lock(RINGS)
    found = dict(Member.objects.filter(consumer_id__in=wanted).values_list("consumer_id", "ring_id"))
    if found.keys() == wanted and len(set(found.values())) == 1:
        return
    rings = sorted(Ring.objects.filter(pk__in=set(found.values())), key=lambda ring: (ring.size, ring.pk))
    alone = wanted - found.keys()
    largest = rings.pop() if rings else Ring.objects.create(size=0, settled_at=at)
    stale = [one.stale_at for one in (largest, *rings) if one.stale_at]
    Member.objects.bulk_create([Member(consumer_id=one, ring=largest) for one in sorted(alone)])
    Member.objects.filter(ring__in=rings).update(ring=largest)
    Ring.objects.filter(pk__in=[one.pk for one in rings]).delete()
    size = largest.size + len(alone) + sum(one.size for one in rings)
    Ring.objects.filter(pk=largest.pk).update(size=size, stale_at=min(stale, default=None))


def link_sighting(*, sighting_id: uuid.UUID, at: datetime) -> None:
    """Link the person of an attempt to buy with what was seen; nothing where it is forgotten already."""
    seen = Sighting.objects.filter(pk=sighting_id).first()
    if seen is not None:
        link(consumer_id=seen.consumer_id, things=things_of({key: getattr(seen, key) for key in KEYS}), at=seen.at)
