"""The first day of each market's law on credit: the day before decides without it, the day itself with it."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.money import Money
from core.remote import Remote
from credit import services
from credit.checks import NEGATIVE, PARTIAL
from credit.errors import FiguresNeeded
from credit.models import CreditLine, Inquiry
from credit.queries import find_law
from credit.rules.affording import Declared
from markets.models import Market, MarketSetting
from markets.queries import affordability_rows, find_affordability, find_partial_check, partial_check_rows
from markets.services import add_setting, load_markets
from tests.owner import as_owner

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("laws")]
FIRST = {
    "DK": ("DKK", date(2026, 11, 20), 300_00),
    "SE": ("SEK", date(2026, 11, 20), 300_00),
    "DE": ("EUR", date(2026, 11, 20), 300_00),
    "GB": ("GBP", date(2026, 7, 15), 50_00),
    "US": ("USD", date(2025, 1, 1), 200_00),
}
"""Markets that assess income against costs for every agreement: the currency, the law's first day, and a small amount."""


@pytest.fixture
def laws(db):
    """The product's own data of the markets is in force."""
    load_markets()
    for rows in (affordability_rows, partial_check_rows):
        rows.forget()
    yield
    for rows in (affordability_rows, partial_check_rows):
        rows.keep([])


def noon(day: date, market: str) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(Market.objects.get(code=market).time_zone))


def decide(consumer, minor, currency, at, *, payment=10**9):
    return services.decide(consumer=consumer, reference="chk_1", amount=Money(minor, currency), at=at, payment_of=lambda: payment)


def tell_figures(consumer, at):
    services.declare(consumer=consumer, currency="AUD", declared=Declared(900_000, 100_000, 0, 0), reference="chk_1", at=at)


@pytest.mark.parametrize("market", FIRST)
def test_payments_above_what_is_left_refuse_every_agreement_from_the_law_s_first_day_on(person, world, market):
    currency, first, small = FIRST[market]
    row = MarketSetting.objects.get(market=market, key="affordability")
    assert (row.valid_from, row.value["check"], find_affordability(market, first - timedelta(days=1))) == (first, "figures", None)
    assert find_law(market, currency, first).version == f"{market} {first.isoformat()}"
    consumer = person("+approve", market=market)
    before, on = (decide(consumer, small, currency, noon(day, market)) for day in (first - timedelta(days=1), first))
    assert (before.outcome, "affordability" in before.versions) == ("approve", False)
    assert (on.outcome, on.reasons, on.versions["affordability"]) == ("decline", ["payments_too_high"], f"{market} {first.isoformat()}")
    # With payments that the income carries, the same agreement is approved, however small it is.
    assert decide(consumer, small, currency, noon(first, market), payment=1).outcome == "approve"


def test_australia_looks_at_the_file_alone_below_2_000_and_at_income_and_costs_from_there(person, world):
    first = date(2025, 6, 10)
    consumer = person("+approve", market="AU")
    assert find_affordability("AU", first - timedelta(days=1)) is None
    with pytest.raises(FiguresNeeded):
        decide(consumer, 200_000, "AUD", noon(first, "AU"), payment=1)
    tell_figures(consumer, noon(first, "AU"))
    looked = [
        "affordability" in decide(consumer, minor, "AUD", noon(day, "AU"), payment=1).versions
        for day, minor in ((first, 199_999), (first, 200_000), (first - timedelta(days=1), 200_000))
    ]
    assert looked == [False, True, False]


def test_australia_checks_negative_below_2_000_and_partially_from_there_from_its_first_day_on(person, world):
    first = date(2025, 6, 10)
    at, consumer = noon(first, "AU"), person("+approve", market="AU")
    before = decide(person("+approve", market="AU"), 100_000, "AUD", noon(first - timedelta(days=1), "AU"), payment=1)
    assert (before.inquiry.check_kind, "check" in before.versions) == ("", False)
    tell_figures(consumer, at)
    small = decide(consumer, 199_999, "AUD", at, payment=1)
    assert (small.inquiry.check_kind, small.versions["check"]) == (NEGATIVE, "negative")
    # A negative report at hand does not serve for what takes a partial check; what is owed already counts.
    CreditLine.objects.filter(consumer=consumer).update(used_minor=1)
    more = decide(consumer, 199_998, "AUD", at + timedelta(hours=1), payment=1)
    assert (more.inquiry_id, more.inquiry.check_kind) == (small.inquiry_id, NEGATIVE)
    assert decide(consumer, 199_999, "AUD", at + timedelta(hours=2), payment=1).versions["check"] == "partial"
    kinds = list(Inquiry.objects.filter(consumer=consumer).order_by("asked_at").values_list("check_kind", flat=True))
    assert kinds == [NEGATIVE, PARTIAL]
    # A partial report serves for a small amount too, and nobody is asked again.
    CreditLine.objects.filter(consumer=consumer).update(used_minor=0)
    assert decide(consumer, 1_000, "AUD", at + timedelta(hours=3), payment=1).inquiry.check_kind == PARTIAL
    assert Inquiry.objects.filter(consumer=consumer).count() == 2


def test_another_amount_of_the_law_counts_from_its_day_on(person, world):
    market, day = Market.objects.get(code="AU"), date(2027, 1, 1)
    given = {"key": "credit_check.partial_from_minor", "value": 50_000, "valid_from": day, "source": "A later law"}
    with as_owner():  # the day passes one day on the database's own clock
        add_setting(market=market, **given, at=noon(date(2026, 11, 30), "AU"))
    assert [find_partial_check("AU", one).value for one in (day - timedelta(days=1), day)] == [200_000, 50_000]
    kinds = [decide(person("+approve", market="AU"), 60_000, "AUD", noon(one, "AU"), payment=1) for one in (day - timedelta(days=1), day)]
    assert [made.inquiry.check_kind for made in kinds] == [NEGATIVE, PARTIAL]


def test_the_bureau_is_told_the_kind_and_elsewhere_none(person, world, monkeypatch):
    sent, post = [], Remote.post

    def listen(remote, path, body=None, **more):
        sent.append((body or {}).get("check"))
        return post(remote, path, body, **more)

    monkeypatch.setattr(Remote, "post", listen)
    for market, currency in (("AU", "AUD"), ("US", "USD")):
        decide(person("+approve", market=market), 20_000, currency, noon(date(2026, 11, 25), market), payment=1)
    assert sent == ["negative", None]
