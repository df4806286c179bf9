"""A consumer with a card, chaos for the sandbox world, and a gateway with scripted answers."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from accounts.models import Consumer
from core.crypto import lookup_hash
from markets.models import Market
from payments import gateways
from payments import services as payments
from payments.errors import GatewayUnavailable
from payments.gateways.base import ALWAYS, UNKNOWN, ChargeRequest, EventPage, Gateway, Outcome, Pulls, done
from payments.models import PaymentMethod

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def person(email: str) -> Consumer:
    return Consumer.objects.create(
        market=Market.objects.get(code="US"),
        locale="en_US",
        time_zone="America/New_York",
        email=email,
        email_hash=lookup_hash(email),
        created_at=NOW,
    )


@pytest.fixture
def consumer(db) -> Consumer:
    return person("anna@people.example")


@pytest.fixture
def stranger_consumer(db) -> Consumer:
    return person("stranger@people.example")


@pytest.fixture
def card(consumer, sandbox_world) -> PaymentMethod:
    return payments.add_card(consumer=consumer, number="4242424242424242", at=NOW)


@pytest.fixture
def chaos(sandbox_world, settings) -> Iterator[Callable[..., None]]:
    """`chaos(hang_up_after_recording=1, match="charges")` sets faults of the sandbox's gateway until the test ends."""

    def control(**what: Any) -> None:
        answer = requests.post(
            f"{settings.SANDBOX_URL}/control/chaos",
            json={"target": "gateway", **what},
            headers={"Authorization": f"Bearer {settings.SANDBOX_KEY}"},
            timeout=30,
        )
        assert answer.status_code < 300, answer.text

    yield control
    control()


class ScriptedGateway(Gateway, Pulls):
    """A gateway in this process: it remembers each key and returns the test's answer in `answers`, else success."""

    def __init__(self) -> None:
        self.answers: dict[str, Outcome] = {}
        self.recorded: dict[str, Outcome] = {}
        self.asked: list[str] = []
        self.looked_up: list[str] = []
        self.ended: list[str] = []
        self.lose_answers = False
        self.deaf = False

    def _do(self, request: Any) -> Outcome:
        self.asked.append(request.key)
        if self.deaf:
            return UNKNOWN
        outcome = self.recorded.setdefault(request.key, self.answers.get(request.key) or done(request, f"x_{request.key}"))
        return UNKNOWN if self.lose_answers else outcome

    def _find(self, request: Any) -> Outcome | None:
        self.looked_up.append(request.key)
        return UNKNOWN if self.deaf or self.lose_answers else self.recorded.get(request.key)

    authorize = charge = pull = refund = pay_out = _do
    find_authorization = find_charge = find_pull = find_refund = find_payout = _find

    def health(self): ...

    def keep_customer(self, payer):
        return ""

    def start_card_setup(self, payer, *, return_url, currency): ...
    def read_card_setup(self, ref): ...
    def start_card_check(self, token, *, return_url): ...
    def read_card_check(self, ref): ...
    def add_card(self, payer, number): ...
    def remove_card(self, token): ...
    def start_mandate(self, payer, *, return_url, currency): ...
    def read_mandate(self, ref): ...
    def add_account(self, payer, number, *, currency): ...
    def remove_account(self, token):
        self.ended.append(token)
        if self.deaf:
            raise GatewayUnavailable("no answer")

    def release(self, ref):
        return Outcome("succeeded", ref)

    def find_dispute(self, ref):
        return None

    def report_charges(self, *, reference="", period=ALWAYS):
        return iter(())

    def report_refunds(self, *, period=ALWAYS):
        return iter(())

    report_payouts = report_refunds

    def report_events(self, *, since, page=""):
        return EventPage(())

    def verify_event(self, headers, body): ...


@pytest.fixture
def scripted() -> Iterator[ScriptedGateway]:
    """Replace the sandbox's gateway by a scripted one."""
    gateway = ScriptedGateway()
    gateways.use("sandbox", gateway)
    yield gateway
    gateways.forget()


@pytest.fixture
def token_card(consumer) -> PaymentMethod:
    """A card that is known to no gateway."""
    return PaymentMethod.objects.create(
        consumer=consumer,
        gateway="sandbox",
        token="pm_x",
        shown={"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2030},
        created_at=NOW,
    )


@pytest.fixture
def token_account(consumer) -> PaymentMethod:
    """A bank account that is known to no gateway."""
    return PaymentMethod.objects.create(
        consumer=consumer,
        gateway="sandbox",
        token="ba_x",
        kind="bank_debit",
        shown={"bank": "Test Bank", "last4": "6789", "mandate": "MNDT-1", "scheme": "us_bank_account"},
        created_at=NOW,
    )


@pytest.fixture
def request_for() -> Callable[..., ChargeRequest]:
    """`request_for(method, 500)` is a request to charge a method."""

    def make(method: PaymentMethod, minor: int = 5_725, **more: Any) -> ChargeRequest:
        given = {"reference": "pln_test", "currency": "USD", **more}
        about = {"gateway": method.gateway, "token": method.token, "payment_method_id": method.id, "kind": method.kind}
        return ChargeRequest(amount_minor=minor, **about, **given)

    return make


@pytest.fixture
def quiet(settings) -> None:
    """Remove all handlers of the events of payments: these tests are about movements alone."""
    from core import outbox

    settings.SUBSCRIPTIONS = "tests.payments.silence.NOBODY"
    outbox._table.cache_clear()
    yield
    outbox._table.cache_clear()
