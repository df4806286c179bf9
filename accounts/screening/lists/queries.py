"""The lists as they stand: their version, and people compared with them."""

import threading
from collections.abc import Iterable
from datetime import datetime

from accounts.models import ListedEntry, PublishedList
from accounts.rules.names.index import Index
from accounts.rules.names.listed import Frequencies, Listed, person, whole_person
from core.db import rows

_VERSION = "SELECT source, max(id) FROM accounts_publishedlist GROUP BY source ORDER BY source"


def current_version() -> str:
    """Return the number of each list's newest version, such as `eu:4 ofac:12`; empty if none is loaded; one query."""
    return " ".join(f"{source}:{newest}" for source, newest in rows(_VERSION))


class Comparison:
    """People on the lists as they stand at a version, ready to be compared: `recent` are the entries loaded after a moment, alone."""

    def __init__(self, version: str, since: datetime | None = None) -> None:
        self.version = version
        people = ListedEntry.objects.filter(until=None, is_person=True)
        names = [(row, name) for row in people.only("source", "entry", "told", "since_id") for name in _names_of(row)]
        among = Frequencies(name for _row, name in names)
        if since is not None:
            recent = set(PublishedList.objects.filter(loaded_at__gt=since).values_list("id", flat=True))
            names = [(row, name) for row, name in names if row.since_id in recent]
        self.rows = {name.key: row for row, name in names}
        self.index = Index((name for _row, name in names), among)


_lock, _newest = threading.Lock(), list[Comparison]()


def comparison() -> Comparison:
    """Return the lists as they stand; read once a version in each process, which takes some seconds; one query otherwise."""
    version = current_version()
    with _lock:
        if not _newest or _newest[0].version != version:
            _newest[:] = [Comparison(version)]
        return _newest[0]


def list_versions(most: int = 50) -> list[PublishedList]:
    """Return the versions of all lists that were loaded last, newest first."""
    return list(PublishedList.objects.order_by("-id")[:most])


def _names_of(row: ListedEntry) -> Iterable[Listed]:
    key, born = str(row.pk), [(first, last) for first, last in row.told["born"]]
    for given, surname in row.told["names"]:
        yield person(key, given, surname, born) if given else whole_person(key, surname, born)


def name_of(row: ListedEntry) -> str:
    """Return the first name of an entry, in speaking order."""
    return " ".join(part for part in row.told["names"][0] if part)
