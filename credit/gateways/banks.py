"""What every provider of open banking does: it lets a person choose their bank, and tells the movements of their accounts.

`credit.gateways.find_bank` returns the one that an installation asks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeVar

from core.money import exponent
from core.remote import Refused, Unknown
from credit.banking.sorting import Movement
from credit.gateways.base import SourceRefused, SourceUnavailable

T = TypeVar("T")
TOO_MANY = 429
MOST_PAGES = 60
"""The most pages of one answer that are read; an answer with more is none."""
MOST_UNITS = 10**13
MOST_READ = 30_000
"""The most movements that are read."""


class ConsentNeeded(SourceUnavailable):
    """The bank asks the person for consent again, or they took it back; nothing is told before."""

    outcome = "consent"
    is_down = False


class NotReady(SourceUnavailable):
    """The provider still fetches the movements from the bank; they come in minutes."""

    outcome = "not_ready"
    is_down = False


class TooOften(SourceUnavailable):
    """The provider was asked too often; it answers again in minutes."""

    outcome = "too_often"


class NotConnected(SourceUnavailable):
    """The person came back without having connected a bank."""

    outcome = "left"
    is_down = False


@dataclass(frozen=True, slots=True)
class Visit:
    """Where a person goes to choose their bank, and what finds this visit when they are back (`handle`, secret)."""

    url: str
    handle: str


@dataclass(frozen=True, slots=True)
class Statement:
    """The booked movements of a person's own accounts in one currency, and the accounts' balances in minor units.

    `holders` are the names of their holders as the bank writes them, none where the provider tells none. `marks` are the bank's own lasting
    marks of the accounts (an IBAN, say), by which the same account is known again.
    """

    movements: tuple[Movement, ...]
    balances: Mapping[str, int]
    holders: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


class BankSource(Protocol):
    """A provider of open banking, by an account whose code is its `name`."""

    name: str

    def health(self) -> None:
        """Ask for something that changes nothing; SourceUnavailable."""

    def begin(self, *, person: str, market: str, language: str, back: str, state: str) -> Visit:
        """Begin a visit to a person's bank. SourceUnavailable.

        `person` is a mark of ours, new for each visit, that tells nothing about them; they come back to the address `back` with `state`.
        """

    def finish(self, *, handle: str) -> str:
        """Return the secret that opens the accounts of a person who is back from their bank; NotConnected, SourceUnavailable."""

    def read(self, access: str, *, currency: str, since: date) -> Statement:
        """Return the movements of a person's accounts from a day on; ConsentNeeded, NotReady, TooOften, SourceUnavailable."""

    def balance(self, access: str, *, currency: str) -> int | None:
        """Return what the fullest of a person's own accounts has to spend, None without one; ConsentNeeded, SourceUnavailable."""

    def end(self, access: str) -> None:
        """End the access at the provider, also where it has ended already; SourceUnavailable."""


def told_by(call: Callable[[], T], codes: Mapping[str, type[SourceUnavailable]], name: str) -> T:
    """Return a provider's answer; SourceUnavailable, of the kind that the error code in the field `name` of its answer has."""
    try:
        return call()
    except Refused as error:
        code = str(error.body.get(name, ""))
        raise codes.get(code, SourceRefused)(code or str(error.status)) from error
    except Unknown as error:
        raise (TooOften if error.status == TOO_MANY else SourceUnavailable)("no answer that can be read") from error
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise SourceUnavailable("an answer that cannot be read") from error


def minor_of(amount: Decimal, currency: str) -> int:
    """Return an amount in minor units; ValueError for one that its currency cannot express, or that is no number."""
    if not amount.is_finite() or abs(amount) > MOST_UNITS:
        raise ValueError("no amount of money")
    minor = amount.scaleb(exponent(currency))
    if minor != minor.to_integral_value():
        raise ValueError("a part of the smallest unit")
    return int(minor)
