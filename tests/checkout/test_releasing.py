"""The rest of a partly captured order: given up once, free in the limit at once, never charged."""

from datetime import timedelta

import pytest

from checkout import services as checkouts
from checkout.models import Order
from collection import services as collection
from core import timers
from core.errors import Conflict, NotFound
from core.models import OutboxEvent
from credit.models import CreditLine
from payments.models import Authorization
from plans.models import Installment, Plan, PlanChange
from reports.books import check_books
from tests.reported import report_charges

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def books():
    """Whatever was done, the books hold in the end."""
    yield
    assert [line for check in check_books() for line in check.offenders] == []


def capture(order, at, amount=None):
    return checkouts.capture_order(order_id=order.id, merchant=order.merchant, amount_minor=amount, actor="test", at=at)


def release(order, at, **how):
    return checkouts.release_order(**{"order_id": order.id, "merchant": order.merchant, "actor": "key:1", "at": at} | how)


def used(order) -> int:
    return CreditLine.objects.get(consumer_id=order.consumer_id).used_minor


def state(order):
    order.refresh_from_db()
    return order.status, order.captured_minor, order.released_minor, order.remaining_authorized_minor, used(order)


def told(order):
    found = OutboxEvent.objects.filter(payload__order=order.public_id, name__in=["checkout.order_released", "checkout.order_expired"])
    return list(found.order_by("id").values_list("name", "payload__amount_minor"))


def test_the_rest_is_given_up_once_and_the_plan_goes_on(buy, merchant, at):
    order = buy(merchant, 22_900)
    capture(order, at, 10_000)
    rows = list(Installment.objects.filter(plan=order.plan_id).values())
    assert state(order) == ("partially_captured", 10_000, 0, 12_900, 22_900)
    for _ in range(2):
        assert release(order, at).status == "captured"
        assert state(order) == ("captured", 10_000, 12_900, 0, 10_000)
    assert order.expires_at is None
    assert told(order) == [("checkout.order_released", 12_900)]
    assert list(Installment.objects.filter(plan=order.plan_id).values()) == rows
    change = PlanChange.objects.get(plan=order.plan_id, kind="release")
    assert (change.reference, change.actor, change.before, change.at) == (order.public_id, "key:1", change.after, at)
    with pytest.raises(Conflict) as refused:
        capture(order, at, 1)
    assert refused.value.code == "order.not_capturable"
    assert checkouts.expire_orders(at=at + timedelta(days=200)) == 0
    assert state(order) == ("captured", 10_000, 12_900, 0, 10_000)


def test_what_was_captured_is_paid_and_the_limit_comes_back_to_the_cent(buy, merchant, at):
    order = buy(merchant, 22_901)
    capture(order, at, 10_001)
    release(order, at)
    for day in (0, 14, 28, 42):
        timers.run_until_quiet(at=at + timedelta(days=day))
    assert [row.amount_minor for row in report_charges(reference=order.plan.public_id)] == [2_500, 2_500, 2_500, 2_501]
    assert Plan.objects.get(id=order.plan_id).status == "completed"
    assert state(order) == ("captured", 10_001, 12_900, 0, 0)


def test_what_was_released_cannot_be_refunded(buy, merchant, at):
    order = buy(merchant, 22_900)
    capture(order, at, 10_000)
    checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=4_000, reason="", actor="test", at=at)
    release(order, at)
    assert state(order) == ("captured", 10_000, 12_900, 0, 6_000)
    with pytest.raises(Exception, match="6000 can still be refunded, not 6001"):
        checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=6_001, reason="", actor="test", at=at)
    checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=6_000, reason="", actor="test", at=at)
    assert (used(order), Plan.objects.get(id=order.plan_id).status) == (0, "completed")


@pytest.mark.parametrize(
    ("prepare", "code", "words"),
    [
        (lambda _order, _at: None, "order.nothing_captured", "Void it instead"),
        (capture, "order.not_releasable", "This order is captured"),
        (
            lambda order, at: checkouts.void_order(order_id=order.id, merchant=order.merchant, actor="test", at=at),
            "order.not_releasable",
            "This order is voided",
        ),
        (lambda _order, at: checkouts.expire_orders(at=at + timedelta(days=29)), "order.not_releasable", "This order is expired"),
    ],
)
def test_only_a_partly_captured_order_has_a_rest(buy, merchant, at, prepare, code, words):
    order = buy(merchant, 22_900)
    prepare(order, at)
    before = state(order)
    with pytest.raises(Conflict, match=words) as refused:
        release(order, at)
    assert refused.value.code == code
    assert state(order) == before
    assert not OutboxEvent.objects.filter(name="checkout.order_released").exists()


def test_an_order_in_review_is_voided_instead(buy, merchant, at):
    order = buy(merchant, 120_000)
    with pytest.raises(Conflict) as refused:
        release(order, at)
    assert (refused.value.code, state(order)[0]) == ("order.nothing_captured", "pending_review")


def test_another_shop_finds_no_such_order(buy, merchant, stranger, at):
    order = buy(merchant, 22_900)
    capture(order, at, 10_000)
    with pytest.raises(NotFound):
        release(order, at, merchant=stranger)
    assert state(order) == ("partially_captured", 10_000, 0, 12_900, 22_900)


def test_a_rest_whose_time_is_over_is_released_by_whoever_comes_first(buy, merchant, at):
    over = at + timedelta(days=29)
    late, early = buy(merchant, 10_000), buy(merchant, 10_000)
    for order in (late, early):
        capture(order, at, 4_000)
    release(early, over)
    assert checkouts.expire_orders(at=over) == 1
    assert release(late, over).status == "captured"
    assert [told(order) for order in (late, early)] == [[("checkout.order_expired", None)], [("checkout.order_released", 6_000)]]
    assert state(late)[:4] == state(early)[:4] == ("captured", 4_000, 6_000, 0)
    assert used(late) == 8_000


def test_the_first_payment_still_takes_what_is_held_for_it(buy, merchant, at):
    order = buy(merchant, 22_900)
    capture(order, at, 10_000)
    release(order, at)
    hold = Authorization.objects.get(id=order.authorization_id)
    assert (hold.release_wanted_at, hold.used_at, hold.amount_minor) == (None, None, 5_725)
    timers.run_until_quiet(at=at)
    hold.refresh_from_db()
    assert (hold.used_at, hold.released_at) == (at, at)
    assert [row.amount_minor for row in report_charges(reference=order.plan.public_id)] == [2_500]


def test_what_no_payment_waits_for_is_let_go_of(buy, merchant, at):
    order = buy(merchant, 22_900)
    capture(order, at, 10_000)
    checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=10_000, reason="", actor="test", at=at)
    release(order, at)
    assert Authorization.objects.get(id=order.authorization_id).release_wanted_at == at
    timers.run_until_quiet(at=at)
    hold = Authorization.objects.get(id=order.authorization_id)
    assert (hold.used_at, hold.released_at) == (None, at)
    assert Order.objects.get(id=order.id).status == "captured"


def test_a_rest_in_a_plan_that_is_paid_ends_the_purchase(buy, merchant, at):
    order = buy(merchant, 22_900)
    capture(order, at, 10_000)
    plan = Plan.objects.select_related("consumer", "payment_method").get(id=order.plan_id)
    collection.pay_now(consumer=plan.consumer, plan=plan, scope="all", method=plan.payment_method, actor="test", at=at)
    assert state(order) == ("partially_captured", 10_000, 0, 12_900, 12_900)
    release(order, at)
    assert state(order) == ("captured", 10_000, 12_900, 0, 0)
    assert Plan.objects.get(id=plan.id).status == "completed"
