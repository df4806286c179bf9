"""Operators see what credit bureaus cost in a month, how often they answered, and how often they did not."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import providers
from core.money import Money
from credit import services
from credit.costs import ANSWERED, ASKED, list_source_costs
from credit.models import BankCall, Decision
from tests.bureau_server import Bureau, account_with, use_accounts
from tests.credit.conftest import person  # noqa: F401  (a fixture)
from tests.indexes import plan_with_only
from tests.operators import make_boss, make_operator

pytestmark = pytest.mark.django_db
PAGE = "/admin/credit/decision/sources/"
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
MONTH = {"since": datetime(2026, 11, 1, tzinfo=UTC), "until": datetime(2026, 12, 1, tzinfo=UTC)}


@pytest.fixture
def bureaus(settings):
    settings.BUREAU = "nobody"
    first, second = Bureau(), Bureau()
    use_accounts(account_with(first, "first", 1), account_with(second, "second", 2, price_minor="90"))
    yield first, second
    first.close()
    second.close()
    providers.keep(())


@pytest.fixture
def november(bureaus, person):  # noqa: F811
    """Two people of two markets: three purchases on one answer each, one without an answer of the first bureau, one refused."""

    def decide(consumer, minor=20_000, at=AT, currency="USD"):
        return services.decide(consumer=consumer, reference="chk_1", amount=Money(minor, currency), at=at)

    anna, bodil = person(), person(market="DK")
    for days in (0, 1, 2):
        decide(anna, at=AT + timedelta(days=days))
    decide(anna, 9_000_000)
    bureaus[0].does = "error"
    decide(bodil, currency="DKK")
    bureaus[0].does = "answer"
    decide(person(), at=AT + timedelta(days=20))
    return bodil


@pytest.fixture
def boss(client):
    client.force_login(make_boss("boss@kvart.example", "demo-password", name="Ada Admin"))
    return client


def test_costs_answers_and_failures_are_counted_by_market_and_bureau(november):
    found = {(one.market, one.source): one for one in list_source_costs(**MONTH)}
    assert sorted(found) == [("DK", "first"), ("DK", "second"), ("US", "first")]
    first = found["US", "first"]
    assert (first.answers, first.cost, first.used, first.approved, first.each) == (1, {"USD": 125}, (1, 3, 0), 3, {"USD": 42})
    assert (first.used_again_pct, first.failures, first.p95_ms is not None) == (75, {}, True)
    silent = found["DK", "first"]
    assert (silent.answers, silent.cost, silent.failures, silent.approved, silent.each) == (0, {}, {"failed": 1}, 0, {})
    assert (found["DK", "second"].cost, found["DK", "second"].each) == ({"USD": 90}, {"USD": 90})
    december = list_source_costs(since=MONTH["until"], until=datetime(2027, 1, 1, tzinfo=UTC))
    assert [(one.market, one.source, one.answers) for one in december] == [("US", "first", 1)]


def test_the_page_tells_it_of_the_month_that_is_asked_for(november, boss):
    page = " ".join(boss.get(PAGE, {"month": "2026-11"}).content.decode().replace("\xa0", " ").split())
    for text in ("November 2026", "$2.15", "$1.25", "$0.90", "$0.42", "3 approved", "No answer that can be read: 1", "Denmark"):
        assert text in page, text
    assert (page.count("<table"), page.count("<code>")) == (1, 0)
    assert "No source was asked." in boss.get(PAGE, {"month": "2020-01"}).content.decode()
    assert boss.get(PAGE, {"month": "nonsense"}).status_code == 200
    assert PAGE in boss.get("/admin/credit/decision/").content.decode()


def test_sources_have_names_and_a_code_only_where_one_name_is_not_enough(november, boss, bureaus):
    page = boss.get(PAGE, {"month": "2026-11"}).content.decode()
    assert re.findall("<b>(first.*?|second.*?)</b>", page) == [
        "first Inc. (first)",
        "first Inc. (first)",
        "second Inc. (second)",
    ]
    use_accounts(account_with(bureaus[0], "first", 1))
    page = boss.get(PAGE, {"month": "2026-11"}).content.decode()
    # An account that is gone keeps its code: nothing else is known of it.
    assert re.findall("<b>(first.*?|second.*?)</b>", page) == ["first Inc.", "first Inc.", "second"]


def test_banks_stand_in_the_same_table(november, boss):
    told = {"market": "US", "brand": "kvart", "provider": "sandbox-bank", "outcome": "ok", "took_ms": 80, "cost_currency": "USD"}
    for kind, minor in (("visit", 0), ("read", 150), ("balance", 10), ("balance", 10)):
        BankCall.objects.create(kind=kind, cost_minor=minor, at=AT, **told)
    page = " ".join(boss.get(PAGE, {"month": "2026-11"}).content.decode().replace("\xa0", " ").split())
    assert "Sandbox bank</b>" in page
    assert "United States · kvart · Visits to a bank: 1 · Read for the first time: 1 · Looks at a balance: 2" in page
    # Both bureaus and the bank: 2.15 and 1.70.
    assert ("$3.85" in page, page.count("<table")) == (True, 1)


def test_as_many_queries_however_much_was_asked(november, boss, person):  # noqa: F811
    def count() -> int:
        boss.get(PAGE, {"month": "2026-11"})
        with CaptureQueriesContext(connection) as asked:
            boss.get(PAGE, {"month": "2026-11"})
        return len(asked)

    few = count()
    for _number in range(3):
        services.decide(consumer=person(), reference="chk_2", amount=Money(1_000, "USD"), at=AT)
    assert count() == few


@pytest.mark.parametrize(("sql", "index"), [(ANSWERED, "inquiry_by_answer"), (ASKED, "decision_by_time")])
def test_a_month_is_found_by_an_index(sql, index):
    assert index in plan_with_only(index, sql, [datetime(2001, 1, 1, tzinfo=UTC), datetime(2001, 2, 1, tzinfo=UTC)])


def test_a_decisions_page_names_every_bureau_that_was_asked(november, boss):
    decision = Decision.objects.get(consumer=november)
    page = " ".join(boss.get(f"/admin/credit/decision/{decision.pk}/change/").content.decode().replace("\xa0", " ").split())
    for text in (
        "<dt>first Inc. (first)<small>No answer that can be read</small></dt>",
        "<dt>second Inc. (second)<small>New report</small></dt>",
        "$0.90",
    ):
        assert text in page, text


def test_who_may_not_see_decisions_sees_no_costs(client):
    client.force_login(make_operator("clerk@kvart.example", "demo-password", name="Cleo Clerk"))
    assert client.get(PAGE).status_code == 403
