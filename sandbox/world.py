"""The world: its companies, data, clock, outages and courier, passed to every handler."""

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from sqlite3 import Row
from typing import Any, Protocol

from sandbox.accounts import Account
from sandbox.cards import Card
from sandbox.chaos import Chaos
from sandbox.clock import Clock
from sandbox.message import Answer, Request
from sandbox.store import Store

Handler = Callable[["World", Request], Answer]
Route = tuple[str, str, Handler]


@dataclass(frozen=True, slots=True)
class Persona:
    """A plus part of an e-mail address to which a company reacts, and the reaction, for the home page."""

    name: str
    does: str


@dataclass(frozen=True, slots=True)
class Address:
    """The address for the events of a stream, and the secret that signs them."""

    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class Events:
    """How a company sends its events.

    Every stream of the company, and no other, starts with `streams`. `address(world, stream)` is None without a receiver; `headers(secret,
    event_id, body)` returns the headers of one event, with its signature.
    """

    streams: str
    address: Callable[["World", str], Address | None]
    headers: Callable[[str, str, bytes], dict[str, str]]


@dataclass(frozen=True, slots=True)
class CardPage:
    """How a company handles the cards that people type on the hosted page for it; `row` is the setup.

    `refuses(card)`: whether the company refuses this card, in addition to cards that all refuse. `keep(world, row, card)` stores the card
    and returns the token. `declined(world, row, name)` is called for each declined card. `address(row)`: where the person goes after the
    page.
    """

    refuses: Callable[[Card], bool]
    keep: Callable[["World", Row, Card], str]
    declined: Callable[["World", Row, str], None]
    address: Callable[[Row], str]


@dataclass(frozen=True, slots=True)
class Faults:
    """What banks do days later with a company's objects, as requested at `/control`.

    Each is called with the id in the request. It returns the changed object, or None if the company has no such object. A company leaves
    out what it does not have.
    """

    clear_charge: Callable[["World", str], dict[str, Any] | None] | None = None
    fail_charge: Callable[["World", str, str], dict[str, Any] | None] | None = None
    fail_refund: Callable[["World", str, str], dict[str, Any] | None] | None = None
    fail_payout: Callable[["World", str, str], dict[str, Any] | None] | None = None
    dispute: Callable[["World", str, str, int | None], dict[str, Any] | None] | None = None
    close_dispute: Callable[["World", str, str], dict[str, Any] | None] | None = None
    alter: Callable[["World", str, str, dict[str, Any]], dict[str, Any] | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """One company, or one protocol, of the outside world; everything that the sandbox knows about it.

    It is listed in `sandbox.companies.COMPANIES` and imports no other company.
    """

    name: str
    routes: Sequence[Route]
    """All its addresses: method, path with `{names}`, handler."""
    api: tuple[str, ...] = ()
    """The prefixes of its API's paths; outages with its name (`/control/chaos`) apply to them."""
    keyed: tuple[str, ...] = ()
    """The prefixes of paths that need the sandbox's bearer key."""
    keyed_writes: tuple[str, ...] = ()
    """The same, for everything but GET."""
    schema: str = ""
    """`CREATE TABLE IF NOT EXISTS ...`. A table with a `seq` is numbered; a column added later must have a default or take NULL."""
    personas: tuple[Persona, ...] = ()
    memory: Callable[["World"], Any] | None = None
    """Called when the process starts; returns the value to keep in `world.memory[name]`, beside its tables."""
    reset: Callable[["World"], None] | None = None
    """Forgets data that is in no table; called after its tables were emptied."""
    due: Callable[["World"], None] | None = None
    """Does what has come due in sandbox time; called once a second, and whenever the clock is moved."""
    events: Events | None = None
    card_page: CardPage | None = None
    keep_account: Callable[["World", Row, Account], str] | None = None
    """Stores the bank account that a person typed on the hosted page of the company's setup (`row`), and returns its token."""
    faults: Faults | None = None
    guide: Callable[["World"], str] | None = None
    """Its section on the home page, as HTML."""
    lines: Callable[["World"], list[tuple[str, str]]] | None = None
    """Its lines on the home page for engineers: a name, and an address or a number."""


class Messenger(Protocol):
    """Sends events; implemented by `sandbox.courier`."""

    def record(self, stream: str, kind: str, body: dict[str, Any]) -> None:
        """Store an event in the same transaction as its object; it is sent after the commit."""

    def look(self) -> None:
        """Check for events at the next `wake`, because an address changed."""

    def wake(self) -> None:
        """Check for events after a commit, if one was recorded."""

    def start(self) -> None:
        """Start delivering."""

    async def stop(self) -> None:
        """Stop; events not accepted yet are sent after the next start."""


@dataclass(frozen=True)
class Options:
    """The options of the process."""

    host: str
    port: int
    db: str
    key: str
    public_url: str
    events_url: str | None = None
    events_secret: str | None = None


class World:
    """Everything a handler needs; handlers are plain functions `(world, request) -> Answer`."""

    def __init__(self, options: Options, companies: Sequence[Company]) -> None:
        self.options = options
        self.companies = {company.name: company for company in companies}
        self.store = Store(options.db, [company.schema for company in companies])
        self.clock = Clock(self.store)
        self.chaos = Chaos({company.name: company.api for company in companies if company.api})
        self.memory = {company.name: company.memory(self) for company in companies if company.memory}
        self.courier: Messenger

    def url(self, path: str) -> str:
        """The public address of a path."""
        return self.options.public_url + path

    def is_key(self, sent: object) -> bool:
        """Whether something that was sent is the sandbox's key."""
        return isinstance(sent, str) and hmac.compare_digest(sent.encode(), self.options.key.encode())

    def do_due(self) -> None:
        """Let every company do what has come due."""
        for company in self.companies.values():
            if company.due:
                company.due(self)

    def reset(self) -> None:
        """Delete everything except addresses for events, for companies that keep theirs."""
        self.store.forget_everything()
        self.clock.set_offset(0)
        self.chaos.rules.clear()
        for company in self.companies.values():
            if company.reset:
                company.reset(self)
