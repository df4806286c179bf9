"""How many statements the hot paths take: few, and as many for fifty as for one."""

from datetime import timedelta

import pytest

from checkout import services as checkouts
from checkout.queries import get_checkout
from checkout.services import authorizing
from collection import services as collection
from collection.services.due import claim_due
from markets.queries import list_rate_dates
from payments import services as payments
from payments.gateways.base import done
from payments.models import Charge
from payments.services.charges import record_charges
from plans.models import Installment
from simulation.shopper import card_of, identify
from tests.api.counting import statements
from tests.cast import AGREEMENT


@pytest.fixture
def authorized(buy, merchant, at):
    """Give a function that buys and returns the order and the statements that authorizing it took."""

    def run(email: str = "anna+approve@people.example", **draft):
        checkout = buy.open(merchant, 22_900, **draft)
        consumer = identify(checkout=checkout, email=email, at=at)
        checkouts.decide(checkout_id=checkout.id, at=at)
        method = card_of(consumer, "4242424242424242", at)
        quote = authorizing.pick_quote(get_checkout(checkout.id), "pay_in_4", at)
        held = authorizing._hold_first_payment(checkout, consumer, method, quote, at, payments.NOBODY)
        list_rate_dates()  # rates are remembered for a while
        with statements() as found:
            order = authorizing.authorize_order(
                checkout_id=checkout.id, consumer=consumer, quote=quote, method=method, held=held, agreement=AGREEMENT, at=at
            )
        return order, found

    return run


def capture(order, at, amount=None):
    return checkouts.capture_order(order_id=order.id, merchant=order.merchant, amount_minor=amount, actor="test", at=at)


def test_authorizing_takes_two(authorized):
    """One that locks and reads, one that writes."""
    _, found = authorized()
    assert len(found) == 2, "\n".join(found)
    assert found[0].endswith('FOR UPDATE OF "checkout_checkout"')


def test_authorizing_takes_no_more_for_who_bought_before(authorized, at):
    first, found = authorized()
    for _ in range(3):
        order, again = authorized(items=[])
        assert len(again) <= len(found)
        capture(order, at, 100)
    assert first.plan_id != order.plan_id


def test_a_held_order_takes_no_more(authorized):
    gift = {"name": "Gift card", "quantity": 1, "unit_amount": 22_900, "amount": 22_900, "category": "gift_card"}
    order, found = authorized(items=[gift])
    assert order.status == "pending_review"
    assert len(found) == 2, "\n".join(found)


def test_capturing_takes_the_same_however_many_there_were(buy, merchant, at):
    order, counts = buy(merchant, 40_000), []
    for _ in range(8):
        with statements() as found:
            capture(order, at, 1_000)
        counts.append(len(found))
    assert counts[1:] == [counts[1]] * 7
    assert max(counts) <= 18, counts


def test_refunding_takes_the_same_however_many_there_were(buy, merchant, at):
    order, counts = buy(merchant, 40_000), []
    capture(order, at)
    for _ in range(6):
        with statements() as found:
            checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=500, reason="", actor="test", at=at)
        counts.append(len(found))
    assert counts == [counts[0]] * 6
    assert counts[0] <= 19, counts


def test_refunding_what_was_paid_takes_the_same_for_one_charge_and_for_four(buy, merchant, at, settle_all):
    """Money that goes back to four charges costs a statement more for each installment that it is taken from, and no other."""
    one, four = buy(merchant, 20_000), buy(merchant, 20_000)
    for order in (one, four):
        capture(order, at)
    settle_all()
    costs = []
    for order, amount in ((one, 4_000), (four, 19_000)):
        with statements() as found:
            checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=amount, reason="", actor="test", at=at)
        costs.append([sql for sql in found if 'UPDATE "plans_allocation"' not in sql])
    assert len(costs[0]) == len(costs[1])


@pytest.fixture
def settle_all(at):
    """Give a function that lets every installment be paid, as the gateway would, and tells the statements it took."""

    def run() -> list[str]:
        requests, _, _ = claim_due(at=at + timedelta(days=60))
        with statements() as found:
            record_charges([(request, done(request, f"ch_{request.id.hex}")) for request in requests], at)
        return found

    return run


def test_settling_fifty_charges_takes_as_many_as_one(buy, merchant, at, settle_all):
    orders = [buy(merchant, 20_000 + n, email=f"p{n}+approve@people.example", product="pay_in_30") for n in range(5)]
    # The very first charge opens the shared accounts besides.
    for _ in range(2):
        capture(orders[0], at, 1_000)
        one = settle_all()
    assert Charge.objects.count() == 2
    for order in orders:
        for _ in range(10):
            capture(order, at, 1_000)
    fifty = settle_all()
    assert Charge.objects.filter(status="succeeded").count() == 52
    assert Installment.objects.filter(status="paid").count() == 52
    assert len(one) == len(fifty) <= 16, "\n".join(fifty)


def test_claiming_five_takes_as_many_as_one(buy, merchant, at):
    orders = [buy(merchant, 8_000 + n, email=f"p{n}+approve@people.example") for n in range(6)]
    capture(orders[0], at)
    with statements() as one:
        claim_due(at=at)
    for order in orders[1:]:
        capture(order, at)
    with statements() as five:
        requests, _, _ = claim_due(at=at)
    assert (len(requests), len(five)) == (5, len(one))
    assert payments.run_charges(requests=[], at=at) == 0
    assert collection.run_due(at=at) == 0
