"""What the accounts app tells."""

from dataclasses import dataclass
from typing import ClassVar

from core.outbox import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentitySettled(Event):
    """An identity check that was pending has its answer: `verified` or `rejected`; `check` names it."""

    NAME: ClassVar[str] = "accounts.identity_settled"
    consumer: str
    identity: str
    check: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerMoved(Event):
    """Somebody lives by another clock now: the time zone of the new address, by its IANA name."""

    NAME: ClassVar[str] = "accounts.consumer_moved"
    consumer: str
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestOpened(Event):
    """A consumer asks something of a person."""

    NAME: ClassVar[str] = "accounts.request_opened"
    consumer: str
    request: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAnswered(Event):
    """An operator has answered what a consumer asked."""

    NAME: ClassVar[str] = "accounts.request_answered"
    consumer: str
    request: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordLinkWanted(Event):
    """An operator is to get a mail by which they choose a password: the first one (`operator_invited`) or another (`operator_password`)."""

    NAME: ClassVar[str] = "accounts.password_link_wanted"
    user: str
    kind: str
