"""A shop refunds what a bank takes back at the same moment: one waits for the other, and none of them in a circle."""

import time

import pytest

from checkout import services as checkouts
from collection import services as collection
from payments.models import Charge
from plans.models import Plan
from tests.collection.test_charge_offs import wrong
from tests.collection.test_disputes import bank, hear, sold
from tests.collection.test_payments_taken_back import decide, fail, first, hear_of

__all__ = ["bank", "sold"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def slow(monkeypatch):
    """Give who records a charge that comes back a while in which it holds the charge and not yet the plan."""
    from collection import handlers

    genuine = handlers.take_reversal

    def take_reversal(**how):
        time.sleep(1.5)
        return genuine(**how)

    monkeypatch.setattr(handlers, "take_reversal", take_reversal)


def refund(sold, merchant, at):
    time.sleep(0.5)
    return checkouts.refund_order(order_id=sold.id, merchant=merchant, amount_minor=20_000, reason="", actor="test", at=at)


def test_a_refund_and_a_charge_that_comes_back_do_not_wait_in_a_circle(sold, merchant, settings, at, at_once, slow):
    charge = first(sold)
    fail(charge, settings)
    acts = [lambda: hear_of(charge, at), lambda: refund(sold, merchant, at)]
    results = at_once(2, lambda number: acts[number]())
    assert [one for one in results if isinstance(one, Exception)] == []
    assert (Charge.objects.get(id=charge.id).status, wrong()) == ("reversed", [])
    assert Plan.objects.get(id=sold.plan_id).status == "active"


def test_a_refund_and_a_lost_dispute_do_not_wait_in_a_circle(sold, merchant, bank, at, at_once, slow):
    ref = bank(first(sold))
    hear(ref, at)
    acts = [lambda: decide(bank, ref, "lost", at), lambda: refund(sold, merchant, at), lambda: collection.mark_overdue(at=at)]
    results = at_once(3, lambda number: acts[number]())
    assert [one for one in results if isinstance(one, Exception)] == []
    assert wrong() == []
