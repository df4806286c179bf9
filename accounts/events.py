"""Events of the accounts app."""

from dataclasses import dataclass
from typing import ClassVar

from brands.models import DEFAULT
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
    """A consumer's time zone has changed with the address; it is an IANA name."""

    NAME: ClassVar[str] = "accounts.consumer_moved"
    consumer: str
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerErased(Event):
    """A consumer's data key was destroyed: nothing that was encrypted with it can be read any more."""

    NAME: ClassVar[str] = "accounts.consumer_erased"
    consumer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestOpened(Event):
    """A consumer has sent a request that a person must answer."""

    NAME: ClassVar[str] = "accounts.request_opened"
    consumer: str
    request: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAnswered(Event):
    """An operator has answered a consumer's request."""

    NAME: ClassVar[str] = "accounts.request_answered"
    consumer: str
    request: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordLinkWanted(Event):
    """A user must get a mail of a brand to choose a password.

    `kind`: an operator's first one (`operator_invited`) or another (`operator_password`), or another of a member of a shop's team
    (`member_password`).
    """

    NAME: ClassVar[str] = "accounts.password_link_wanted"
    user: str
    kind: str
    brand: str = DEFAULT


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(Event):
    """A user has chosen another password by a link; `place` is where they asked for it: `operator` or `member`."""

    NAME: ClassVar[str] = "accounts.password_changed"
    user: str
    place: str
    brand: str = DEFAULT
