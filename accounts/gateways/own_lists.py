"""Screening by the product itself, against the published lists that it has loaded (`accounts.screening.lists`)."""

from collections.abc import Sequence

from accounts.gateways.base import ProviderUnavailable
from accounts.gateways.screening import LONGEST, MOST_MATCHES, Answer, Entry, Subject
from accounts.models import ListedEntry
from accounts.screening.lists.models import LIST_NAMES
from accounts.screening.lists.queries import Comparison, comparison, current_version, name_of
from accounts.states import ListKind, ListSource
from core.providers import Account

BUDGET_MS = 1_000


class OwnLists:
    """The lists as they stand; nobody is told who is compared with them, and it costs nothing."""

    def __init__(self, account: Account) -> None:
        self.name, self.price_minor, self.price_currency = account.code, 0, "USD"
        self.budget_ms = int(account.values.get("budget_ms") or BUDGET_MS)

    def health(self) -> None:
        """Check that a list is loaded; ProviderUnavailable."""
        self.version()

    def version(self) -> str:
        """Return the versions of the lists as they stand; ProviderUnavailable if none is loaded."""
        version = current_version()
        if not version:
            raise ProviderUnavailable("no list is loaded")
        return version

    def screen(self, people: Sequence[Subject], *, reference: str) -> Answer:
        """Compare people with the lists; ProviderUnavailable if none is loaded."""
        self.version()
        lists = comparison()
        return Answer(reference, lists.version, {one.key: _found(one, lists) for one in people})


def _found(one: Subject, lists: Comparison) -> tuple[Entry, ...]:
    found = lists.find(one.name, one.birth_date)[:MOST_MATCHES]
    return tuple(_entry(lists.rows[match.key], round(match.score * 100)) for match in found)


def _entry(row: ListedEntry, score: int) -> Entry:
    """Return an entry in the form of all companies; the same until the list changes it, so that it is not asked about again."""
    told = {
        "entry": row.entry,
        "updated": row.digest[:16],
        "list_name": LIST_NAMES[ListSource(row.source)],
        "name": name_of(row),
        "birth_date": ", ".join(row.told["birth_dates"]),
        "note": row.told["note"],
    }
    return Entry(kind=ListKind.SANCTIONS, score=score, **{name: text[: LONGEST[name]] for name, text in told.items()})
