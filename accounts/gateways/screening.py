"""Screening against lists over HTTP, by the contract in `docs/gateways/screening.md`; the sandbox world implements it with personas."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol, TypeVar

from django.utils.translation import gettext_lazy as _

from accounts.gateways.base import ProviderUnavailable
from accounts.states import ListKind
from core.provider_terms import CURRENCY, budget_setting, price_setting, typed_terms
from core.providers import Account
from core.remote import Remote, sandbox, understood

PATH, LISTS = "/screening/v1/screenings", "/screening/v1/lists"
MOST_PEOPLE, MOST_MATCHES = 200, 50
LONGEST = {"entry": 80, "updated": 40, "list_name": 80, "name": 200, "birth_date": 40, "note": 500}
AFTERWARDS = _("After that the purchase waits; a later answer is kept.")
TERMS = (
    budget_setting(AFTERWARDS),
    price_setting(_("Price of a person, in the smallest unit"), _("For instance 125 for 1.25 USD. Every answer counts.")),
    CURRENCY,
)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Subject:
    """A person to be screened, under a key of ours; personal data, kept in memory only."""

    key: str
    name: str = field(repr=False)
    birth_date: str = field(repr=False)
    country: str
    address: Mapping[str, str] = field(default_factory=dict, repr=False)
    email: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a list that may be a person: its key there, when it was changed, and its own words."""

    kind: str
    entry: str
    updated: str
    list_name: str
    name: str
    birth_date: str
    note: str
    score: int

    def __post_init__(self) -> None:
        wrong = [name for name, most in LONGEST.items() if type(getattr(self, name)) is not str or len(getattr(self, name)) > most]
        if wrong or not self.entry or self.kind not in set(ListKind) or type(self.score) is not int or not 0 <= self.score <= 100:
            raise ProviderUnavailable("an entry of a list that cannot be read")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question told: the version of the lists, and the entries found for each key."""

    provider_ref: str
    list_version: str
    found: Mapping[str, Sequence[Entry]]


class ScreeningProvider(Protocol):
    """A company that screens people, by an account whose code is its `name`; times in milliseconds, the price a person in minor units."""

    name: str
    budget_ms: int
    price_minor: int
    price_currency: str

    def screen(self, people: Sequence[Subject], *, reference: str) -> Answer:
        """Screen at most 200 people; ProviderUnavailable."""

    def version(self) -> str:
        """Return the version of the lists as they are now; ProviderUnavailable."""


class HttpScreening:
    """One account with a company that screens people."""

    def __init__(self, account: Account, remote: Callable[[], Remote]) -> None:
        values = typed_terms(account, TERMS)
        self.name, self._remote = account.code, remote
        self.budget_ms, self.price_minor, self.price_currency = (
            int(values["budget_ms"]),
            int(values["price_minor"]),
            values["price_currency"],
        )

    def health(self) -> None:
        """Ask for the version of the lists; ProviderUnavailable."""
        self.version()

    def version(self) -> str:
        """Return the version of the lists as they are now; ProviderUnavailable."""
        return _asked(lambda: _text(self._remote().get(LISTS), "version"))

    def screen(self, people: Sequence[Subject], *, reference: str) -> Answer:
        """Screen at most 200 people; ProviderUnavailable, also if anybody is missing in the answer."""
        body = {"reference": reference, "people": [asdict(one) for one in people]}
        return _asked(lambda: _answer(self._remote().post(PATH, body), reference, {one.key for one in people}))


def of_account(account: Account) -> HttpScreening:
    """Return the company at the address of an account."""
    # A match with an odd character in its note is a match, and no silence after which an earlier answer would count.
    remote = Remote(account.values["url"], account.values["key"], account=account.code, mends=True)
    return HttpScreening(account, lambda: remote)


def of_sandbox(account: Account) -> HttpScreening:
    """Return the lists of the sandbox world."""
    return HttpScreening(account, lambda: sandbox(account.code))


def _asked(call: Callable[[], T]) -> T:
    """Return an answer; ProviderUnavailable for a missing or unreadable one, which says nothing about anybody."""
    return understood(call, otherwise=ProviderUnavailable)


def _text(told: Mapping[str, Any], name: str) -> str:
    if type(told[name]) is not str or not 1 <= len(told[name]) <= 80:
        raise ProviderUnavailable(f"an answer without {name}")
    return str(told[name])


def _entry(told: Mapping[str, Any]) -> Entry:
    words = ("kind", "entry", "updated", "name", "birth_date", "note")
    return Entry(list_name=told["list"], score=told["score"], **{name: told[name] for name in words})


def _answer(told: dict[str, Any], reference: str, keys: set[str]) -> Answer:
    found = {str(one["key"]): tuple(map(_entry, one["matches"][:MOST_MATCHES])) for one in told["people"]}
    if told["reference"] != reference or found.keys() != keys:
        raise ProviderUnavailable("the answer to another question")
    return Answer(_text(told, "id"), _text(told, "list_version"), found)
