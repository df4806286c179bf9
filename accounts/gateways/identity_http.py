"""Identity checks over HTTP, by the contract in `docs/gateways/identity.md`; the sandbox world implements it with personas."""

from collections.abc import Callable
from typing import Any, TypeVar

from accounts.gateways.base import Finding, Person, ProviderUnavailable
from core.providers import Account
from core.remote import Remote, read_countries, sandbox, understood

PATH, COUNTRIES = "/kyc/v1/checks", "/kyc/v1/countries"
T = TypeVar("T")


class HttpIdentityProvider:
    """One account with a company that checks identities."""

    def __init__(self, name: str, remote: Callable[[], Remote]) -> None:
        self.name, self._remote = name, remote

    def check(self, person: Person, *, reference: str) -> Finding:
        """Request a check; ProviderUnavailable."""
        body = {
            "reference": reference,
            "email": person.email,
            "phone": person.phone,
            "name": person.name,
            "birth_date": person.birth_date.isoformat(),
            "address": person.address,
            "country": person.country,
        }
        return _asked(lambda: _finding(self._remote().post(PATH, body)))

    def find(self, *, reference: str) -> Finding | None:
        """Return the check requested with a reference, or None; ProviderUnavailable."""
        found = _asked(lambda: self._remote().get(PATH, {"reference": reference})["data"])
        return _asked(lambda: _finding(found[0])) if found else None

    def health(self) -> None:
        """Look up a check that does not exist; ProviderUnavailable."""
        self.find(reference="health")

    def countries(self) -> frozenset[str]:
        """Return the countries whose people it checks, empty if it does not say; ProviderUnavailable."""
        return _asked(lambda: read_countries(self._remote(), COUNTRIES))


def of_account(account: Account) -> HttpIdentityProvider:
    """Return the provider at the address of an account."""
    remote = Remote(account.values["url"], account.values["key"], account=account.code)
    return HttpIdentityProvider(account.code, lambda: remote)


def of_sandbox(account: Account) -> HttpIdentityProvider:
    """Return the provider of the sandbox world."""
    return HttpIdentityProvider("sandbox", lambda: sandbox(account.code))


def _asked(call: Callable[[], T]) -> T:
    """Return the provider's answer; ProviderUnavailable for a missing or unreadable one, which says nothing about the person."""
    return understood(call, otherwise=ProviderUnavailable)


def _finding(check: dict[str, Any]) -> Finding:
    evidence = {key: check[key] for key in ("evidence", "sanctions_hit", "pep_hit")}
    if not isinstance(check["reasons"], list):
        raise TypeError("reasons are a list of words")
    return Finding(check["status"], check["id"], list(check["reasons"]), evidence)
