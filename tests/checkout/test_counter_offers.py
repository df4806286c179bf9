"""Counter-offers: a deposit with which a purchase fits into what is left of a limit; accepted or not, told, stored and replayed."""

import threading
from dataclasses import replace

import pytest
from django.db import connections

from checkout import services as checkouts
from checkout.coarse import load_declined
from checkout.errors import Declined, NoCounterOffer
from checkout.models import Order
from checkout.queries import get_checkout
from checkout.quoting import checkout_quotes, deposit_offered
from checkout.services import countering
from core.errors import Conflict, NotFound
from core.models import OutboxEvent
from credit.assessing import assessor
from credit.helping import most_lent
from credit.models import CreditLine, Decision
from credit.replaying import replay
from credit.rules import Inputs
from credit.services import decisions
from markets.models import MarketSetting
from reports.books import check_books
from simulation import shopper
from tests.cast import last_click
from tests.offer_rules import offer_rule, rule_offers

pytestmark = pytest.mark.django_db(transaction=True)
SOMEBODY = "hal+approve@people.example"
LENT = 99_950
"""What a counter-offer lends of a purchase of 1,800.50: in whole units of a deposit, and not above the order limit of 1,000.00."""


@pytest.fixture(autouse=True)
def books():
    """Whatever was done, the books hold, and every decision replays to the same answer."""
    yield
    assert [line for check in check_books() for line in check.offenders] == []
    assert [one.differences for one in map(replay, Decision.objects.all()) if one.differences] == []


def limit_of(consumer) -> tuple[int, int]:
    line = CreditLine.objects.get(consumer=consumer)
    return line.limit_minor, line.used_minor


def refused(buy, merchant, over=30_050, email=SOMEBODY, **draft):
    """Open a checkout of more than the person's limit, and decide about it; return it with the limit."""
    first = buy.open(merchant, 10_000)
    buy.finish(first, email, card="4000000000000002")
    limit = Decision.objects.get().limit_minor
    checkout = buy.open(merchant, limit + over, **draft)
    assert buy.finish(checkout, email, "monthly_6").reasons == ["limit_exceeded"]
    return get_checkout(checkout.pk), limit


def accept(checkout, at):
    return checkouts.accept_counter(checkout_id=checkout.pk, consumer=checkout.consumer, at=at)


def test_the_smallest_deposit_in_whole_units_is_offered_and_the_rest_is_lent(buy, merchant, at):
    checkout, limit = refused(buy, merchant)
    # 1,800.50 with a limit of 1,500.00, and of 1,000.00 for one order.
    assert (deposit_offered(checkout), checkout.decision.counter_minor) == (80_100, LENT)
    assert [checkout.decision.inputs[name] for name in ("counter_from_minor", "counter_most_pct")] == [50, 50]
    assert load_declined([checkout]) == {}
    assert not OutboxEvent.objects.filter(name="checkout.checkout_declined").exists()
    second = accept(checkout, at)
    assert (second.outcome, second.amount_minor, second.counter_minor) == ("approve", LENT, 0)
    assert accept(checkout, at) == second
    checkout = get_checkout(checkout.pk)
    (quote,) = checkout_quotes(checkout, at, "monthly_6")
    assert (quote.deposit_minor, quote.financed_minor) == (80_100, LENT)
    order = last_click(checkout, checkout.consumer, "monthly_6", shopper.card_of(checkout.consumer, "4242424242424242", at), at)
    assert (order.amount_minor, order.deposit_minor, order.decision_id) == (limit + 30_050, 80_100, second.pk)
    assert (order.status, limit_of(checkout.consumer)) == ("authorized", (limit, LENT))


@pytest.mark.parametrize(("over", "pct", "lent"), [(50_000, 50, 100_000), (50_100, 50, 0), (50_100, 60, 100_000), (60_000, 50, 0)])
def test_a_deposit_has_a_largest_share_and_no_more_is_lent_than_the_order_limit(buy, merchant, monkeypatch, over, pct, lent):
    monkeypatch.setattr(decisions, "value_of", lambda setting: pct)
    checkout, _limit = refused(buy, merchant, over)
    assert (checkout.decision.counter_minor, checkout.decision.order_limit_minor) == (lent, 100_000)


def test_an_older_decision_replays_without_these_bounds(buy, merchant):
    checkout, limit = refused(buy, merchant)
    inputs = Inputs.from_json(checkout.decision.inputs)
    assert most_lent(replace(inputs, counter_most_pct=None), assessor("scorecard-3")) == limit - 50


def test_a_counter_offer_that_is_not_taken_leaves_the_refusal_and_its_notice(buy, merchant, at):
    checkout, _limit = refused(buy, merchant)
    event = OutboxEvent.objects.get(name="credit.application_declined")
    assert event.payload["decision"] == checkout.decision.public_id
    checkouts.cancel_checkout(checkout_id=checkout.pk, at=at)
    assert load_declined([get_checkout(checkout.pk)]) == {checkout.pk: "amount"}
    with pytest.raises(Conflict):
        accept(checkout, at)
    assert Decision.objects.filter(reference=checkout.public_id).count() == 1


def test_nobody_else_accepts_it(buy, merchant, at):
    checkout, _limit = refused(buy, merchant)
    other = buy(merchant, 10_000, email="eve+approve@people.example").consumer
    with pytest.raises(NotFound):
        checkouts.accept_counter(checkout_id=checkout.pk, consumer=other, at=at)
    assert get_checkout(checkout.pk).decision == checkout.decision


