"""The world: its data, clock, outages and courier, passed to every handler."""

from dataclasses import dataclass
from typing import Any, Protocol

from sandbox.chaos import Chaos
from sandbox.clock import Clock
from sandbox.store import Store


class Messenger(Protocol):
    """The sender of events; `sandbox.events` implements it."""

    url: str | None
    stripe_endpoints: dict[str, dict[str, Any]]

    def listens(self, stream: str) -> bool:
        """Whether anybody receives the events of a stream."""

    def record(self, stream: str, kind: str, data: dict[str, Any]) -> None:
        """Store an event in the same transaction as its object; it is sent after the commit."""

    def wake(self) -> None:
        """Check for events after a commit, if one was recorded."""

    def start(self) -> None:
        """Begin delivering."""

    async def stop(self) -> None:
        """Stop; events not accepted yet are sent after the next start."""

    def set_destination(self, url: str | None, secret: str | None) -> None:
        """Remember where the gateway's events go."""


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

    def __init__(self, options: Options) -> None:
        self.options = options
        self.store = Store(options.db)
        self.clock = Clock(self.store)
        self.chaos = Chaos()
        self.courier: Messenger

    def url(self, path: str) -> str:
        """The public address of a path."""
        return self.options.public_url + path
