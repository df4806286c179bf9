"""What bureaus, banks and gateways cost is in the margin: by order where there is one, and of those who bought nothing too."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Sum

from core import providers
from core.db import rows
from credit.models import BankCall
from markets.queries import factors_to
from payments.gateways import terms
from reports.margins.counting import _ASKED, _key_of
from reports.margins.queries import CLASSES, By, margins
from reports.margins.rules import Sums, margin_of
from reports.margins.services import count_margins
from reports.models import Margin as Row
from tests.bureau_server import Bureau, account_with, use_accounts
from tests.indexes import plan_with_only
from tests.owner import unguarded

pytestmark = pytest.mark.django_db
EMAIL = "p1+approve@people.example"


@pytest.fixture
def bureau(settings):
    settings.BUREAU = "nobody"
    made = Bureau()
    use_accounts(account_with(made, "first", 1, price_minor="125"))
    yield made
    made.close()
    providers.keep(())


def test_costs_lower_a_margin_by_hand():
    sums = Sums(plans=1, financed_minor=10_000, fees_minor=400, sources_minor=125, banks_minor=35, gateways_minor=60)
    assert margin_of([(sums, 0)], funds_bps=0, late_pct=0, lgd_bps=0).minor == 400 - 125 - 35 - 60


def test_an_answer_counts_for_the_order_that_it_was_asked_for(bureau, buy, merchant, at):
    order = buy.whole(merchant, 10_000, at, EMAIL, capture="automatic")
    buy.whole(merchant, 10_001, at, EMAIL, capture="automatic")  # decided on the same report
    assert order.decision.inquiry.cost_minor == 125
    assert count_margins(at=at + timedelta(hours=1)) == 1
    row = Row.objects.get()
    assert (row.plans, row.sources_minor, row.product, row.merchant_id) == (2, 125, "pay_in_4", merchant.pk)


def test_who_was_refused_costs_too(bureau, buy, merchant, at):
    bureau.report["score"] = 320
    checkout = buy.open(merchant, 90_000, at)
    assert buy.finish(checkout, "p9@people.example", at=at).outcome == "declined"
    count_margins(at=at + timedelta(hours=1))
    row = Row.objects.get()
    assert (row.plans, row.financed_minor, row.product, row.merchant_id, row.sources_minor) == (0, 0, "", merchant.pk, 125)
    [table] = margins(By.SHOP, months=1, market="", at=at)
    assert (table.whole.minor, table.whole.bps) == (-125, None)


def test_readings_of_banks_are_converted_and_those_for_no_checkout_have_no_shop(buy, merchant, at):
    order = buy(merchant, 10_000, at, EMAIL, capture="automatic")
    told = {"provider": "tink", "market": "US", "brand": "default", "kind": "read", "outcome": "ok", "took_ms": 9, "at": at}
    BankCall.objects.create(**told, cost_minor=100, cost_currency="EUR", reference=order.checkout.public_id)
    BankCall.objects.create(**told, cost_minor=50, cost_currency="EUR", reference="")
    BankCall.objects.create(**told, cost_minor=50, cost_currency="ZZZ", reference="")  # without a rate
    count_margins(at=at + timedelta(hours=1))
    with_order, without = Row.objects.get(plans=1), Row.objects.get(plans=0)
    euro = factors_to("USD", at.date())["EUR"]
    assert (with_order.banks_minor, with_order.currency) == (round(100 * euro), "USD")
    assert (without.banks_minor, without.currency, without.merchant_id) == (round(50 * euro), "USD", None)
    assert {group.key for group in margins(By.SHOP, months=1, market="", at=at)[0].groups} == {(merchant.pk,), (None,)}


def test_a_gateway_takes_its_share_of_each_charge(buy, merchant, at, monkeypatch, settle_charge):
    order = buy(merchant, 10_000, at, EMAIL, capture="automatic")
    settle_charge(order, at)
    fee = {"gateway": order.plan.payment_method.gateway, "currency": "USD", "is_debit": False, "bps": 290, "fixed": 30.0}
    monkeypatch.setattr("reports.margins.services.list_fees", lambda _currencies, _day: [fee, fee | {"is_debit": True, "bps": 9_999}])
    count_margins(at=at + timedelta(hours=1))
    # The first of four parts, 25.00, was charged: 2.9 % are 72.5, and 30 cents.
    assert Row.objects.get().gateways_minor == 103


def test_fees_are_read_from_the_account_and_converted(db, at):
    values = {"fee_bps": "150", "fee_minor": "25", "debit_fee_minor": "35", "fee_currency": "EUR"}
    account = providers.Account(code="stripe", provider="stripe", capabilities=frozenset({providers.Capability.CARDS}), values=values)
    euro = factors_to("USD", at.date())["EUR"]
    found = terms.fees_of([account], ["USD", "EUR"], at.date())
    assert [(one["currency"], one["is_debit"], one["bps"], one["fixed"]) for one in found] == [
        ("USD", False, 150, float(25 * euro)), ("USD", True, 0, float(35 * euro)), ("EUR", False, 150, 25.0), ("EUR", True, 0, 35.0),
    ]  # fmt: skip


def test_sales_are_grouped_by_the_class_of_the_person(buy, merchant, at):
    orders = [buy(merchant, 10_000 + n, at, f"p{n}+approve@people.example", capture="automatic") for n in range(2)]
    person = orders[0].consumer
    with unguarded():
        type(person).objects.filter(pk=person.pk).update(classes={"group": "staff", "loyalty": "loyal", "pinned": ["group"]})
    count_margins(at=at + timedelta(hours=1))
    found = {by: {group.key: group.margin.sums.plans for group in margins(by, months=1, market="", at=at)[0].groups} for by in CLASSES}
    assert found[By.GROUP] == {("US", "staff"): 1, ("US", ""): 1}
    assert found[By.LOYALTY] == {("US", "loyal"): 1, ("US", ""): 1}
    assert found[By.REGION] == {("US", ""): 2}


def test_the_key_in_a_public_id_is_read_as_the_product_reads_it(buy, merchant, at):
    checkout = buy.open(merchant, 10_000, at)
    sql = f"SELECT {_key_of('t.id')}, t.id FROM (VALUES (%s), ('chk_'), ('ord_aaaaaaaaaaaaaaaaaaaaaaaaaa'), ('tested')) AS t (id)"
    assert [key for key, _id in rows(sql, [checkout.public_id])] == [checkout.pk, None, None, None]


def test_the_months_of_a_market_are_found_by_an_index(db):
    rows("SELECT set_config('enable_seqscan', 'off', true)")
    found = Row.objects.filter(month__gte="2026-01-01", market_id="DK").values("currency").annotate(total=Sum("plans")).explain()
    assert "margin_by_market" in found


@pytest.mark.parametrize(("table", "index"), [("credit_inquiry", "inquiry_by_answer"), ("credit_bankcall", "bank_call_by_time")])
def test_what_was_asked_is_found_by_an_index(db, table, index):
    told = {"first": datetime(2001, 1, 1, tzinfo=UTC), "at": datetime(2001, 2, 1, tzinfo=UTC)}
    assert index in plan_with_only(index, _ASKED, told), table
