"""What a later law forbids ends by itself on its day, and operators hear of it before."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from controls import services as controls
from core import timers
from core.money import Money
from markets.models import MarketSetting
from plans.models import Product
from plans.offers import AHEAD_DAYS, forbidden_soon, forbidden_today, subject_of_product, terms_of
from plans.queries import list_quotes, list_versions
from plans.services import end_forbidden, offer_version
from tests.operators import make_operator
from tests.owner import unguarded

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 22, 12, tzinfo=ZoneInfo("UTC"))
DAY = date(2026, 12, 10)
MIDNIGHT = datetime(2026, 12, 10, tzinfo=ZoneInfo("Europe/Copenhagen"))


@pytest.fixture
def law(db):
    with unguarded():
        return MarketSetting.objects.create(market_id="DK", key="apr.cap_bps", value=1_000, valid_from=DAY, source="a later law")


def offered(at: datetime) -> set[str]:
    amount = Money(300_000, "DKK")
    return {quote.product.code for quote in list_quotes(market_code="DK", amount=amount, start=at.date(), at=at)}


def test_what_comes_with_the_product_is_lawful_on_every_day_to_come(db):
    for days in range(0, 800, 7):
        assert forbidden_today(AT + timedelta(days=days)) == []


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
