"""Whoever is asked outside and does not answer, or answers what says nothing, refuses nobody: it is said so, and tried again."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts import services as accounts
from accounts.models import Consumer, IdentityCheck, SignInCode
from checkout.models import Checkout, Order
from core import providers, remote
from core.clock import now
from credit import services as credit
from credit.models import Decision, Inquiry, Referral
from notifications.models import Message
from payments.failures import OUTAGES
from payments.models import Authorization
from tests.bureau_server import Bureau, account_with, use_accounts
from tests.portals.conftest import DETAILS
from tests.portals.reading import asked_again, hidden
from tests.portals.test_checkout_pages import at_plan, enter, path, text, with_card

pytestmark = pytest.mark.django_db(transaction=True)
REFUSALS = ("declined", "cannot offer", "could not confirm", "could not approve", "No limit")


@pytest.fixture
def calm(sandbox_world):
    """The outside world, calm again afterwards; gives a function that makes a part of it fail or work."""

    def rule(target: str, **how: object) -> None:
        remote.sandbox().post("/control/chaos", {"target": target, **how})

    yield rule
    for target in ("kyc", "bureau", "twilio", "gateway"):
        rule(target)


class Odd:
    """A service that answers whatever a test wants."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def post(self, *_: object, **__: object) -> object:
        """Answer, or raise."""
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def get(self, *_: object, **__: object) -> object:
        """Say what is known under a reference."""
        return {"data": [self.post()]}


def answering(answer: object) -> Callable[[str], Odd]:
    """Stand for the way to a provider that answers so."""
    return lambda _account: Odd(answer)


def refused_nobody(page) -> None:
    said = text(page)
    assert [word for word in REFUSALS if word in said] == []
    assert not Decision.objects.filter(outcome="decline").exists()
    assert not IdentityCheck.objects.filter(result="rejected").exists()
    assert not Consumer.objects.filter(identity="rejected").exists()
    assert not Message.objects.filter(kind__in=["application_refused", "identity_refused"]).exists()


CHECK = {"id": "kyc_1", "reasons": ["provider_error"], "evidence": {}, "sanctions_hit": False, "pep_hit": False}
KYC = [
    remote.Unknown("down"),
    remote.Refused(401, {"error": "bad key"}),
    {},
    {**CHECK, "status": None},
    *({**CHECK, "status": status} for status in ("error", "failed", "declined", "unavailable", "expired")),
]


@pytest.mark.parametrize("answer", KYC, ids=lambda answer: str(getattr(answer, "get", lambda _n: answer)("status")) or "empty")
def test_a_check_that_failed_is_no_refusal_and_is_settled_later(client, open_checkout, email, monkeypatch, answer):
    checkout = open_checkout()
    enter(client, checkout, email("+approve"))
    with monkeypatch.context() as patch:
        patch.setattr("accounts.gateways.identity_http.sandbox", answering(answer))
        assert client.post(path(checkout, "details"), DETAILS).status_code == 302
        page = client.get(path(checkout))
        assert "We are checking who you are" in text(page)
        refused_nobody(page)
        assert accounts.poll_identity_checks(at=now() + timedelta(minutes=2)) == 0
        refused_nobody(client.get(path(checkout)))
    accounts.poll_identity_checks(at=now() + timedelta(days=1))
    assert Consumer.objects.get().identity == "verified"
    client.post(path(checkout, "proceed"))
    assert "How do you want to pay?" in text(client.get(path(checkout)))


REPORT = {
    "id": "rep_1",
    "file": "thick",
    "score": 800,
    "delinquencies_24m": 0,
    "open_accounts": 4,
    "utilization_pct": 10,
    "inquiries_6m": 0,
    "oldest_account_months": 90,
    "fraud_alert": False,
    "manual_review": False,
    "disposable_income_minor": 300_000,
}


@pytest.mark.parametrize(
    "answer",
    [
        remote.Unknown("down"),
        remote.Refused(403, {"error": "not allowed"}),
        {},
        {**REPORT, "score": None},
        {**REPORT, "disposable_income_minor": "n/a"},
        {**REPORT, "fraud_alert": None},
    ],
    ids=["down", "refused", "empty", "no score", "words", "no answer to one"],
)
def test_a_bureau_that_says_nothing_is_asked_again_and_nothing_is_decided(client, open_checkout, email, monkeypatch, answer):
    checkout = open_checkout(60_000)
    enter(client, checkout, email("+approve"))
    with monkeypatch.context() as patch:
        patch.setattr("credit.gateways.bureau_http.sandbox", answering(answer))
        client.post(path(checkout, "details"), DETAILS)
        refused_nobody(client.get(path(checkout)))
        page = asked_again(client.post(path(checkout, "proceed")))
        assert "nothing was charged" in text(page)
        refused_nobody(page)
    assert (Decision.objects.count(), Inquiry.objects.get().answered_at) == (0, None)
    client.post(path(checkout, "proceed"))
    assert "How do you want to pay?" in text(client.get(path(checkout)))


