"""What every company does that looks at pictures of documents and people, and the accounts with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Protocol

from accounts.gateways.base import Person
from core import providers
from core.providers import Capability


class Seen(StrEnum):
    """What a company found: all is as it should be, the pictures cannot be read, a person has to look, or it is not done yet."""

    CLEAR = "clear"
    UNREADABLE = "unreadable"
    UNCLEAR = "unclear"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Judged:
    """What a company told about pictures.

    `reasons` are codes of `accounts.proofs.checking.services.REASONS`; `name`, `birth_date` and `ends_on` are what the document says, empty
    or None where the company did not read it; `evidence` is its answer.
    """

    result: Seen
    reasons: list[str] = field(default_factory=list)
    name: str = field(default="", repr=False)
    birth_date: date | None = field(default=None, repr=False)
    ends_on: date | None = None
    evidence: dict[str, Any] = field(default_factory=dict, repr=False)


class PictureChecks(Protocol):
    """Looks at pictures. A check is asked for in two steps, so that a process that is killed between them pays for no second one."""

    name: str

    def begin(self, person: Person, *, reference: str) -> str:
        """Tell who the person is, and return the company's name for the check to come; nothing is paid for yet. ProviderUnavailable."""

    def check(self, ref: str, pictures: Mapping[str, bytes], *, document: str, reference: str) -> Judged:
        """Send the pictures (`front`, `back`, `selfie`) and have them looked at, once however often it is asked; ProviderUnavailable."""

    def find(self, ref: str) -> Judged | None:
        """Return what came of a check, or None if the pictures were never sent; ProviderUnavailable."""

    def health(self) -> None:
        """Ask something that changes nothing; ProviderUnavailable."""


def account_for_pictures(*, market: str, brand: str | None) -> str:
    """Return the account that looks at pictures of a market's people for a brand; an empty text if people here do."""
    found = providers.choose(Capability.PICTURES, market=market, brand=brand)
    return found[0].code if found else ""


def pictures_by(account: str) -> PictureChecks:
    """Return the adapter of an account; NotFound if it is gone."""
    found: PictureChecks = providers.connect(account)
    return found
