"""Load published lists in dated versions, by hand or each day, and compare everybody with what has changed."""

import logging
import time
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import IO

from django.conf import settings

from accounts.errors import ListUnreadable
from accounts.gateways.published_lists import opened
from accounts.models import Consumer, ListedEntry, PublishedList, Screening, ScreeningList
from accounts.screening.lists.queries import Comparison
from accounts.screening.lists.reading import Entry, Published, read_list
from accounts.states import Identity, ListSource
from core import providers
from core.clock import wall
from core.db import execute, rows, unit, wait_lock
from core.providers import Capability

log = logging.getLogger("bnpl.accounts")
BATCH = 2_000
LEAST_LEFT = 0.5
"""The share of the entries before that a new version must have at least; a list that loses more is taken for a broken file."""


def load_list(*, source: ListSource, file: IO[bytes], at: datetime, shrinks: bool = False) -> PublishedList | None:
    """Store a list as a new version, with what changed; None if nothing did.

    ListUnreadable for a file that is another list or broken, and, unless it `shrinks`, for one that has lost half of the entries.
    """
    told = read_list(source, file)
    with unit():
        wait_lock(f"published-list:{source}")
        standing = {
            entry: (key, digest)
            for entry, key, digest in ListedEntry.objects.filter(source=source, until=None).values_list("entry", "id", "digest")
        }
        if len(told.entries) < LEAST_LEFT * len(standing) and not shrinks:
            raise ListUnreadable("The file has lost more than half of the entries.")
        return _store(source, told, standing, at)


def _store(source: ListSource, told: Published, standing: Mapping[str, tuple[int, str]], at: datetime) -> PublishedList | None:
    digests = {key: entry.digest for key, entry in told.entries.items()}
    fresh = [key for key, digest in digests.items() if key not in standing or standing[key][1] != digest]
    gone = [key for key in standing if key not in digests]
    if not fresh and not gone:
        return None
    changed = sum(key in standing for key in fresh)
    version = PublishedList.objects.create(
        source=source,
        published_on=told.published,
        loaded_at=at,
        entries=len(told.entries),
        added=len(fresh) - changed,
        changed=changed,
        removed=len(gone),
    )
    ended = [standing[key][0] for key in (*gone, *fresh) if key in standing]
    ListedEntry.objects.filter(pk__in=ended).update(until=version)
    ListedEntry.objects.bulk_create((_row(version, told.entries[key], digests[key]) for key in fresh), batch_size=BATCH)
    return version


def _row(version: PublishedList, entry: Entry, digest: str) -> ListedEntry:
    told = asdict(entry)
    return ListedEntry(source=version.source, entry=entry.key, is_person=told.pop("is_person"), told=told, digest=digest, since=version)


def load_lists(*, at: datetime) -> int:
    """Load each list of the setting `BNPL_LISTS`; a timer. Return how many changed; one that cannot be read stops no other."""
    new = 0
    for source, place in settings.SANCTIONS_LISTS.items():
        try:
            with opened(place) as file:
                new += load_list(source=ListSource(source), file=file, at=at) is not None
        except Exception:
            # The version before stands.
            log.exception("the list %s cannot be loaded", source)
    return new


OWN, RUN_S, PEOPLE = "own-lists", 50.0, 2_000
WINDOW = timedelta(days=2)
"""People whom the product compared in this time before a change are compared with what has changed since; others with all of the lists."""
_BEFORE = f"""
    SELECT s.consumer_id, s.screened_at FROM accounts_screened s
    JOIN accounts_screening q ON q.id = s.screening AND q.provider = %(provider)s
    JOIN accounts_consumer c ON c.id = s.consumer_id AND c.identity = '{Identity.VERIFIED}'
        AND c.email_hash IS DISTINCT FROM 'erased:' || replace(c.id::text, '-', '')
    WHERE (s.screened_at, s.consumer_id) > (%(after)s, %(key)s) AND s.screened_at < %(seen)s
        AND (s.claimed_until IS NULL OR s.claimed_until <= %(wall)s)
    ORDER BY s.screened_at, s.consumer_id LIMIT %(most)s"""  # noqa: S608
_CLEAR = """
    WITH same AS (
        SELECT s.consumer_id FROM accounts_screened s JOIN unnest(%s::uuid[], %s::timestamptz[]) AS u (key, before)
            ON s.consumer_id = u.key AND s.screened_at = u.before
        ORDER BY s.consumer_id FOR UPDATE OF s SKIP LOCKED)
    UPDATE accounts_screened s SET screened_at = %s, settled_at = greatest(settled_at, %s), screening = %s
    FROM same WHERE s.consumer_id = same.consumer_id"""


def compare_changes(*, at: datetime) -> int:
    """Compare everybody with what has changed on the product's own lists; a timer. Return how many are like nobody who is new there.

    These count as screened. Who is like a new or changed entry, or was not compared of late, is screened in the ordinary way
    (`accounts.screening.services.screen_due`), which raises the match.
    """
    ends, done = time.monotonic() + RUN_S, 0
    for account in providers.in_use(Capability.SCREENING):
        seen = ScreeningList.objects.filter(provider=account.code, seen_at__lte=at).order_by("-seen_at").first()
        if account.provider == OWN and seen is not None:
            done += _compare(account.code, seen, at, ends)
    return done


def _compare(provider: str, seen: ScreeningList, at: datetime, ends: float) -> int:
    done = 0
    lists: Comparison | None = None
    place: dict[str, object] = {"after": seen.seen_at - WINDOW, "key": uuid.UUID(int=0)}
    while time.monotonic() < ends:
        before = dict(rows(_BEFORE, {"provider": provider, "seen": seen.seen_at, "wall": wall(), "most": PEOPLE} | place))
        if not before:
            break
        lists = lists or Comparison(seen.version, since=seen.seen_at - WINDOW)
        groups: dict[tuple[str, str], list[uuid.UUID]] = {}
        for one in Consumer.objects.filter(pk__in=before).only("market_id", "brand_id", "name", "birth_date"):
            if not lists.find(one.name, str(one.birth_date)):
                groups.setdefault((one.market_id, one.brand_id or ""), []).append(one.pk)
        for (market, brand), keys in groups.items():
            done += _clear(Screening(market=market, brand=brand, provider=provider, list_version=seen.version), keys, before, at)
        key, after = max(before.items(), key=lambda one: (one[1], one[0]))
        place = {"after": after, "key": key}
    return done


def _clear(screening: Screening, keys: list[uuid.UUID], before: Mapping[uuid.UUID, datetime], at: datetime) -> int:
    """Record that people are like nobody new, unless they were screened or have changed their details since they were read."""
    screening.consumers, screening.asked_at, screening.answered_at = keys, at, at
    screening.cost_minor, screening.cost_currency, screening.took_ms = 0, "USD", 0
    with unit():
        screening.save(force_insert=True)
        return execute(_CLEAR, [keys, [before[key] for key in keys], at, at, screening.pk])
