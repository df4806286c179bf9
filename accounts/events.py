"""What the accounts app tells."""

from dataclasses import dataclass
from typing import ClassVar

from core.outbox import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentitySettled(Event):
    """An identity check that was pending has its answer: `verified` or `rejected`."""

    NAME: ClassVar[str] = "accounts.identity_settled"
    consumer: str
    identity: str
