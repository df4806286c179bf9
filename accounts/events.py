"""Events of the accounts app."""

from dataclasses import dataclass
from typing import ClassVar

from brands.models import DEFAULT
from core.outbox import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentitySettled(Event):
    """A pending identity check has its result: `verified` or `rejected`; `check` names it."""

    NAME: ClassVar[str] = "accounts.identity_settled"
    consumer: str
    identity: str
    check: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofSettled(Event):
    """What came of pictures that prove who a person is: `accepted`, `refused`, or later `ended`, with the document."""

    NAME: ClassVar[str] = "accounts.proof_settled"
    consumer: str
    proof: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerMoved(Event):
    """A consumer's time zone has changed with the address; the new one is an IANA name."""

    NAME: ClassVar[str] = "accounts.consumer_moved"
    consumer: str
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailsChanged(Event):
    """A consumer's address or contacts have changed; `fields` names them: `address`, `email`, `phone`."""

    NAME: ClassVar[str] = "accounts.details_changed"
    consumer: str
    fields: list[str]


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

    `kind`: an operator's first password (`operator_invited`), a new one for an operator (`operator_password`), or a new one for a member of
    a shop's team (`member_password`). `language` is that of the page where it was asked for: of the mail, unless the user chose another.
    """

    NAME: ClassVar[str] = "accounts.password_link_wanted"
    user: str
    kind: str
    brand: str = DEFAULT
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorExcluded(Event):
    """One person has locked an operator out at once; `by` is the key of the person."""

    NAME: ClassVar[str] = "accounts.operator_excluded"
    user: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(Event):
    """A user has chosen a new password with a link; `place` is where they asked for it: `operator` or `member`."""

    NAME: ClassVar[str] = "accounts.password_changed"
    user: str
    place: str
    brand: str = DEFAULT


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityChanged(Event):
    """How a consumer signs in has changed, or where; `reference` names the row.

    `what`: `passkey_added`, `passkey_removed`, `login_added`, `login_removed` (an account at another company), `new_device`,
    or `signed_out` (everywhere but in one browser).
    """

    NAME: ClassVar[str] = "accounts.security_changed"
    consumer: str
    what: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactMoved(Event):
    """What came of a change of a consumer's e-mail address or number: it waits, was made, was undone, or dropped (`ContactStatus`)."""

    NAME: ClassVar[str] = "accounts.contact_moved"
    consumer: str
    change: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffFactorChanged(Event):
    """How a user signs in has changed.

    `what`: `app_added`, `app_removed`, `recovery_used` (a recovery code), `passkey_added`, `passkey_removed`, or `signed_out` (all sessions
    were ended).
    """

    NAME: ClassVar[str] = "accounts.staff_factor_changed"
    user: str
    what: str
