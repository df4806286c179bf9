"""Fees for being late as people see them: before they agree, on the late purchase, in letters, when they end."""

from datetime import timedelta

import pytest

from collection import services as collection
from core import clock
from plans import services as plans
from portals.consumer import frame
from tests.plans.conftest import fees
from tests.plans.test_fees import plan_of
from tests.portals.test_checkout_pages import at_plan, path
from tests.portals.test_consumer_pages import text
from tests.portals.test_promises import letters

__all__ = ["fees"]
pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


@pytest.fixture
def late(fees, bought, client, sign_in, monkeypatch):
    """A signed-in person's purchase of 229.00 whose first payment is late for two days, with how to let days pass."""
    order = bought(22_900)
    begun = clock.now()

    def pass_days(count):
        now = begun + count * DAY
        for place in (clock, frame):
            monkeypatch.setattr(place, "now", lambda: now)
        return now

    collection.mark_overdue(at=pass_days(2))
    sign_in(client, order.consumer)
    return order, pass_days


def close(order, at):
    return plans.close_fees(plan_ids=[order.plan_id], day=at.date(), at=at)


def test_a_person_is_warned_of_a_fee_told_of_it_and_sees_it_waived(late, client, monkeypatch):
    order, pass_days = late
    page, pay = f"/purchases/{order.public_id}", f"/purchases/{order.public_id}/pay"
    warning = "or a late fee of at most $7.00 is added."
    assert warning in text(client.get(page))
    assert warning in text(client.get(pay))
    assert "after that a late fee of at most $7.00 is added." in letters("payment_late")[0].text
    at = pass_days(12)
    assert close(order, at) == 1
    papers = []
    monkeypatch.setattr("checkout.papers.render", lambda paper, **_more: papers.append(paper) or b"%PDF")
    assert client.get(f"{page}/documents/plan_today.pdf").status_code == 200
    assert "Late fee\t$7.00\t$7.00" in papers[0].text
    assert "Left to pay\t$236.00" in papers[0].text
    shown = text(client.get(page))
    assert f"{page}/documents/plan_today.pdf" in client.get(page).content.decode()
    assert "Late fee of $7.00, added" in shown
    assert "· not paid" in shown
    assert "A fee was added" in shown
    assert warning not in shown
    shown = text(client.get(pay))
    assert "with $7.00 of fees" in shown
    assert "Pay $64.25" in shown
    assert "$7.00 of what is open is fees." in shown
    letter = letters("fee_charged")[0]
    assert "a late fee of $7.00 was added" in letter.subject
    assert "Open of this payment: $64.25." in letter.text
    plans.waive_fees(plan_id=order.plan_id, number=1, reason="first time", actor="test", at=at)
    shown = text(client.get(page))
    assert "waived, you do not owe it" in shown
    assert "Pay $57.25" in text(client.get(pay))
    assert "You do not owe it any more." in letters("fees_ended")[0].text
    assert plan_of(order).late_since is not None


def test_fees_are_told_before_consent(fees, client, open_checkout, email):
    checkout = open_checkout()
    consumer = at_plan(client, checkout, email("+approve"))
    told = "You pay no fee as long as you pay on time. Late? We remind you first. A late fee of $7.00 is added to a payment"
    for place, sent in (("", {}), ("pay", {"plan": "pay_in_4"})):
        shown = text(client.get(path(checkout, place), sent))
        assert told in shown
        assert "The fees of this purchase come to at most $57.25 in all." in shown
        assert "no late fee" not in shown
        assert "no fees" not in shown
    agreement = text(client.get(path(checkout, "agreement"), {"plan": "pay_in_4"}))
    assert "All your fees within twelve months come to at most $100.00, for all purchases together." in agreement
    assert consumer.public_id in agreement


def test_smaller_payments_tell_the_fee_that_stays_beside_them(late, client):
    order, pass_days = late
    assert close(order, pass_days(12)) == 1
    answers = {"reason": "income", "lasts": "longer", "pays": "some"}
    offers = client.post(f"/purchases/{order.public_id}/help", answers, follow=True).content.decode()
    smaller, pause = offers.index("Take smaller payments"), offers.index("Pause my payments")
    told = [offers[:smaller].count("Fees that stay open beside: $7.00"), offers[smaller:pause].count("Fees that stay open beside")]
    assert told == [1, 0]
