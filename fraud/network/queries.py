"""Reads of the network, each with one statement that follows a bounded number of links; hubs are never followed."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.queries import ACCOUNTS
from core.arrays import text_array
from core.db import rows
from core.prepared import Statement
from fraud.models import Label
from fraud.network.rules import MOST_PEOPLE, Thing
from fraud.states import LinkKind

MOST_MEMBERS = 200
"""The size of a ring is counted up to this."""
RINGS_WAIT = """EXISTS (SELECT 1 FROM fraud_ring WHERE stale_at IS NOT NULL)
    OR EXISTS (SELECT 1 FROM fraud_ring WHERE settled_at < %(at)s::timestamptz - interval '30 days')"""

_SHARED_BY = max(MOST_PEOPLE.values())
_WALKED = "NOT EXISTS (SELECT 1 FROM fraud_hub h WHERE h.key = l.key AND h.kind = l.kind)"
# All steps are bounded: the values of an account, the accounts of a value, and how many of both are followed.
_STEPS = f"""
    WITH mine AS MATERIALIZED ({ACCOUNTS}),
    own AS MATERIALIZED (
        (SELECT l.kind, l.key FROM mine JOIN fraud_link l ON l.consumer_id = mine.id WHERE {_WALKED} LIMIT 100)
        UNION SELECT l.kind, l.key FROM unnest(%(kinds)s::text[], %(keys)s::text[]) AS l(kind, key) WHERE {_WALKED}),
    near AS MATERIALIZED (
        SELECT DISTINCT x.consumer_id AS id FROM own CROSS JOIN LATERAL (
            SELECT l.consumer_id FROM fraud_link l WHERE l.key = own.key AND l.kind = own.kind LIMIT {_SHARED_BY}) AS x
        WHERE x.consumer_id NOT IN (SELECT id FROM mine) LIMIT 100),
    theirs AS MATERIALIZED (
        SELECT DISTINCT x.kind, x.key FROM near CROSS JOIN LATERAL (
            SELECT l.kind, l.key FROM fraud_link l WHERE l.consumer_id = near.id AND {_WALKED} LIMIT 20) AS x
        WHERE NOT EXISTS (SELECT 1 FROM own WHERE own.key = x.key AND own.kind = x.kind) LIMIT 200),
    far AS MATERIALIZED (
        SELECT DISTINCT x.consumer_id AS id FROM theirs CROSS JOIN LATERAL (
            SELECT l.consumer_id FROM fraud_link l WHERE l.key = theirs.key AND l.kind = theirs.kind LIMIT 10) AS x
        WHERE x.consumer_id NOT IN (SELECT id FROM near) LIMIT 500)"""  # noqa: S608  (words of our own)


def _known(where: str) -> str:
    """Return SQL for whether any account of a set is known fraud: it has a label in force, and no label that the person is honest."""
    return f"""EXISTS (
        SELECT 1 FROM {where} AS n JOIN accounts_consumer c ON c.id = n.id
        JOIN fraud_label f ON f.consumer_id = ANY(ARRAY[c.id, c.person_id]) WHERE f.is_fraud AND f.ended_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM fraud_label o
                WHERE o.consumer_id = f.consumer_id AND o."order" = '' AND NOT o.is_fraud AND o.ended_at IS NULL))"""  # noqa: S608  (our own)


_STANDING = Statement(
    "fraud_standing",
    f"""{_STEPS}, joined AS MATERIALIZED (SELECT id FROM mine UNION SELECT id FROM near),
    ring AS (SELECT id FROM joined UNION (
        SELECT o.consumer_id FROM fraud_member o WHERE o.ring_id IN (
            SELECT m.ring_id FROM fraud_member m JOIN joined ON joined.id = m.consumer_id) LIMIT {MOST_MEMBERS}))
    SELECT least({MOST_MEMBERS}, (SELECT count(DISTINCT coalesce(c.person_id, c.id)) FROM ring JOIN accounts_consumer c ON c.id = ring.id)),
        CASE WHEN {_known("mine")} THEN 0 WHEN {_known("near")} THEN 1 WHEN {_known("far")} THEN 2 END""",  # noqa: S608  (words of our own)
)
# Of others, only what joins them is read: what a person is alone with says nothing here.
_NEIGHBORS = f"""{_STEPS}, joining AS MATERIALIZED (SELECT kind, key FROM own UNION ALL SELECT kind, key FROM theirs),
    others AS MATERIALIZED (
        SELECT id, 1 AS step FROM near UNION ALL SELECT id, 2 FROM far WHERE id NOT IN (SELECT id FROM mine)
        ORDER BY step, id LIMIT %(most)s)
    SELECT l.consumer_id, 0 AS step, l.kind, l.key, l.last_at, NOT {_WALKED} FROM mine CROSS JOIN LATERAL (
        SELECT * FROM fraud_link o WHERE o.consumer_id = mine.id ORDER BY o.last_at DESC LIMIT 100) AS l
    UNION ALL SELECT l.consumer_id, others.step, l.kind, l.key, l.last_at, false FROM others CROSS JOIN LATERAL (
        SELECT o.consumer_id, o.kind, o.key, o.last_at FROM fraud_link o WHERE o.consumer_id = others.id LIMIT 100) AS l
    WHERE (l.kind, l.key) IN (SELECT kind, key FROM joining)
    ORDER BY 2, 1, 3, 4"""  # noqa: S608  (words of our own)


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's position in the network: the number of people in their ring (1 if alone, counted up to 200), and the steps to known fraud.

    `steps` is 0 for known fraud itself, 1 for a person who shares a thing with it, 2 for one who shares a thing with such a person, None
    beyond.
    """

    people: int
    steps: int | None


def standing(person_id: uuid.UUID, things: Iterable[Thing] = ()) -> Standing:
    """Return a person's standing, including through `things` seen just now. One query.

    `person_id` is the key of the person's first account.
    """
    ((people, steps),) = _STANDING.rows(**_asked(person_id, things))
    return Standing(people, steps)


def _asked(person_id: uuid.UUID, things: Iterable[Thing]) -> dict[str, object]:
    known = [(kind, key) for kind, key in things if key]
    return {"holder": person_id, "kinds": text_array(kind for kind, _ in known), "keys": text_array(key for _, key in known)}


@dataclass(frozen=True, slots=True)
class Edge:
    """An account was last seen with a thing then; `step` is the account's distance from the person in question. A hub joins nobody."""

    consumer_id: uuid.UUID
    step: int
    kind: LinkKind
    key: str
    last_at: datetime
    is_hub: bool


def neighborhood(person_id: uuid.UUID, *, most: int = 60) -> list[Edge]:
    """Return at most `most` accounts joined with a person within two steps, the nearest first, and the things that join them. One query.

    Of the person all things are told, of others those that join people.
    `person_id` is the key of the person's first account.
    """
    found = rows(_NEIGHBORS, _asked(person_id, ()) | {"most": most})
    return [Edge(one, step, LinkKind(kind), *rest) for one, step, kind, *rest in found]


def labels_of(consumers: Sequence[uuid.UUID]) -> list[Label]:
    """Return the labels in force of accounts and of their orders, newest first. One query."""
    return list(Label.objects.filter(consumer_id__in=consumers, ended_at=None).order_by("-id"))
