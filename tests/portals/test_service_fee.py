"""A service fee as people see it: on each page before consent, on the purchase, in what changed, and when it is taken off."""

import pytest

from core.clock import now
from plans.services import withdraw_plan
from tests.checkout.test_scoped_products import sell
from tests.checkout.test_service_fee import HALF, allowed
from tests.plans.conftest import fees
from tests.portals.test_checkout_pages import at_plan, path
from tests.portals.test_consumer_pages import text
from tests.portals.test_promises import letters

__all__ = ["allowed", "fees"]
pytestmark = pytest.mark.django_db(transaction=True)
ON_TIME = "you pay no fee as long as you pay on"


def test_it_is_read_before_consent_and_on_the_purchase_until_it_is_taken_off(allowed, client, open_checkout, email, bought, sign_in):
    assert "No fee when you pay on time" in text(client.get("/"))
    sell("served", **HALF)
    assert "No late fee when you pay on time" in text(client.get("/"))
    checkout = open_checkout()
    at_plan(client, checkout, email("+approve"))
    shown = text(client.get(path(checkout)))
    assert "Service fee $1.15 in the first payment · APR" in shown
    assert f"Beside a service fee that stands with the plan, {ON_TIME}" in shown
    shown = text(client.get(path(checkout, "pay"), {"plan": "served"}))
    assert "of which service fee $1.15" in shown
    assert "$58.40" in shown
    # A plan without one says so.
    shown = text(client.get(path(checkout, "pay"), {"plan": "pay_in_4"}))
    assert f"Y{ON_TIME[1:]}" in shown
    assert "ervice fee" not in shown
    order = bought(22_900, product="served")
    page = f"/purchases/{order.public_id}"
    sign_in(client, order.consumer)
    shown = text(client.get(page))
    for told in ("Service fee of $1.15, added", "The service fee was added", "$1.15 more to pay, as you agreed.", "Fees $1.15"):
        assert told in shown
    # They are told of it with the agreement and the capture, not once more.
    assert letters("fee_charged") == []
    assert withdraw_plan(plan_id=order.plan_id, repay_by=now().date(), actor="", at=now())
    shown = text(client.get(page))
    for told in ("added", "taken off, you do not owe it", "The service fee was taken off", "$1.15 less to pay."):
        assert told in shown
    assert "your payment came in time" not in shown
    assert "So the service fee of $1.15 is taken off, and you do not owe it any more." in letters("fees_ended")[0].text


def test_a_purchase_asks_for_it_while_it_waits_for_the_shop(allowed, client, bought, sign_in):
    sell("served", **HALF)
    order = bought(22_900, product="served", send=False)
    sign_in(client, order.consumer)
    assert "$58.40" in text(client.get(f"/purchases/{order.public_id}"))
