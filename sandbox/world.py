"""The world: its memory, its clock, its bad days and its messengers, handed to every handler."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.chaos import Chaos
from sandbox.clock import Clock
from sandbox.store import Store

if TYPE_CHECKING:
    from .events import Courier


@dataclass(frozen=True)
class Options:
    """How the process was started."""

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
        self.courier: Courier

    def url(self, path: str) -> str:
        """The public address of a path."""
        return self.options.public_url + path
