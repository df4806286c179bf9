"""What readings of banks cost is counted: each visit, reading and look at a balance, its price, time and failure, by place and month."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import Unavailable
from core.money import Money
from credit import gateways, services
from credit.costs import BANKED, CALLED, list_bank_costs
from credit.gateways.base import SourceUnavailable
from credit.gateways.terms import BankTerms
from credit.models import BankAccess, BankCall
from credit.services.balances import ask_balances
from tests.credit.test_banks import NOW, Bank, read
from tests.indexes import plan_with_only
from tests.operators import make_boss

pytestmark = pytest.mark.django_db
PAGE = "/admin/credit/decision/sources/"
YEAR = {"since": NOW - timedelta(days=200), "until": NOW + timedelta(days=1)}


@pytest.fixture
def bank(monkeypatch):
    made = Bank()
    made.balance = lambda access, currency: 4_200
    monkeypatch.setattr(gateways, "find_bank", lambda **_: made)
    monkeypatch.setattr(gateways, "find_bank_of", lambda _: made)
    monkeypatch.setattr(gateways, "find_bank_terms", lambda _: BankTerms(35, 5, "EUR"))
    return made


def watch(who):
    return BankAccess.objects.create(
        consumer=who, currency="USD", provider="sandbox-bank", figures={}, watches=True, access="secret", started_at=NOW, read_at=NOW,
        next_at=NOW + timedelta(days=9),
    )  # fmt: skip


def test_each_call_is_counted_with_its_price(bank, person):
    anna, bodil = person(), person(market="DK")
    read(anna)
    read(anna, NOW + timedelta(seconds=1))
    bank.fails["read"] = SourceUnavailable("down")
    with pytest.raises(Unavailable):
        read(bodil)
    watch(anna)
    assert ask_balances(currencies={anna.pk: "USD"}, at=NOW) == {anna.pk: 4_200}
    found = {one.market: one for one in list_bank_costs(**YEAR)}
    us, dk = found["US"], found["DK"]
    assert (us.visits, us.read, us.refreshed, us.balances, us.cost, us.failures) == (2, 1, 1, 1, {"EUR": 75}, {})
    assert (dk.visits, dk.read, dk.cost, dk.failures) == (1, 0, {}, {"failed": 1})
    assert us.p95_ms is not None
    assert list_bank_costs(since=YEAR["until"], until=YEAR["until"] + timedelta(days=30)) == []


def test_a_look_that_fails_costs_nothing_and_one_write_keeps_all_looks(bank, person):
    people = [person() for _ in range(3)]
    for who in people:
        watch(who)

    def down(access, currency):
        raise SourceUnavailable("down")

    bank.balance = down
    with CaptureQueriesContext(connection) as asked:
        assert ask_balances(currencies={who.pk: "USD" for who in people}, at=NOW) == {}
    assert len([one for one in asked if "credit_bankcall" in one["sql"]]) == 1
    assert list(BankCall.objects.values_list("kind", "outcome", "cost_minor")) == [("balance", "failed", 0)] * 3


def test_a_decision_names_the_bank_that_it_used_and_the_share_without_a_reading_is_told(bank, person, world):
    anna = person("+approve")
    read(anna)
    told = SimpleNamespace(consumer=anna, reference="chk_1", amount=Money(10_000, "USD"))
    decisions = [services.decide(**vars(told), at=NOW + timedelta(seconds=1 + number)) for number in range(2)]
    asked = [[(one["source"], one["outcome"]) for one in decision.inputs["asked"]] for decision in decisions]
    assert all(("sandbox-bank", "bank") in one for one in asked)
    us = next(one for one in list_bank_costs(**YEAR) if one.market == "US")
    assert (us.used, us.read, us.used_again_pct) == (2, 1, 50)


def test_the_page_tells_what_banks_cost_in_as_many_queries_however_many_calls(bank, person, client):
    client.force_login(make_boss("boss@kvart.example", "demo-password", name="Ada Admin"))
    month = f"{NOW:%Y-%m}"
    client.get(PAGE, {"month": month})

    def count():
        with CaptureQueriesContext(connection) as asked:
            page = " ".join(client.get(PAGE, {"month": month}).content.decode().replace("\xa0", " ").split())
        return page, len(asked)

    empty, few = count()
    assert "No source was asked." in empty
    read(person())
    read(person(market="DK"))
    page, many = count()
    assert many == few
    for text in ("€0.70", "Sandbox bank", "Denmark", "Read for the first time"):
        assert text in page, text


@pytest.mark.parametrize(("sql", "index"), [(CALLED, "bank_call_by_time"), (BANKED, "decision_by_time")])
def test_a_month_of_banks_is_found_by_an_index(sql, index):
    assert index in plan_with_only(index, sql, [datetime(2001, 1, 1, tzinfo=UTC), datetime(2001, 2, 1, tzinfo=UTC)])
