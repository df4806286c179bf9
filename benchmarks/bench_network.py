"""Network: a person's standing and neighborhood among 1,000,000 links.

A device is shared by two people, an address by three, a phone by ten, and one card in a hundred by forty. Every second person also has the
same internet address, which the product has marked as a hub, and the same device, which it has not: 100,000 people at the end. Both figures
are 95th percentiles, of people never asked about before, once the server has been asked about some hundred others; the detail compares them
with the same among 10,000 links.
"""

import statistics
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Any

from benchmarks.harness import Figure, run, settle, stack

FEW, MANY = 10_000, 1_000_000
WARM, ASKED = 300, 600
_PEOPLE = """
    INSERT INTO accounts_consumer
        (id, market_id, locale, time_zone, email, email_hash, phone, name, birth_date, address, identity, created_at)
    SELECT md5('p' || n)::uuid, 'US', 'en', 'UTC', '', 'crowd' || n, '', '', '', '', 'unknown', now() FROM generate_series(%s, %s) n"""
_LINKS = """
    INSERT INTO fraud_link (id, consumer_id, kind, key, times, first_at, last_at)
    SELECT gen_random_uuid(), md5('p' || n)::uuid, kind, key, 1, now(), now() FROM generate_series(%(first)s, %(last)s) n, LATERAL (VALUES
        ('device', md5('d' || n / 2)), ('address', md5('a' || (n + 1) / 3)), ('phone', md5('t' || (n + 3) / 10)),
        ('card', CASE WHEN n / 40 %% 100 = 0 THEN md5('c' || n / 40) ELSE md5('o' || n) END),
        ('network', CASE WHEN n %% 2 = 0 THEN 'office' ELSE md5('n' || n / 4) END)) AS thing(kind, key)"""
_KIOSK = """
    INSERT INTO fraud_link (id, consumer_id, kind, key, times, first_at, last_at)
    SELECT gen_random_uuid(), md5('p' || n)::uuid, 'device', 'kiosk', 1, now(), now() FROM generate_series(%s, %s) n WHERE n %% 2 = 0"""
_RINGS = "INSERT INTO fraud_ring (id, size, settled_at) SELECT md5('r' || n)::uuid, 50, now() FROM generate_series(%s / 50, %s / 50) n"
_MEMBERS = """
    INSERT INTO fraud_member (id, consumer_id, ring_id)
    SELECT gen_random_uuid(), md5('p' || n)::uuid, md5('r' || n / 50)::uuid FROM generate_series(%s, %s) n"""
_KNOWN = """
    INSERT INTO fraud_label (id, consumer_id, "order", merchant, currency, is_fraud, source, actor, reason, at, ended_by)
    SELECT gen_random_uuid(), md5('p' || n)::uuid, '', '', '', true, 'desk', 'bench', '', now(), '' FROM generate_series(%s, %s) n
    WHERE n %% 500 = 0"""


def measure() -> list[Figure]:
    """Read the network with few links, then with many; return how long both reads take with many."""
    with stack():
        from fraud import network

        asks: dict[str, Callable[[uuid.UUID], Any]] = {"standing": network.standing, "neighborhood": network.neighborhood}
        _grow(0, FEW // 5 - 1)
        few = {name: _p95(ask, FEW // 5) for name, ask in asks.items()}
        _grow(FEW // 5, MANY // 5 - 1)
        many = {name: _p95(ask, MANY // 5) for name, ask in asks.items()}
    told = f"{MANY:,} links; as long as among {FEW:,}, times"
    return [Figure(f"network_{name}_p95_ms", many[name] * 1000, 10, 5, "lower", f"{told} {many[name] / few[name]:.1f}") for name in asks]


def _grow(first: int, last: int) -> None:
    """Write people from one number to another with everything that they share."""
    from core.db import rows, unit
    from fraud import network
    from fraud.models import Hub
    from fraud.states import LinkKind

    with unit():
        rows(_PEOPLE, [first, last])
        rows(_LINKS, {"first": first, "last": last})
        rows(_KIOSK, [first, last])
        rows(_RINGS, [first, last])
        rows(_MEMBERS, [first, last])
        rows(_KNOWN, [first, last])
    # The product detects the hub when one more person is linked with it.
    network.link(consumer_id=_person(first + 1), things=[(LinkKind.NETWORK, "office")], at=datetime.now(UTC))
    assert Hub.objects.count() == 1
    settle()


def _person(number: int) -> uuid.UUID:
    from core.db import rows

    return uuid.UUID(str(rows("SELECT md5(%s)::uuid", [f"p{number}"])[0][0]))


def _p95(ask: Callable[[uuid.UUID], Any], people: int) -> float:
    """Return the 95th percentile, in seconds, over random people; those with an even number, who share things, come more often."""
    dice, times = Random(5), []
    for number in range(WARM + ASKED):
        drawn = dice.randrange(people)
        person = _person(drawn if number % 5 else drawn // 2 * 2)
        start = time.perf_counter()
        ask(person)
        times.append(time.perf_counter() - start)
    return statistics.quantiles(times[WARM:], n=20)[-1]


if __name__ == "__main__":
    run(measure)
