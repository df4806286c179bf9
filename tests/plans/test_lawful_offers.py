"""What a later law forbids ends by itself on its day, and operators hear of it before."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from checkout import services as checkouts
from checkout.errors import CheckoutClosed
from checkout.models import Checkout
from checkout.quoting import checkout_quotes
from checkout.services import CheckoutDraft
from checkout.services.sessions import require_open
from controls import services as controls
from core import timers
from core.money import Money
from markets.models import MarketSetting
from plans.errors import NotOffered
from plans.models import Product
from plans.offers import AHEAD_DAYS, forbidden_soon, forbidden_today, subject_of_product, terms_of
from plans.queries import list_quotes, list_versions
from plans.rules.scopes import Where
from plans.services import end_forbidden, offer_version, stop_offering
from tests.operators import make_operator
from tests.owner import unguarded
from tests.shops import open_shop

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 22, 12, tzinfo=ZoneInfo("UTC"))
DAY = date(2026, 12, 10)
MIDNIGHT = datetime(2026, 12, 10, tzinfo=ZoneInfo("Europe/Copenhagen"))


@pytest.fixture
def law(db):
    with unguarded():
        return MarketSetting.objects.create(market_id="DK", key="apr.cap_bps", value=1_000, valid_from=DAY, source="a later law")


def offered(at: datetime) -> set[str]:
    amount, where = Money(300_000, "DKK"), Where("default", "a-shop")
    return {quote.product.code for quote in list_quotes(market_code="DK", amount=amount, start=at.date(), at=at, where=where)}


def test_what_comes_with_the_product_is_lawful_on_every_day_to_come(db):
    """The law changes on the days of its settings alone."""
    changes = {day for pair in MarketSetting.objects.values_list("valid_from", "valid_to") for day in pair if day and day > AT.date()}
    days = {(day - AT.date()).days for day in changes}
    for day in {0, 800} | days | {day - 1 for day in days}:
        assert forbidden_today(AT + timedelta(days=day)) == []


def test_it_is_quoted_until_its_law_begins_and_not_from_then_on(law):
    before = offered(AT)
    timers.run_waiting(at=MIDNIGHT - timedelta(seconds=1))
    assert offered(MIDNIGHT - timedelta(seconds=1)) == before
    assert "monthly_6" in before
    timers.run_waiting(at=MIDNIGHT)
    ended = Product.objects.get(market_id="DK", code="monthly_6")
    assert (ended.active, ended.offered_until) == (False, MIDNIGHT)
    assert "monthly_6" not in offered(MIDNIGHT)
    # What costs nothing stays, and other markets keep theirs.
    assert {code for code in before if code.startswith("pay_in")} <= offered(MIDNIGHT)
    assert Product.objects.filter(market_id="US", code="monthly_6", active=True).exists()
    assert end_forbidden(at=MIDNIGHT + timedelta(hours=1)) == 0


@pytest.mark.parametrize("first", ["the law", "the version"])
def test_an_agreed_version_of_the_same_day_takes_its_place(law, first):
    anna, bo = (make_operator(f"{name}@kvart.example", may=[right]) for name, right in (("anna", "propose_offer"), ("bo", "approve_offer")))
    terms = terms_of(list_versions("DK", "monthly_6")[0]) | {"offered": True, "rate_bps": 500}
    told = {"kind": "plans.offer", "subject": subject_of_product("DK", "monthly_6"), "after": terms, "reason": "the new cap"}
    made = controls.propose(**told, starts_on=DAY, user=anna, at=AT)
    controls.approve_proposal(proposal_id=made.pk, user=bo, at=AT)
    if first == "the law":
        end_forbidden(at=MIDNIGHT)
        assert list_versions("DK", "monthly_6")[0].active
    timers.run_waiting(at=MIDNIGHT)
    made.refresh_from_db()
    assert (made.status, list_versions("DK", "monthly_6")[0].version, "monthly_6" in offered(MIDNIGHT)) == ("applied", 2, True)
    assert end_forbidden(at=MIDNIGHT) == 0


def test_a_version_that_begins_meanwhile_is_not_ended(law):
    found = [one.product for one in forbidden_today(MIDNIGHT) if one.product.code == "monthly_6"]
    terms = terms_of(found[0]) | {"rate_bps": 500}
    newer = offer_version(market=found[0].market, code="monthly_6", terms=terms, at=MIDNIGHT)
    end_forbidden(at=MIDNIGHT)
    newer.refresh_from_db()
    assert newer.active


def open_checkout(at: datetime) -> Checkout:
    urls = {"confirmation": "https://shop.example/done", "cancel": "https://shop.example/basket"}
    items = [{"name": "Lamp", "quantity": 1, "unit_amount": 300_000, "amount": 300_000}]
    draft = CheckoutDraft(amount=Money(300_000, "DKK"), merchant_reference="A-1", urls=urls, items=items)
    return checkouts.open_checkout(merchant=open_shop("DK", at=at), draft=draft, at=at)


def chosen(checkout: Checkout, at: datetime) -> int:
    return checkouts.pick_quote(checkout, "monthly_6", at).product.version


def test_an_open_checkout_loses_what_a_law_forbids_on_the_laws_day_and_nothing_else(law):
    checkout = open_checkout(MIDNIGHT - timedelta(hours=1))
    before = {quote.product.code for quote in checkout_quotes(checkout, checkout.created_at)}
    last = MIDNIGHT - timedelta(seconds=1)
    assert chosen(checkout, last) == 1
    timers.run_waiting(at=MIDNIGHT)
    assert {quote.product.code for quote in checkout_quotes(checkout, MIDNIGHT)} == {one for one in before if one.startswith("pay_in")}
    with pytest.raises(NotOffered):
        chosen(checkout, MIDNIGHT)


@pytest.mark.parametrize("before", [timedelta(hours=1), timedelta()])
def test_a_replaced_version_that_a_law_forbids_is_agreed_to_until_the_laws_day(law, before):
    checkout = open_checkout(MIDNIGHT - timedelta(hours=2))
    product = list_versions("DK", "monthly_6")[0]
    offer_version(market=product.market, code="monthly_6", terms=terms_of(product) | {"rate_bps": 500}, at=MIDNIGHT - before)
    assert chosen(checkout, MIDNIGHT - timedelta(seconds=1)) == 1
    with pytest.raises(NotOffered):
        chosen(checkout, MIDNIGHT)
    assert chosen(open_checkout(MIDNIGHT), MIDNIGHT) == 2


def test_a_lawful_version_that_ended_is_agreed_to_until_the_checkout_expires(db):
    checkout = open_checkout(AT)
    product = list_versions("DK", "monthly_6")[0]
    stop_offering(market=product.market, code="monthly_6", at=AT + timedelta(hours=1))
    assert checkout.expires_at == AT + timedelta(hours=48)
    with CaptureQueriesContext(connection) as asked:
        assert chosen(checkout, checkout.expires_at - timedelta(seconds=1)) == 1
    assert len(asked) == 2
    with pytest.raises(CheckoutClosed):
        require_open(checkout, checkout.expires_at)


def test_operators_see_it_in_time(law, monkeypatch):
    monkeypatch.setattr("core.clock.now", lambda: AT)
    boss = Client()
    boss.force_login(
        make_operator("anna@kvart.example", may=["propose_offer", "view_product"]), backend="django.contrib.auth.backends.ModelBackend"
    )
    text = boss.get(reverse("admin:index")).content.decode()
    assert "Offers that a law will end" in text
    assert "Ends by itself on Dec 10, 2026" in text
    other = Client()
    other.force_login(make_operator("clara@kvart.example", may=["view_product"]), backend="django.contrib.auth.backends.ModelBackend")
    assert "Offers that a law will end" not in other.get(reverse("admin:index")).content.decode()
    assert forbidden_soon(AT - timedelta(days=AHEAD_DAYS)) == []
    with CaptureQueriesContext(connection) as asked:
        assert {one.day for one in forbidden_soon(AT)} == {DAY}
    assert len(asked) == 2