@pytest.mark.parametrize("how", ["setting", "rule", "plan"])
def test_none_is_made_where_the_market_a_rule_or_the_plans_forbid_it(buy, merchant, at, how, monkeypatch):
    if how == "setting":
        monkeypatch.setattr("checkout.services.offering.find_setting", lambda *_told: MarketSetting(value=False))
    elif how == "rule":
        rule_offers(offer_rule("no_counter"))
    else:
        rule_offers(*(offer_rule("withhold", code) for code in ("pay_in_4", "pay_in_30", "monthly_6", "monthly_12")))
    checkout, _limit = refused(buy, merchant)
    assert (checkout.decision.counter_minor, checkout.decision.inputs["counter_from_minor"]) == (0, None)
    assert load_declined([checkout]) == {checkout.pk: "amount"}
    with pytest.raises(NoCounterOffer):
        accept(checkout, at)


def test_none_is_made_where_something_else_refuses(buy, merchant):
    checkout = buy.open(merchant, 500_000)
    buy.finish(checkout, "dora+decline@people.example", "monthly_6")
    assert Decision.objects.get().counter_minor == 0


def test_another_amount_asks_anew(buy, merchant, at):
    checkout, limit = refused(buy, merchant)
    accept(checkout, at)
    checkouts.update_checkout(checkout_id=checkout.pk, merchant=merchant, changes={"amount": limit + 60_000, "items": []}, at=at)
    checkout = get_checkout(checkout.pk)
    assert (checkout.deposit_minor, checkout.decision) == (0, None)


def test_a_limit_used_meanwhile_refuses_what_was_offered(buy, merchant, at):
    checkout, _limit = refused(buy, merchant)
    buy.finish(buy.open(merchant, 60_000), SOMEBODY)
    assert not OutboxEvent.objects.filter(name="checkout.checkout_declined").exists()
    assert accept(checkout, at).outcome == "decline"
    told = OutboxEvent.objects.get(name="checkout.checkout_declined").payload
    assert (told["checkout"], told["declined"]) == (checkout.public_id, "amount")
    checkout = get_checkout(checkout.pk)
    assert (checkout.deposit_minor, limit_of(checkout.consumer)[1]) == (0, 60_000)
    with pytest.raises(Declined):
        last_click(checkout, checkout.consumer, "monthly_6", shopper.card_of(checkout.consumer, "4242424242424242", at), at)


def test_of_two_counter_offers_at_once_one_fits(buy, merchant, at):
    """What is lent never exceeds the limit, however many windows agree at the same moment."""
    first, limit = refused(buy, merchant)
    rest = [buy.open(merchant, limit + 30_050) for _ in range(3)]
    for one in rest:
        buy.finish(one, SOMEBODY, "monthly_6")
    method, waiting = shopper.card_of(first.consumer, "4242424242424242", at), [first, *(get_checkout(one.pk) for one in rest)]
    for one in waiting:
        accept(one, at)
    go, told = threading.Barrier(len(waiting)), []

    def agree(checkout):
        try:
            go.wait()
            last_click(checkout, checkout.consumer, "monthly_6", method, at)
            told.append("bought")
        except Conflict as error:
            told.append(error.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=agree, args=(one,)) for one in waiting]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(told) == ["bought", *["credit.limit_exceeded"] * 3]
    assert (Order.objects.count(), limit_of(first.consumer)) == (1, (limit, LENT))


def test_a_double_click_decides_once(buy, merchant, at):
    checkout, _limit = refused(buy, merchant)
    go, told = threading.Barrier(4), []

    def act():
        try:
            go.wait()
            told.append(accept(checkout, at).pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert told == [get_checkout(checkout.pk).decision_id] * 4
    assert Decision.objects.filter(reference=checkout.public_id).count() == 2


@pytest.mark.parametrize("what", ["bought", "taken over", "changed"])
def test_what_became_of_the_purchase_meanwhile_is_not_decided_on(buy, merchant, at, monkeypatch, what):
    """A second window accepts while the sources are asked for the first: nothing is decided, so no refusal is told, of what is bought."""
    checkout, limit = refused(buy, merchant)
    count, real = Decision.objects.count(), countering.credit.gather

    def slow(**told):
        monkeypatch.setattr(countering.credit, "gather", real)
        if what == "bought":
            accept(checkout, at)
            card = shopper.card_of(checkout.consumer, "4242424242424242", at)
            last_click(get_checkout(checkout.pk), checkout.consumer, "monthly_6", card, at)
        elif what == "taken over":
            shopper.identify(checkout=get_checkout(checkout.pk), email="eve+approve@people.example", at=at)
        else:
            checkouts.update_checkout(checkout_id=checkout.pk, merchant=merchant, changes={"amount": limit + 40_000, "items": []}, at=at)
            checkouts.decide(checkout_id=checkout.pk, at=at)
        return real(**told)

    monkeypatch.setattr(countering.credit, "gather", slow)
    with pytest.raises((Conflict, NotFound)):
        accept(checkout, at)
    assert Decision.objects.count() - count == (what != "taken over")
    assert OutboxEvent.objects.filter(name="credit.application_declined").count() == 1 + (what == "changed")
    assert Order.objects.filter(deposit_minor__gt=0).count() == (what == "bought")
