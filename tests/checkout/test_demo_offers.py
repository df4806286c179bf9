"""The demo's counter-offers, one taken and one that still stands; and its refusal that a person approved."""

import pytest

from accounts.models import ConsumerRequest
from checkout.models import Checkout, Order
from checkout.quoting import deposit_offered
from controls.models import RuleCase
from core.clock import now
from credit.models import Approval, CreditLine, Decision
from plans.queries import find_deposit
from simulation.offering import let_counter_offers_be_made
from simulation.overruling import let_a_refusal_be_overruled
from tests.operators import make_operator

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_is_taken_and_one_stands(buy, merchant):
    assert let_counter_offers_be_made(merchant, at=now()) == ["authorized", "declined"]
    order = Order.objects.get(deposit_minor__gt=0, status="authorized")
    assert (find_deposit(order.plan_id).state, find_deposit(order.plan_id).amount_minor) == ("held", order.deposit_minor)
    assert 30_000 <= order.deposit_minor < 30_100
    assert all(line.used_minor <= line.limit_minor for line in CreditLine.objects.all())
    standing = Checkout.objects.select_related("decision").get(status="open")
    assert deposit_offered(standing) >= 30_000


def test_one_operator_approves_a_refusal_that_somebody_asked_about(buy, merchant):
    olivia = make_operator("olivia@kvart.example", may=["answer_request"])
    assert let_a_refusal_be_overruled(olivia, at=now()) is None
    for amount in (20_000, 90_000):
        # Only the first is small enough for one operator.
        buy.finish(buy.open(merchant, amount), f"dora{amount}+decline@people.example")
    made = let_a_refusal_be_overruled(olivia, at=now())
    assert (made, made.amount_minor, made.decision) == (Approval.objects.get(), 20_000, Decision.objects.get(amount_minor=20_000))
    assert (ConsumerRequest.objects.get().status, RuleCase.objects.get(kind="overrules").subject) == ("answered", made.decision.public_id)
