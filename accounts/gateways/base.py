"""The interfaces of the accounts app's providers."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from accounts.states import CheckResult


class ProviderUnavailable(Exception):
    """The provider does not answer: the request may have been carried out or not."""


class TooManyCodes(Exception):
    """The provider refuses to send or check more codes for this destination now."""


class UnknownDestination(Exception):
    """The provider cannot reach this destination."""


@dataclass(frozen=True, slots=True)
class Person:
    """The person to check; personal data, kept in memory only."""

    name: str = field(repr=False)
    birth_date: date = field(repr=False)
    email: str = field(repr=False)
    phone: str = field(repr=False)
    address: dict[str, str] = field(repr=False)
    country: str


RESULTS = frozenset(map(str, CheckResult))


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check: `clear`, `rejected` or `pending`, the reasons, and the evidence as the provider gave it.

    A check that failed for technical reasons says nothing about the person, and raises ProviderUnavailable instead.
    """

    result: str
    provider_ref: str
    reasons: list[str]
    evidence: dict[str, Any] = field(repr=False)

    def __post_init__(self) -> None:
        if self.result not in RESULTS:
            raise ProviderUnavailable(f"no such result of a check: {self.result}")


class IdentityProvider(Protocol):
    """Checks documents, selfie, data match and screening lists."""

    name: str

    def check(self, person: Person, *, reference: str) -> Finding:
        """Request a check; ProviderUnavailable."""

    def find(self, *, reference: str) -> Finding | None:
        """Return the check requested with a reference, or None; ProviderUnavailable."""


class Verifier(Protocol):
    """Sends one-time codes and checks them; the product sees only the code that a person types."""

    def send(self, *, channel: str, to: str) -> str:
        """Send a code by `email` or `sms` and return the provider's id of it; the id stays the same if an unused code is sent again.

        ProviderUnavailable, TooManyCodes, UnknownDestination.
        """

    def cancel(self, *, reference: str) -> None:
        """Cancel a code, so that the next one sent is a new one; does nothing if the code has ended. ProviderUnavailable."""

    def check(self, *, to: str, code: str) -> bool:
        """Return whether a code is right; ProviderUnavailable, TooManyCodes."""
