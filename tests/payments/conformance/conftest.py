"""Every gateway of the product, each through its own adapter: a suite for a capability runs over all gateways that have it.

A new gateway is a new entry here: how to make an account of it, and its test numbers.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import requests

from core import providers
from payments.gateways.base import AuthorizationRequest, BankAccount, ChargeRequest, Payer, PayoutRequest, RefundRequest
from tests import stripe_account

CLEARS, LACKS_FUNDS, CLAIMED_BACK = "000123456789", "000222222227", "000333333335"
GOOD, DECLINED, REFUSED_AT_ONCE = "4242424242424242", "4000000000000341", "4000000000000002"
OTHER, ANOTHER = "4111111111111111", "4012888888881881"


@dataclass(slots=True)
class Trial:
    """A gateway and the requests that a suite sends it; every trial has references of its own."""

    account: str
    gateway: Any
    destination: Callable[[], str]
    payer: Payer = field(default_factory=lambda: Payer(reference=f"con_{uuid.uuid4().hex}", email="anna@people.example"))

    def card(self, number: str = GOOD) -> str:
        """Store a card, and return its token."""
        known = replace(self.payer, customer=self.gateway.keep_customer(self.payer))
        return self.gateway.add_card(known, number).token

    def bank_account(self, number: str = CLEARS) -> BankAccount:
        """Store a bank account with its mandate."""
        known = replace(self.payer, customer=self.gateway.keep_customer(self.payer))
        return self.gateway.add_account(known, number, currency="USD")

    def pull(self, token: str, minor: int = 5_725) -> ChargeRequest:
        """Return a request to pull an amount from a bank account."""
        return ChargeRequest(**self._asked(token, minor), kind="bank_debit")

    def hold(self, token: str, minor: int = 5_725) -> AuthorizationRequest:
        """Return a request to hold an amount."""
        return AuthorizationRequest(**self._asked(token, minor))

    def charge(self, token: str, minor: int = 5_725, **more: Any) -> ChargeRequest:
        """Return a request to charge an amount."""
        return ChargeRequest(**self._asked(token, minor), **more)

    def refund(self, charge: ChargeRequest, ref: str, minor: int) -> RefundRequest:
        """Return a request to refund an amount of a charge."""
        about = {"gateway": self.account, "reference": charge.reference, "currency": "USD", "amount_minor": minor}
        return RefundRequest(**about, charge_id=charge.id, charge_ref=ref)

    def payout(self, minor: int = 10_000) -> PayoutRequest:
        """Return a request to pay out to a merchant."""
        about = {"gateway": self.account, "reference": f"set_{uuid.uuid4().hex}", "currency": "USD", "amount_minor": minor}
        return PayoutRequest(**about, owner="mer_1", destination=self.destination())

    def _asked(self, token: str, minor: int) -> dict[str, Any]:
        about = {"gateway": self.account, "token": token, "payment_method_id": uuid.uuid4(), "currency": "USD", "amount_minor": minor}
        return {**about, "reference": f"pln_{uuid.uuid4().hex}"}


@pytest.fixture(params=["sandbox", "stripe"])
def trial(request, sandbox_world, settings) -> Trial:
    """Give each gateway in turn."""
    settings.PROVIDER_VALUES = settings.PROVIDER_VALUES | stripe_account.variables(sandbox_world)
    gateway = providers.connect(request.param)

    def connected() -> str:
        head = {"Authorization": "Bearer sk_test_sandbox"}
        return str(requests.post(f"{sandbox_world}/stripe/v1/accounts", headers=head, timeout=10).json()["id"])

    yield Trial(request.param, gateway, connected if request.param == "stripe" else lambda: "bank_1")
    providers.forget()


@pytest.fixture
def down(trial, sandbox_world, settings):
    """Give a function that makes the gateway stop answering."""
    head = {"Authorization": f"Bearer {settings.SANDBOX_KEY}"}
    target = {"sandbox": "gateway", "stripe": "stripe"}[trial.account]

    def tell(**how: Any) -> None:
        body = {"target": target, **how}
        requests.post(f"{sandbox_world}/control/chaos", json=body, headers=head, timeout=10).raise_for_status()

    yield lambda: tell(fail_rate=1)
    tell()


@pytest.fixture
def bank(trial, sandbox_world, settings):
    """Give what banks do: `bank("clear", pulled.ref)`, `bank("fail", pulled.ref, failure="account_closed")`; and days: `bank.wait(2)`."""
    head = {"Authorization": f"Bearer {settings.SANDBOX_KEY}"}

    def post(path: str, body: dict[str, Any]) -> None:
        requests.post(f"{sandbox_world}{path}", json=body, headers=head, timeout=10).raise_for_status()

    def act(order: str, ref: str, **how: Any) -> None:
        post(f"/control/charges/{ref}/{order}", how)

    act.wait = lambda days: post("/control/clock", {"forward_seconds": days * 86_400})
    before = requests.get(f"{sandbox_world}/control/clock", timeout=10).json()["offset_seconds"]
    yield act
    post("/control/clock", {"offset_seconds": before})


@pytest.fixture
def chaos(trial, sandbox_world, settings):
    """Give a function that sets faults of the gateway until the test ends: `chaos(hang_up_after_recording=1)`."""
    head = {"Authorization": f"Bearer {settings.SANDBOX_KEY}"}
    target = {"sandbox": "gateway", "stripe": "stripe"}[trial.account]

    def tell(**how: Any) -> None:
        requests.post(f"{sandbox_world}/control/chaos", json={"target": target, **how}, headers=head, timeout=10).raise_for_status()

    yield tell
    tell()
