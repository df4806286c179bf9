"""Identity checks by the sandbox world."""

from typing import Any

from accounts.gateways.base import Finding, Person, ProviderUnavailable
from core import remote

PATH = "/kyc/v1/checks"


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
        try:
            return _finding(remote.sandbox().post(PATH, body))
        except remote.Unknown as error:
            raise ProviderUnavailable(str(error)) from error

    def find(self, *, reference: str) -> Finding | None:
        """Return the check that was asked for under a reference, or None; ProviderUnavailable."""
        try:
            found = remote.sandbox().get(PATH, {"reference": reference})["data"]
        except remote.Unknown as error:
            raise ProviderUnavailable(str(error)) from error
        return _finding(found[0]) if found else None


def _finding(check: dict[str, Any]) -> Finding:
    evidence = {key: check[key] for key in ("evidence", "sanctions_hit", "pep_hit")}
    return Finding(check["status"], check["id"], list(check["reasons"]), evidence)
