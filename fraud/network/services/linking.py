"""Link people with the things that they were seen with, and join their rings.

Linking locks the consumer's row, so that a person being erased is not linked, and then each thing that is not a hub, so that two people who
are first seen with it at the same time find each other. Changing rings takes one lock for all rings, after those. This is needed only if
two rings meet, which is rare, and makes any number of workers safe.
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
    """Record that an account was seen with things, each a kind and a keyed hash; empty hashes are left out.

    Joins the rings of all accounts that share a thing, unless it is a hub. A thing that becomes a hub no longer joins anybody. Erased
    people are not linked.
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
            # Sorted, to avoid deadlocks between people who share several things.
            rows(_LOCK, [text_array(f"fraud:{kind}:{key}" for kind, key in narrow)])
        fresh = _note(consumer_id, seen, at)
        _join_by([thing for thing in narrow if thing in fresh], consumer_id, at)


def _columns(things: Sequence[Thing]) -> list[str]:
    return [text_array(kind for kind, _ in things), text_array(key for _, key in things)]


def _note(consumer_id: uuid.UUID, things: Sequence[Thing], at: datetime) -> set[Thing]:
    """Write the links, and return the new ones."""
    keys = text_array(str(uuid7()) for _ in things)
    noted = rows(_LINK, [consumer_id, at, at, keys, *_columns(things)])
    return {(LinkKind(kind), key) for kind, key, is_new in noted if is_new}


def _join_by(things: Sequence[Thing], consumer_id: uuid.UUID, at: datetime) -> None:
    """Join a person with one other account of each thing, since the others are already joined; mark things that became hubs."""
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
    """Put accounts into one ring: the smaller rings are merged into the largest, so that each account moves rarely."""
    wanted = set(accounts)
    # Also if they are in one ring already: code that splits rings must either see the new link or finish before it.
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
    """Link the person of an attempt to buy with the seen things; does nothing if the sighting is already deleted."""
    seen = Sighting.objects.filter(pk=sighting_id).first()
    if seen is not None:
        link(consumer_id=seen.consumer_id, things=things_of({key: getattr(seen, key) for key in KEYS}), at=seen.at)
