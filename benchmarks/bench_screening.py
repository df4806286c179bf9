"""Screening: everybody is compared with 500 new entries of the product's own lists, which have 20,000.

`screening_against_reading` is how many times longer the product's timer takes for 100,000 people than the least that it must do: to read
and decrypt the same people, and to note in one statement that all were screened. `screening_million_minutes` is the same for a million
people, by the quickest round. Names are put together from syllables, as on the lists, so that many are alike.
"""

import time
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from benchmarks.harness import Figure, alternate, median_ratio, run, server, settle, stack

PEOPLE, LISTED, NEW, ROUNDS, BATCH = 100_000, 20_000, 500, 3, 2_000
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
SYLLABLES = tuple(f"{begin}{vowel}{end}" for begin in "bdfghklmnprstvz" for vowel in "aeiou" for end in ("", "n", "r", "sh", "k"))


def measure() -> list[Figure]:
    """Make people and lists, and compare them in turn with the limit."""
    with stack():
        from markets.services import load_markets

        load_markets()
        chance = Random(1)
        _load(chance)
        for first in range(0, PEOPLE, BATCH):
            _make(first, chance)
        server("SET session_replication_role = replica", "UPDATE accounts_consumer SET identity = 'verified'")
        settle()
        rounds = alternate(_compared, _least, ROUNDS)
    quickest = min(product for product, _ in rounds)
    told = f"{PEOPLE:,} people and {NEW} new entries of {LISTED:,}: {PEOPLE / quickest:,.0f} people a second"
    return [
        Figure("screening_against_reading", median_ratio(rounds), 6, 3, "lower", told),
        Figure("screening_million_minutes", quickest / PEOPLE * 1_000_000 / 60, 10, 5, "lower", told),
    ]


def _word(chance: Random) -> str:
    return "".join(chance.choice(SYLLABLES) for _ in range(chance.choice((2, 2, 3)))).capitalize()


def _load(chance: Random) -> None:
    """Load a list, and a day later one with more entries."""
    import io

    from accounts.models import ScreeningList
    from accounts.screening.lists.services import load_list
    from accounts.states import ListSource

    people = [
        f"<uid>{n}</uid><firstName>{_word(chance)} {_word(chance)}</firstName><lastName>{_word(chance)}</lastName>" for n in range(LISTED)
    ]
    for count, day in ((LISTED - NEW, 0), (LISTED, 1)):
        entries = "".join(f"<sdnEntry>{one}<sdnType>Individual</sdnType></sdnEntry>" for one in people[:count])
        at = AT + timedelta(days=day)
        load_list(source=ListSource.OFAC, file=io.BytesIO(f"<sdnList>{entries}</sdnList>".encode()), at=at)
        ScreeningList.objects.create(provider="own", version=str(day), seen_at=at)


def _make(first: int, chance: Random) -> None:
    """Make some verified people."""
    from accounts.models import Consumer
    from core.crypto import data_keys, remember_key
    from core.subject_keys import subject_of

    told = {"market_id": "US", "locale": "en", "time_zone": "UTC", "created_at": AT - timedelta(days=9)}
    made = [
        Consumer(
            id=UUID(int=n + 1), email_hash=f"bench{n}", name=f"{_word(chance)} {_word(chance)}", birth_date=f"19{n % 60 + 40}-05-31", **told
        )
        for n in range(first, first + BATCH)
    ]
    keys = data_keys([subject_of(one.pk) for one in made])
    for one in made:
        remember_key(one, keys[subject_of(one.pk)])
    Consumer.objects.bulk_create(made)


def _begin() -> Any:
    """Let everybody have been screened a day before the change; return the question."""
    from accounts.models import Screening

    asked = Screening.objects.create(market="US", provider="own", consumers=[], asked_at=AT, answered_at=AT, list_version="0")
    server(
        "SET session_replication_role = replica",
        "DELETE FROM accounts_screened",
        f"INSERT INTO accounts_screened (consumer_id, screened_at, settled_at, screening) SELECT id, '{AT.isoformat()}', "
        f"'{AT.isoformat()}', '{asked.pk}' FROM accounts_consumer",
    )
    settle()
    return asked


def _compared() -> float:
    from accounts.screening.lists import services
    from core import providers
    from core.providers import Account, Capability

    _begin()
    providers.keep((Account(code="own", provider="own-lists", capabilities=frozenset({Capability.SCREENING}), priority=1),))
    services.RUN_S = 3_600.0
    began = time.perf_counter()
    done = services.compare_changes(at=AT + timedelta(days=1, hours=1))
    took = time.perf_counter() - began
    if not PEOPLE * 0.9 < done < PEOPLE:
        raise SystemExit(f"{done} people are like nobody new: the names are not what this measures")
    return took


def _least() -> float:
    from accounts.models import Consumer
    from core.db import execute

    asked = _begin()
    began = time.perf_counter()
    for first in range(0, PEOPLE, BATCH):
        people = Consumer.objects.filter(id__gt=UUID(int=first), id__lte=UUID(int=first + BATCH)).only("name", "birth_date")
        if not all(one.name and one.birth_date for one in people):
            raise SystemExit("somebody has no name")
    execute("UPDATE accounts_screened SET screened_at = %s, settled_at = %s, screening = %s", [AT, AT, asked.pk])
    return time.perf_counter() - began


if __name__ == "__main__":
    run(measure)
