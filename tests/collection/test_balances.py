"""The balance before a debit: who holds too little is debited by another way to pay, or a day later, and no bank returns anything."""

import time
from datetime import timedelta

import pytest

from accounts.models import Consumer
from collection import services as collection
from credit import gateways
from credit.gateways.banks import ConsentNeeded
from credit.gateways.base import SourceUnavailable
from credit.models import BankAccess
from credit.services import balances
from credit.skipping import list_skipped
from markets.models import MarketSetting
from markets.services import load_markets
from payments.models import Charge, PaymentMethod
from plans.models import Installment
from tests.collection.test_bank_debits import SECOND_DUE, debited, wrong  # noqa: F401  (a fixture)
from tests.collection.test_due_run import told
from tests.owner import unguarded


class Bank:
    """A provider of open banking that tells a balance."""

    name = "sandbox-bank"

    def __init__(self):
        self.holds, self.asked, self.ended = 1_000_000, 0, []

    def balance(self, access, *, currency):
        self.asked += 1
        if isinstance(self.holds, Exception):
            raise self.holds
        if self.holds == "hang":
            time.sleep(0.5)
        return self.holds

    def end(self, access):
        self.ended.append(access)


@pytest.fixture
def bank(monkeypatch):
    made = Bank()
    monkeypatch.setattr(gateways, "find_bank_of", lambda _code: made)
    return made


@pytest.fixture
def watched(debited, at, bank):  # noqa: F811
    """The order of a person who lets us look at their balance."""
    load_markets()
    told = {"currency": "USD", "provider": bank.name, "watches": True, "access": "secret", "started_at": at, "read_at": at}
    BankAccess.objects.create(consumer=debited.consumer, figures={}, next_at=at + timedelta(days=90), **told)
    return debited


def run(at):
    made = collection.run_due(at=at)
    return made, [(one.status, one.failure, one.payment_method.kind) for one in Charge.objects.order_by("id")[1:]]


DEBITED = ("under_way", "", "bank_debit")
SPARED = ("failed", "balance_too_low", "bank_debit")


def test_an_account_that_holds_enough_is_debited(watched, bank, at):
    bank.holds = 5_725
    assert run(at + SECOND_DUE) == (1, [DEBITED])
    assert bank.asked == 1


def test_an_account_that_holds_too_little_is_left_alone_and_the_card_is_charged_at_once(watched, bank, at):
    bank.holds = 5_724
    made, charges = run(at + SECOND_DUE)
    assert (made, charges[0]) == (1, SPARED)
    spared = Charge.objects.order_by("id")[1]
    assert (spared.gateway_ref, Installment.objects.get(plan=watched.plan_id, number=2).status) == ("", "scheduled")
    made, charges = run(at + SECOND_DUE + timedelta(minutes=1))
    assert (made, charges) == (1, [SPARED, ("succeeded", "", "card")])
    assert (Installment.objects.get(plan=watched.plan_id, number=2).status, wrong()) == ("paid", [])


def test_without_another_way_to_pay_it_is_tried_a_day_later_and_the_person_is_told(watched, bank, at):
    with unguarded():
        PaymentMethod.objects.filter(consumer=watched.consumer, kind="card").update(removed_at=at)
    bank.holds, due = 100, at + SECOND_DUE
    assert run(due) == (1, [SPARED])
    installment = Installment.objects.get(plan=watched.plan_id, number=2)
    assert installment.next_attempt_at == due + timedelta(days=1)
    (event,) = told("plans.payment_failed")
    assert (event["failure"], event["action"], bool(event["next_attempt_at"])) == ("balance_too_low", "retry", True)
    assert run(due + timedelta(hours=23)) == (0, [SPARED])
    bank.holds = 9_000
    assert run(due + timedelta(days=1)) == (1, [SPARED, DEBITED])
    assert (bank.asked, wrong()) == (2, [])


@pytest.mark.parametrize("case", ["no answer", "hangs", "no consent", "market", "ended", "other currency"])
def test_where_no_balance_is_known_the_debit_is_made_as_ever(watched, bank, at, case, monkeypatch):
    bank.holds = {"no answer": SourceUnavailable("x"), "hangs": "hang"}.get(case, 0)
    monkeypatch.setattr(balances, "BUDGET_S", 0.1)
    if case == "no consent":
        BankAccess.objects.update(watches=False)
    elif case == "market":
        with unguarded():
            MarketSetting.objects.filter(key="debit.balance_before").update(value=False)
    elif case == "ended":
        BankAccess.objects.update(next_at=at)
    elif case == "other currency":
        BankAccess.objects.update(currency="EUR")
    assert run(at + SECOND_DUE) == (1, [DEBITED])
    assert bank.asked == (case in {"no answer", "hangs"})
    assert list_skipped() == {}


def test_an_access_that_the_bank_has_ended_is_ended_here_too(watched, bank, at):
    bank.holds = ConsentNeeded("over")
    assert run(at + SECOND_DUE) == (1, [DEBITED])
    access = BankAccess.objects.get()
    assert (access.closed_at, access.access, bank.ended) == (at + SECOND_DUE, "", ["secret"])
    assert Consumer.objects.filter(pk=watched.consumer_id).exists()


def test_cards_cost_no_question_and_no_query_more(watched, bank, at):
    with unguarded():
        PaymentMethod.objects.filter(consumer=watched.consumer, kind="bank_debit").update(removed_at=at)
    made, charges = run(at + SECOND_DUE)
    assert (made, charges, bank.asked) == (1, [("succeeded", "", "card")], 0)
