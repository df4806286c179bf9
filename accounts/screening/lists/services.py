"""Load published lists in dated versions, by hand or each day."""

import logging
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import IO

from django.conf import settings

from accounts.errors import ListUnreadable
from accounts.gateways.published_lists import opened
from accounts.models import ListedEntry, PublishedList
from accounts.screening.lists.reading import Entry, Published, read_list
from accounts.states import ListSource
from core.db import unit, wait_lock

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
