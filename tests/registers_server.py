"""A company that asks registers, over real HTTP: it hangs, answers late, wrong, twice or with an error; and an account with it."""

from typing import Any

from core.providers import Account, Capability
from tests.bureau_server import Bureau

CLEAR = {"remarks": 0, "owed_minor": 0, "newest_on": None}


class Registers(Bureau):
    """By the contract of `docs/gateways/registers.md`: `report` is what each register tells, `by_register` what single ones do."""

    def __init__(self) -> None:
        super().__init__()
        self.report = dict(CLEAR)
        self.by_register: dict[str, dict[str, Any]] = {}

    def told(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a question."""
        return {"register": body["register"], "currency": body["currency"], **self.report, **self.by_register.get(body["register"], {})}


def registers_account(server: Registers, codes: str = "rki debitor", code: str = "regs", **terms: str) -> Account:
    """Return an account with the company, at 0.25 EUR an answer."""
    values = {"url": server.url, "key": "k", "registers": codes, "price_minor": "25", "price_currency": "EUR"} | terms
    return Account(code=code, provider="http-registers", capabilities=frozenset({Capability.REGISTER}), priority=1, values=values)
