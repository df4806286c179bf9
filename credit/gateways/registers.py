"""Registers of payment remarks and debtors over HTTP, by the contract in `docs/gateways/registers.md`; the sandbox world implements it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Protocol

from core.money import MAX_MINOR
from core.providers import Account
from core.remote import Remote, read_countries, sandbox
from credit.gateways.base import SourceUnavailable, Subject, asked_of
from credit.gateways.terms import Terms, terms_of

PATH, COUNTRIES = "/registers/v1/checks", "/registers/v1/countries"
MOST_REMARKS = 10_000


@dataclass(frozen=True, slots=True)
class Remarks:
    """What a register told of a person: how many remarks, what they say is owed in all, and the day of the newest (ISO, or empty).

    `owed_minor` is in minor units of the currency of the question. Who is owed, and for what, is not read.
    """

    provider_ref: str
    remarks: int
    owed_minor: int
    newest_on: str = ""

    def __post_init__(self) -> None:
        if type(self.provider_ref) is not str or not 1 <= len(self.provider_ref) <= 80:
            raise SourceUnavailable("an answer without an id")
        for number, most in ((self.remarks, MOST_REMARKS), (self.owed_minor, MAX_MINOR)):
            if type(number) is not int or not 0 <= number <= most:
                raise SourceUnavailable("an answer without its numbers")
        if self.newest_on:
            date.fromisoformat(self.newest_on)

    @property
    def kept(self) -> dict[str, Any]:
        """What an inquiry stores of the answer; nothing in it identifies the person."""
        return {name: value for name, value in asdict(self).items() if name != "provider_ref"}


class RegisterSource(Protocol):
    """A company that asks registers, by an account whose code is its `name`."""

    name: str
    terms: Terms

    def reaches(self, register: str) -> bool:
        """Return whether it asks a register, by the code in the market's setting."""

    def check(self, subject: Subject, register: str, *, reference: str) -> Remarks:
        """Ask a register about a person; SourceUnavailable."""

    def find(self, register: str, *, reference: str, currency: str) -> Remarks | None:
        """Return the answer to an earlier question with a reference, or None; SourceUnavailable."""


class HttpRegisters:
    """One account with a company that asks registers; without codes it asks all."""

    def __init__(self, account: Account, codes: frozenset[str], remote: Callable[[], Remote]) -> None:
        self.name, self.terms, self._codes, self._remote = account.code, terms_of(account), codes, remote

    def reaches(self, register: str) -> bool:
        """Return whether it asks a register, by the code in the market's setting."""
        return not self._codes or register in self._codes

    def health(self) -> None:
        """Look up an answer with a reference that was never used; SourceUnavailable."""
        asked_of(lambda: self._remote().get(PATH, {"reference": "health"})["data"])

    def countries(self) -> frozenset[str]:
        """Return the countries whose registers it asks, empty if it does not say; SourceUnavailable."""
        return asked_of(lambda: read_countries(self._remote(), COUNTRIES))

    def check(self, subject: Subject, register: str, *, reference: str) -> Remarks:
        """Ask a register about a person; SourceUnavailable."""
        body = {
            "reference": reference,
            "register": register,
            "email": subject.email,
            "name": subject.name,
            "birth_date": subject.birth_date,
            "address": dict(subject.address),
            "country": subject.country,
            "currency": subject.currency,
        }
        return asked_of(lambda: _read(self._remote().post(PATH, body), register, reference, subject.currency))

    def find(self, register: str, *, reference: str, currency: str) -> Remarks | None:
        """Return the answer to an earlier question with a reference, or None; SourceUnavailable."""
        found = asked_of(lambda: self._remote().get(PATH, {"reference": reference})["data"])
        return asked_of(lambda: _read(found[0], register, reference, currency)) if found else None


def of_account(account: Account) -> HttpRegisters:
    """Return the company at the address of an account."""
    remote = Remote(account.values["url"], account.values["key"], account=account.code)
    return HttpRegisters(account, frozenset(account.values["registers"].split()), lambda: remote)


def of_sandbox(account: Account) -> HttpRegisters:
    """Return the registers of the sandbox world: all that markets name."""
    return HttpRegisters(account, frozenset(), lambda: sandbox(account.code))


def _read(answer: dict[str, Any], register: str, reference: str, currency: str) -> Remarks:
    """Return an answer; SourceUnavailable for that to another question, about another register, or in another currency."""
    if (answer["reference"], answer["register"], answer["currency"]) != (reference, register, currency):
        raise SourceUnavailable("the answer to another question")
    return Remarks(answer["id"], answer["remarks"], answer["owed_minor"], answer["newest_on"] or "")
