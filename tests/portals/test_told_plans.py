"""What pages tell of a plan that changed, that was tried to be paid, and that a person looks at first."""

import pytest

from checkout import services as checkouts
from payments import services as payments
from plans.models import Installment
from tests.portals.reading import hidden
from tests.portals.test_checkout_pages import at_plan
from tests.portals.test_consumer_pages import paid, text  # noqa: F401  (paid is a fixture)

pytestmark = pytest.mark.django_db(transaction=True)


def test_interest_that_fell_away_with_a_refund_is_told_with_the_totals(client, sign_in, bought, merchant, moment):
    order = bought(60_000, product="monthly_6")
    total = sum(row.amount_minor for row in order.plan.installments.all())
    checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=30_000, reason="", actor="test", at=moment)
    left = sum(row.amount_minor for row in order.plan.installments.all())
    page = text(sign_in(client, order.consumer).get(f"/purchases/{order.public_id}"))
    assert f"$300.00 fell off your coming payments. ${(total - left - 30_000) / 100:.2f} of interest fell away with it." in page
    assert f"All payments came to ${total / 100:.2f} before, and come to ${left / 100:.2f} now." in page


def test_an_early_try_that_fails_leaves_the_plan_as_it_stood(client, sign_in, paid, moment):  # noqa: F811
    """What was tried before its day is no failed payment of the plan: only the try's own page says that it failed."""
    order = paid()
    empty = payments.add_card(consumer=order.consumer, number="4000000000009995", at=moment)
    sign_in(client, order.consumer)
    plan = list(Installment.objects.filter(plan=order.plan).order_by("number").values())
    shown = [text(client.get(path)) for path in ("/home", "/purchases", f"/purchases/{order.public_id}")]
    path = f"/purchases/{order.public_id}/pay"
    for scope in ("next", "all"):
        answer = client.post(path, hidden(client.get(path)) | {"scope": scope, "card": empty.public_id})
        assert "Payment failed" in text(client.get(answer["Location"]))
    assert list(Installment.objects.filter(plan=order.plan).order_by("number").values()) == plan
    assert [text(client.get(path)) for path in ("/home", "/purchases", f"/purchases/{order.public_id}")] == shown
    assert "Next" in shown[2]


def test_who_buys_above_the_order_limit_knows_before_agreeing_that_a_person_looks(client, open_checkout, email):
    notice = "A person looks at purchases above $1,000 first. Usually this takes less than a day, and nothing is charged before then."
    for amount, told in ((120_000, True), (22_900, False)):
        checkout = open_checkout(amount)
        at_plan(client, checkout, email("+approve"))
        page = text(client.get(f"/checkout/{checkout.public_id}"))
        assert "You can spend up to" in page
        assert (notice in page) == told, amount
