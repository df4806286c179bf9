"""Identity checks by the sandbox world."""

from collections.abc import Callable
from typing import Any, TypeVar

from accounts.gateways.base import Finding, Person, ProviderUnavailable
from core import remote
from core.remote import understood

PATH = "/kyc/v1/checks"
T = TypeVar("T")


class SandboxIdentityProvider:
    """Decides by the persona in the e-mail address."""

    name = "sandbox"

    def check(self, person: Person, *, reference: str) -> Finding:
        """Ask for a check; ProviderUnavailable."""
        body = {
            "reference": reference,
            "email": person.email,
            "phone": person.phone,
            "name": person.name,
            "birth_date": person.birth_date.isoformat(),
            "address": person.address,
            "country": person.country,
        }
        return _asked(lambda: _finding(remote.sandbox().post(PATH, body)))

    def find(self, *, reference: str) -> Finding | None:
        """Return the check that was asked for under a reference, or None; ProviderUnavailable."""
        found = _asked(lambda: remote.sandbox().get(PATH, {"reference": reference})["data"])
        return _asked(lambda: _finding(found[0])) if found else None


def _asked(call: Callable[[], T]) -> T:
    """Return what the provider says; an answer that is none, or cannot be read, says nothing about the person: ProviderUnavailable."""
    return understood(call, otherwise=ProviderUnavailable)


def _finding(check: dict[str, Any]) -> Finding:
    evidence = {key: check[key] for key in ("evidence", "sanctions_hit", "pep_hit")}
    return Finding(check["status"], check["id"], list(check["reasons"]), evidence)
