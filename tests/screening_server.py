"""A company that screens people, over real HTTP: it hangs, answers late, wrong, twice or with an error; and an account with it."""

from typing import Any

from core.providers import Account, Capability
from tests.bureau_server import Bureau

ENTRY = {
    "kind": "sanctions",
    "entry": "EU-1234",
    "updated": "2026-11-01",
    "list": "EU consolidated",
    "name": "Ann Example",
    "birth_date": "1990",
    "note": "Listed for an example",
    "score": 92,
}


class Lists(Bureau):
    """By the contract of `docs/gateways/screening.md`: `entries` are what it names for everybody."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[dict[str, Any]] = []
        self.version = "1"

    def told(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a question."""
        people = [{"key": one["key"], "matches": self.entries} for one in body["people"]]
        return {"list_version": self.version, "people": people}


def screening_account(server: Lists, code: str = "lists", *, market: str = "", **terms: str) -> Account:
    """Return an account with the company, at 0.10 EUR a person, for one market or all."""
    values = {"url": server.url, "key": "k", "budget_ms": "300", "price_minor": "10", "price_currency": "EUR"} | terms
    told = {"provider": "http-screening", "capabilities": frozenset({Capability.SCREENING}), "priority": 1, "values": values}
    return Account(code=code, market=market, **told)