def test_a_checkout_answers_within_two_seconds_though_every_bureau_hangs(client, open_checkout, email, settings):
    settings.BUREAU = "nobody"
    bureaus = [Bureau(), Bureau()]
    use_accounts(*(account_with(bureau, f"bureau-{number}", number) for number, bureau in enumerate(bureaus)))
    for bureau in bureaus:
        bureau.does = "hang"
    checkout = open_checkout()
    enter(client, checkout, email("+approve"))
    began = time.monotonic()
    client.post(path(checkout, "details"), DETAILS)
    took = time.monotonic() - began
    page = text(client.get(path(checkout)))
    for bureau in bureaus:
        bureau.close()
    providers.keep(())
    assert took < 2
    assert "How do you want to pay?" in page
    decision = Decision.objects.get()
    assert (decision.outcome, decision.reasons) == ("refer", ["source_silent"])
    assert [one["outcome"] for one in decision.inputs["asked"]] == ["late", "late"]


@pytest.mark.parametrize("word", ["error", "maybe", "APPROVE", 1])
def test_a_review_that_decides_nothing_is_waited_for(client, open_checkout, email, monkeypatch, word):
    at_plan(client, open_checkout(), email("+refer_approve_05"))
    assert Referral.objects.get().resolved_at is None
    monkeypatch.setattr("credit.gateways.bureau_http.Remote.get", lambda *_: {"outcome": word})
    assert credit.poll_referrals(at=now() + timedelta(hours=1)) == 0
    referral = Referral.objects.get()
    assert (referral.resolved_at, referral.outcome) == (None, "")
    assert referral.next_at > now() + timedelta(hours=1)


def test_codes_that_cannot_be_sent_or_checked_cost_no_try(client, open_checkout, email, calm):
    checkout, to = open_checkout(), email("+approve")
    calm("twilio", fail_rate=1)
    page = asked_again(client.post(path(checkout, "contact"), {"contact": to}))
    assert "Try again" in text(page) or "try again" in text(page)
    calm("twilio")
    client.post(path(checkout, "contact"), {"contact": to})
    calm("twilio", fail_rate=1)
    page = asked_again(client.post(path(checkout, "code"), {"code": "111111"}))
    assert "The code could not be checked." in text(page)
    assert SignInCode.objects.order_by("-id").first().attempts == 0
    calm("twilio")
    client.post(path(checkout, "code"), {"code": "111111"})
    assert Checkout.objects.get().consumer is not None


@pytest.mark.parametrize("failure", sorted(OUTAGES))
def test_a_bank_that_could_not_be_reached_declined_no_card(client, open_checkout, email, monkeypatch, failure):
    checkout = open_checkout()
    at_plan(client, checkout, email("+approve"))
    card = with_card(checkout)
    page = client.get(path(checkout, "pay"), {"plan": "pay_in_4"})
    with monkeypatch.context() as patch:
        patch.setattr("checkout.services.authorizing.payments.authorize", lambda **_: Authorization(status="failed", failure=failure))
        told = asked_again(client.post(path(checkout, "confirm"), hidden(page) | {"card": card.public_id}))
    assert "Your bank could not be reached. Nothing was charged; try again in a moment." in text(told)
    refused_nobody(told)
    assert Order.objects.count() == 0
    client.post(path(checkout, "confirm"), hidden(page) | {"card": card.public_id})
    assert Order.objects.get().status == "authorized"


def test_a_card_network_that_does_not_answer_declined_no_card(client, open_checkout, email, calm):
    checkout = open_checkout()
    at_plan(client, checkout, email("+approve"))
    card = with_card(checkout)
    page = client.get(path(checkout, "pay"), {"plan": "pay_in_4"})
    calm("gateway", fail_rate=1)
    told = asked_again(client.post(path(checkout, "confirm"), hidden(page) | {"card": card.public_id}))
    refused_nobody(told)
    assert "Nothing was charged" in text(told)
    assert Order.objects.count() == 0
    calm("gateway")
    client.post(path(checkout, "confirm"), hidden(page) | {"card": card.public_id})
    assert Order.objects.get().status == "authorized"


def test_a_bank_that_could_not_be_reached_counts_as_no_try(client, open_checkout, email):
    checkout = open_checkout()
    at_plan(client, checkout, email("+approve"))
    card = with_card(checkout, "4000000000000119")
    for _ in range(7):
        page = client.get(path(checkout, "pay"), {"plan": "pay_in_4"})
        told = asked_again(client.post(path(checkout, "confirm"), hidden(page) | {"card": card.public_id}))
        assert "Your bank could not be reached." in text(told)
