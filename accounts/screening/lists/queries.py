"""The lists as they stand: their version, and people compared with them."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import ListedEntry, PublishedList, ScreeningMatch
from accounts.rules.names.index import Found, Index
from accounts.rules.names.listed import Frequencies, Listed, person, whole_person
from accounts.screening.lists.models import LIST_NAMES
from accounts.states import ListSource
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

    def find(self, name: str, birth_date: str) -> list[Found]:
        """Return the entries that a person may be, the most alike first; `birth_date` is ISO, or empty."""
        year = birth_date[:4]
        return self.index.find(name, born=int(year) if year.isdecimal() else None)


_lock, _newest = threading.Lock(), list[Comparison]()


def comparison() -> Comparison:
    """Return the lists as they stand; read once a version in each process, which takes some seconds; one query otherwise."""
    version = current_version()
    with _lock:
        if not _newest or _newest[0].version != version:
            _newest[:] = [Comparison(version)]
        return _newest[0]


def _names_of(row: ListedEntry) -> Iterable[Listed]:
    key, born = str(row.pk), [(first, last) for first, last in row.told["born"]]
    for given, surname in row.told["names"]:
        yield person(key, given, surname, born) if given else whole_person(key, surname, born)


def name_of(row: ListedEntry) -> str:
    """Return the first name of an entry, in speaking order."""
    return " ".join(part for part in row.told["names"][0] if part)


@dataclass(frozen=True, slots=True)
class Change:
    """What a version says of an entry: `added`, `changed` or `removed`, and the entry as it was last."""

    what: str
    row: ListedEntry


def list_changes(version: PublishedList, most: int) -> list[Change]:
    """Return what has changed with a version, at most so many entries; three queries."""
    before = {row.entry: row for row in ListedEntry.objects.filter(until=version).order_by("entry")[:most]}
    after = ListedEntry.objects.filter(since=version).order_by("entry")[:most]
    known = ListedEntry.objects.filter(until=version, entry__in=[row.entry for row in after]).values_list("entry", flat=True)
    changed = set(known)
    told = [Change("changed" if row.entry in changed else "added", row) for row in after]
    begun = {one.row.entry for one in told}
    return [*told, *(Change("removed", row) for entry, row in before.items() if entry not in begun)][:most]


def list_raised(version: PublishedList, most: int) -> list[ScreeningMatch]:
    """Return the matches with a list that were raised while a version was its newest, newest first; two queries."""
    raised = ScreeningMatch.objects.filter(list_name=LIST_NAMES[ListSource(version.source)], raised_at__gte=version.loaded_at)
    following = PublishedList.objects.filter(source=version.source, id__gt=version.pk).order_by("id").first()
    if following is not None:
        raised = raised.filter(raised_at__lt=following.loaded_at)
    return list(raised.select_related("consumer").order_by("-id")[:most])
