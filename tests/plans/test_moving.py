"""The days of a plan begin where its consumer lives."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts import services as accounts
from checkout import services as checkouts
from collection.services import run_due
from plans.models import Installment, Plan
from plans.queries import repayment_counts
from tests.owner import tamper

pytestmark = pytest.mark.django_db(transaction=True)
HONOLULU = {"line1": "1 Bishop St", "city": "Honolulu", "postal_code": "96813", "region": "HI"}
NEW_YORK = {"line1": "1 Main St", "city": "New York", "postal_code": "10001", "region": "NY"}


@pytest.fixture
def order(buy, merchant, at):
    """An order in four payments, the second one due on 6 December, of somebody who moved to Honolulu after it."""
    bought = buy(merchant, 22_900, at)
    checkouts.capture_order(order_id=bought.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    accounts.update_details(consumer=bought.consumer, address=HONOLULU, at=at, actor="consumer")
    return bought


def status_of(order, number):
    return Installment.objects.get(plan=order.plan_id, number=number).status


def test_a_payment_is_taken_when_its_day_begins_in_honolulu(order):
    assert Plan.objects.get(id=order.plan_id).time_zone == "Pacific/Honolulu"
    run_due(at=datetime(2026, 12, 6, 9, 59, tzinfo=UTC))
    assert status_of(order, 2) == "scheduled"
    run_due(at=datetime(2026, 12, 6, 10, 0, tzinfo=UTC))
    assert status_of(order, 2) == "paid"


def test_a_plan_that_ended_keeps_the_dates_that_were_shown(order, at):
    Plan.objects.filter(id=order.plan_id).update(status="completed")
    accounts.update_details(consumer=order.consumer, address=NEW_YORK, at=at, actor="consumer")
    assert Plan.objects.get(id=order.plan_id).time_zone == "Pacific/Honolulu"


def test_a_day_after_the_due_date_is_counted_in_honolulu(order, at):
    """Paid in the evening of the 7th, which in UTC is the 8th: a day after it was due, as a retry is."""
    run_due(at=at + timedelta(hours=1))
    run_due(at=datetime(2026, 12, 6, 12, 0, tzinfo=UTC))
    tamper(
        "UPDATE plans_installment SET paid_at = %s WHERE plan_id = %s AND number = 2",
        [datetime(2026, 12, 8, 6, 0, tzinfo=UTC), order.plan_id],
    )
    assert repayment_counts(order.consumer_id)[1] == 0
    tamper(
        "UPDATE plans_installment SET paid_at = %s WHERE plan_id = %s AND number = 2",
        [datetime(2026, 12, 8, 10, 0, tzinfo=UTC), order.plan_id],
    )
    assert repayment_counts(order.consumer_id)[1] == 1
