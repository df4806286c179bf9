"""Fees that try to go around the caps: two at the same moment, and rows that are written past the service."""

import threading
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connections, transaction

from checkout import services as checkouts
from collection import services as collection
from core.db import wait_lock
from markets.models import MarketSetting
from markets.queries import fee_rows
from plans import services as plans
from plans.fees import caps_in
from plans.models import Fee, Plan
from plans.queries import installments_of
from tests.collection.test_free_payments import plan_of

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)
YEAR = 900
"""The cap of a person in twelve months: a late fee of 7.00, and 2.00 of the next one."""


def limit(**caps):
    """Let the caps of the market be these on all days, until the fixture `fees` ends."""
    found = MarketSetting.objects.filter(market_id="US", key="fee.caps")
    row = found.filter(value=caps).first()
    if row is None:
        # Rows of settings stay after a test that commits: one that begins in a thousand years holds for no other test.
        begins = date(3000, 1, 1) + DAY * found.count()
        row = MarketSetting.objects.create(market_id="US", key="fee.caps", value=caps, valid_from=begins, source="test")
    row.valid_from = date.min
    fee_rows.keep([*(one for one in fee_rows() if (one.market_id, one.key) != ("US", "fee.caps")), row])


@pytest.fixture
def both(fees, buy, merchant, at):
    """Two orders of one person, both with a late payment, under a cap that leaves no room for a late fee of each."""
    orders = [buy(merchant, 16_000, email="late+approve@people.example") for _ in range(2)]
    for order in orders:
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    collection.run_due(at=at)
    for order in orders:
        order.at = at + 25 * DAY
        collection.mark_plan_overdue(plan_id=order.plan_id, at=order.at)
    limit(consumer_year_minor=YEAR)
    return orders


def at_once(*acts):
    """Let each act go at the same moment, on a connection of its own, and return their errors."""
    go, errors = threading.Barrier(len(acts)), []

    def run(act):
        try:
            go.wait(10)
            act()
        except Exception as error:  # noqa: BLE001  (told to the test)
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    return errors


def charged():
    return sorted(Fee.objects.values_list("amount_minor", flat=True))


def test_two_closes_at_once_share_what_is_left(both):
    late, other = both
    day = late.at.date()
    acts = [lambda plan=plan: plans.close_fees(plan_ids=[plan], day=day, at=late.at) for plan in (late.plan_id, other.plan_id)]
    assert (at_once(*acts), charged()) == ([], [200, 700])


def test_the_same_close_twice_at_once_charges_once(late):
    def close():
        plans.close_fees(plan_ids=[late.plan_id], day=late.at.date(), at=late.at)

    assert (at_once(close, close, close), charged()) == ([], [700])


def test_a_close_beside_a_service_fee_shares_what_is_left(both):
    late, other = both

    def close():
        plans.close_fees(plan_ids=[late.plan_id], day=late.at.date(), at=late.at)

    def serve():
        plans.charge_fee(plan_id=other.plan_id, number=3, amount_minor=700, actor="test", at=late.at)

    assert (at_once(close, serve), charged()) == ([], [200, 700])


def write(order, *, kind="service", amount=1, number=3, **more):
    """Write a fee past the service."""
    row, stage = installments_of(plan_of(order))[number - 1], Fee.objects.count()
    told = {"on": order.at.date(), "caps": caps_in("US", "OH", order.at.date()).market, "at": order.at, **more}
    return Fee.objects.create(installment=row, kind=kind, stage=stage, wanted_minor=amount, amount_minor=amount, **told)


def test_rows_written_at_once_past_the_service_do_not_both_fit(both):
    """The second waits for the first one's end, then counts it."""
    late, other = both
    errors = at_once(lambda: write(late, amount=600), lambda: write(other, amount=600))
    assert ([type(error) for error in errors], charged()) == ([IntegrityError], [600])


def test_a_row_written_past_the_service_waits_for_a_close_that_is_under_way(both):
    late, other = both
    with transaction.atomic():
        wait_lock(f"fees:{Plan.objects.get(id=late.plan_id).consumer.holder_id}")
        errors: list[Exception] = []
        writer = threading.Thread(target=lambda: errors.extend(at_once(lambda: write(other, amount=600))))
        writer.start()
        writer.join(0.3)
        assert (writer.is_alive(), charged()) == (True, [])
        write(late, amount=600)
    writer.join(30)
    assert ([type(error) for error in errors], charged()) == ([IntegrityError], [600])


@pytest.mark.parametrize(
    ("caps", "kind", "most"),
    [
        ({"installment_minor": 300}, "service", 300),
        ({"installment_bps": 1_000}, "service", 400),
        ({"order_minor": 300}, "late", 300),
        ({"order_bps": 100}, "late", 160),
        ({"total_cost_bps": 100}, "service", 160),
        ({"consumer_year_minor": 300}, "reminder", 300),
        ({"reminder_minor": 300}, "reminder", 300),
        ({"period_default_minor": 100, "period_default_only_first_minor": 300}, "late", 300),
        ({"period_default_minor": 100, "period_other_first_minor": 300}, "service", 300),
    ],
    ids=lambda one: next(iter(one)) if isinstance(one, dict) else None,
)
def test_the_database_refuses_a_fee_of_one_more_than_a_cap(late, caps, kind, most):
    limit(**caps)
    with pytest.raises(IntegrityError, match="more than the caps allow"):
        write(late, kind=kind, amount=most + 1)
    assert write(late, kind=kind, amount=most).amount_minor == most


def test_the_database_counts_reminders(late):
    limit(reminders_apart_days=10, reminders_most=2)
    first = late.at.date()
    write(late, kind="reminder", on=first)
    with pytest.raises(IntegrityError, match="more than the caps allow"):
        write(late, kind="reminder", number=4, on=first + 9 * DAY)
    write(late, kind="reminder", on=first + 10 * DAY)
    with pytest.raises(IntegrityError, match="more than the caps allow"):
        write(late, kind="reminder", on=first + 20 * DAY)
    # The third one is another payment's, and no time of arrears holds all three.
    assert write(late, kind="reminder", number=4, on=first + 20 * DAY).amount_minor == 1
    Plan.objects.filter(id=late.plan_id).update(late_since=first)
    with pytest.raises(IntegrityError, match="more than the caps allow"):
        write(late, kind="reminder", number=4, on=first + 30 * DAY)


def test_a_fee_is_not_made_larger_afterwards(late):
    fee = write(late, amount=300)
    with pytest.raises(IntegrityError):
        Fee.objects.filter(pk=fee.pk).update(amount_minor=200)
