"""Steps that are killed at one of their moments: what was committed by then stays, the rest is lost, and somebody else goes on.

A moment is a statement that wrote, the end of a transaction, or a call of the gateway, before it and after it. Everything happens in this
process and inside a transaction that is rolled back at the end, so that thousands of steps can be killed; the processes that really die
are in `tests/exactly_once`.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from payments.gateways.base import ChargeRequest, Outcome
from simulation.plan_cases.gateway import CaseGateway

WRITES = re.compile(r"\b(INSERT INTO|UPDATE|DELETE FROM)\b|^RELEASE SAVEPOINT")


class Killed(BaseException):
    """The process died here. No `except Exception` of the product sees it."""


class RememberingGateway(CaseGateway):
    """Remembers each charge by its key, as gateways do whose client dies; `pass_one` is called before and after each charge."""

    def __init__(self) -> None:
        super().__init__()
        self.charges: dict[str, Outcome] = {}
        self.pass_one: Callable[[], None] = lambda: None

    def charge(self, request: ChargeRequest) -> Outcome:
        self.pass_one()
        assert request.key not in self.charges, "charged twice"
        self.charges[request.key] = outcome = super().charge(request)
        self.pass_one()
        return outcome

    def find_charge(self, request: ChargeRequest) -> Outcome | None:
        return self.charges.get(request.key)


@contextmanager
def killed_at(moment: int, gateway: RememberingGateway) -> Iterator[None]:
    """Raise Killed at a moment of the block, if it has so many; 0 is none."""
    passed = 0

    def pass_one() -> None:
        nonlocal passed
        passed += 1
        if passed == moment:
            raise Killed

    def see(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        answer = execute(sql, params, many, context)
        if WRITES.search(sql):
            pass_one()
        return answer

    gateway.pass_one = pass_one
    try:
        with connection.execute_wrapper(see):
            yield
    finally:
        gateway.pass_one = lambda: None
