"""One person, one exposure: what is open in other currencies and accounts counts, and however many ask at once."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.models import Consumer
from brands.queries import get_brand
from core.db import unit
from credit import queries, services
from credit.errors import LimitExceeded
from credit.models import LimitChange
from markets import queries as markets
from markets.models import ExchangeRate
from markets.rules import factors_to
from markets.services import load_rates
from operations.orders.line import facts_of
from tests.lines import give_line
from tests.owner import as_owner

TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def rates(db):
    load_rates()
    yield
    markets.forget()


@pytest.fixture
def line(person, at):
    def make(consumer=None, currency="USD", limit_minor=100_000, used_minor=0):
        consumer = consumer or person()
        return give_line(consumer=consumer, currency=currency, limit_minor=limit_minor, used_minor=used_minor, at=at)

    return make


def reserve(mine, amount, at):
    services.reserve(consumer_id=mine.consumer_id, currency=mine.currency, amount_minor=amount, at=at)


def used(mine) -> int:
    mine.refresh_from_db()
    return mine.used_minor


def test_rates_come_with_a_date_and_a_source():
    assert {rate.source for rate in ExchangeRate.objects.all()} == {"European Central Bank, euro foreign exchange reference rates"}
    assert set(ExchangeRate.objects.values_list("currency", flat=True)) >= {"USD", "GBP", "DKK", "SEK", "EUR", "AUD"}
    assert load_rates() == ExchangeRate.objects.count()


def test_the_newest_rate_of_a_date_counts():
    old = markets.factors_to("USD", TODAY)["DKK"]
    with as_owner():
        ExchangeRate.objects.create(currency="DKK", date=date(2026, 11, 22), per_euro_e8=1_000_000_000, source="a later table")
    markets.forget()
    assert markets.factors_to("USD", date(2026, 11, 21))["DKK"] == old
    assert markets.factors_to("USD", TODAY)["DKK"] == Decimal("0.10389")
    assert markets.factors_to("USD", date(2020, 1, 1))["DKK"] == old


def test_factors_turn_minor_units_into_minor_units():
    per_euro = {"EUR": 1_00, "USD": 1_10, "JPY": 160_00}
    factors = factors_to("JPY", per_euro)
    assert (factors["JPY"], factors["EUR"], factors["USD"]) == (Decimal(1), Decimal("1.6"), Decimal("1.454545454545"))
    assert factors_to("DKK", per_euro) == {"DKK": Decimal(1)}


def test_what_is_open_in_dollars_counts_against_kroner(person, line, at):
    """800 USD are 5,742.85 DKK: of a limit of 6,500.00 DKK 757.15 are left."""
    consumer = person()
    dollars, kroner = line(consumer, "USD", 100_000, 80_000), line(consumer, "DKK", 650_000)
    with pytest.raises(LimitExceeded):
        reserve(kroner, 90_000, at)
    with pytest.raises(LimitExceeded):
        reserve(kroner, 75_716, at)
    assert (used(dollars), used(kroner)) == (80_000, 0)
    reserve(kroner, 75_715, at)
    assert used(kroner) == 75_715


def test_a_decision_sees_what_is_open_elsewhere(person, line, decide):
    consumer = person("+approve")
    line(consumer, "SEK", 5_000_000, 1_103_002)
    decision = decide(consumer, 60_000)
    assert decision.inputs["used_minor"] == 100_001
    assert (decision.outcome, decision.reasons) == ("decline", ["limit_exceeded"])


def test_a_refusal_makes_no_limit_of_what_is_open_elsewhere(person, line, decide):
    consumer = person("+decline")
    line(consumer, "SEK", 5_000_000, 1_103_002)
    assert decide(consumer).outcome == "decline"
    assert queries.find_line(consumer.pk, "USD") is None


def test_without_a_rate_nothing_is_free(person, line, at):
    consumer = person()
    line(consumer, "NOK", 100_000, 1)
    dollars = line(consumer, "USD")
    with pytest.raises(LimitExceeded):
        reserve(dollars, 1, at)
    assert used(dollars) == 0


def test_two_accounts_of_a_person_have_one_exposure(person, line, at):
    first, second = person(), person()
    Consumer.objects.filter(pk=second.pk).update(person=first)
    mine, other = line(first, used_minor=70_000), line(second)
    with pytest.raises(LimitExceeded):
        reserve(other, 30_001, at)
    reserve(other, 30_000, at)
    with pytest.raises(LimitExceeded):
        reserve(mine, 1, at)
    assert (used(mine), used(other)) == (70_000, 30_000)
    second.refresh_from_db()
    assert [found.left_minor for one in (first, second) for found in queries.list_spending(one, TODAY)] == [0, 0]


def test_two_accounts_of_a_person_show_one_limit(person, line, at, decide):
    first, second = person("+approve"), person("+approve")
    Consumer.objects.filter(pk=second.pk).update(person=first)
    second.refresh_from_db()
    mine = line(first, limit_minor=1_234_500, used_minor=5_000)
    seen = [[(one.line.limit_minor, one.exposure_minor) for one in queries.list_spending(who, TODAY)] for who in (first, second)]
    assert seen == [[(1_234_500, 5_000)]] * 2
    decision = decide(second)
    mine.refresh_from_db()
    assert mine.limit_minor == queries.find_line(second.pk, "USD").limit_minor == decision.limit_minor != 1_234_500
    seen = [[(one.line.limit_minor, one.exposure_minor) for one in queries.list_spending(who, TODAY)] for who in (first, second)]
    assert seen == [[(decision.limit_minor, 5_000)]] * 2
    one, other = (queries.list_limit_changes(who.holder_id) for who in (first, second))
    assert one == other


def test_the_first_limit_of_a_further_account_is_no_change_of_the_limit(person, line, at):
    first, second = person(), person()
    Consumer.objects.filter(pk=second.pk).update(person=first)
    give_line(consumer=first, currency="USD", limit_minor=150_000, at=at)
    kept = [one.line.consumer_id for one in queries.list_limit_changes(first.pk)]
    give_line(consumer=second, currency="USD", limit_minor=150_000, at=at + timedelta(hours=1))
    assert [one.line.consumer_id for one in queries.list_limit_changes(first.pk)] == kept == [first.pk]
    # A change in both accounts counts once: that of the account that is asked about, from what its own limit was.
    for one, before in ((first, 150_000), (second, 140_000)):
        give_line(consumer=one, currency="EUR", limit_minor=before, at=at)
    later = at + timedelta(days=1)
    for one in (first, second):
        mine = queries.find_line(one.pk, "EUR")
        with unit():
            before, mine.limit_minor = mine.limit_minor, 160_000
            mine.save(update_fields=["limit_minor"])
            LimitChange.objects.create(line=mine, before_minor=before, after_minor=160_000, reason="looked_again", at=later)
    for own, before in ((first, 150_000), (second, 140_000), (None, 150_000)):
        newest = queries.list_limit_changes(first.pk, "EUR", own=own and own.pk)[0]
        assert (newest.before_minor, newest.line.consumer_id) == (before, own.pk if own else first.pk)
    # The back office names the account of a change that another line than the shown one had, with its brand.
    (told,) = facts_of(queries.find_line(second.pk, "USD"))["changes"]
    assert told["account"] == f"{first.public_id}, {get_brand(first.brand_id).name}"
    accounts = [one["account"].partition(",")[0] for one in facts_of(queries.find_line(first.pk, "EUR"))["changes"]]
    assert accounts == ["", second.public_id, ""]
    line(second, "DKK", 90_000)
    assert [one.after_minor for one in queries.list_limit_changes(first.pk) if one.line.currency != "EUR"] == [90_000, 150_000]


def test_who_was_joined_to_another_meanwhile_is_looked_at_again(person, line, at):
    first, second = person(), person()
    mine = line(second)
    Consumer.objects.filter(pk=second.pk).update(person=first)
    with pytest.raises(LimitExceeded):
        services.reserve(consumer_id=second.pk, currency="USD", amount_minor=1, at=at, holder_id=second.pk)
    assert used(mine) == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("accounts", [1, 2])
def test_eight_at_once_in_two_currencies_never_exceed_the_limit(person, line, at, at_once, accounts):
    """Limits of 1,000 USD and as many DKK; eight ask for 200 USD or the same in DKK: five get it, in whatever order."""
    for _ in range(5):
        first = person()
        second = person() if accounts == 2 else first
        if accounts == 2:
            Consumer.objects.filter(pk=second.pk).update(person=first)
        dollars, kroner = line(first, "USD", 100_000), line(second, "DKK", 717_900)

        def take(number, dollars=dollars, kroner=kroner):
            with unit():
                reserve(*((dollars, 20_000) if number % 2 else (kroner, 143_570)), at)
                # A query more, as a checkout has, before the lock is given up.
                assert queries.lock_line(dollars.consumer_id, "USD").used_minor <= 100_000

        results = at_once(8, take)
        assert sum(result is None for result in results) == 5
        assert sum(isinstance(result, LimitExceeded) for result in results) == 3
        whole = queries.exposure([dollars, kroner], "USD", TODAY) if used(dollars) + used(kroner) else 0
        assert 99_990 <= whole <= 100_000
