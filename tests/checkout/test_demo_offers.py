"""The demo's counter-offers: one that was taken, with a deposit that its card holds, and one that still stands."""

import pytest

from checkout.models import Checkout, Order
from checkout.quoting import deposit_offered
from core.clock import now
from credit.models import CreditLine
from plans.queries import find_deposit
from simulation.offering import let_counter_offers_be_made

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_is_taken_and_one_stands(buy, merchant):
    assert let_counter_offers_be_made(merchant, at=now()) == ["authorized", "declined"]
    order = Order.objects.get(deposit_minor__gt=0, status="authorized")
    assert (find_deposit(order.plan_id).state, find_deposit(order.plan_id).amount_minor) == ("held", order.deposit_minor)
    assert 30_000 <= order.deposit_minor < 30_100
    assert all(line.used_minor <= line.limit_minor for line in CreditLine.objects.all())
    standing = Checkout.objects.select_related("decision").get(status="open")
    assert deposit_offered(standing) >= 30_000
