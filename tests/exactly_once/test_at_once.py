"""Many at once: limits hold, money is conserved, one wish has one outcome. Threads with connections and commits of their own."""

import json
import time
from collections import Counter
from datetime import timedelta
from threading import Event

import pytest
from django.test import Client

from accounts.models import Consumer, IdentityCheck
from checkout import services as checkouts
from checkout.errors import WrongState
from checkout.models import Capture, Checkout, Order, Refund
from collection import services as collection
from core import timers
from core.db import unit
from core.errors import Conflict, DomainError
from core.models import OutboxEvent
from core.money import Money
from credit.models import CreditLine
from ledger.queries import balance
from merchants.models import Settlement, SettlementItem
from payments.models import Authorization, Charge
from payments.queries import lock_methods
from plans import services as plans
from plans.errors import NothingToPay
from plans.models import Installment, Plan
from reports.books import check_books
from simulation.shopper import card_of, identify
from tests.cast import last_click
from tests.reported import report_charges
from tests.shops import make_key

pytestmark = pytest.mark.django_db(transaction=True)
EMAIL = "anna+approve@people.example"


@pytest.fixture(autouse=True)
def books():
    """Whatever was done, the books hold in the end."""
    yield
    assert [line for check in check_books() for line in check.offenders] == []


@pytest.fixture
def ready(buy, merchant, at):
    """Give a function that brings a checkout to the last click: consumer and card are there, credit is decided."""

    def prepare(amount: int, email: str = EMAIL, **draft):
        checkout = buy.open(merchant, amount, at, **draft)
        consumer = identify(checkout=checkout, email=email, at=at)
        checkouts.decide(checkout_id=checkout.id, at=at)
        return checkout, consumer, card_of(consumer, "4242424242424242", at)

    return prepare


def confirm(ready, at, product="pay_in_4"):
    checkout, consumer, method = ready
    return last_click(checkout, consumer, product, method, at)


def split(results: list[object], kind: type = object) -> tuple[list[object], list[DomainError]]:
    """Part what was done from what was refused; anything else that was raised is a fault."""
    refused = [result for result in results if isinstance(result, DomainError)]
    done = [result for result in results if not isinstance(result, Exception)]
    assert len(refused) + len(done) == len(results), results
    return done, refused


def test_eight_checkouts_of_one_person_stay_within_the_limit(ready, at_once, at):
    """The limit is 1,500.00: of eight purchases for 400.00 three fit. More than five cards in a breath may be asked to wait."""
    waiting = [ready(40_000) for _ in range(8)]
    done, refused = split(at_once(8, lambda number: confirm(waiting[number], at)))
    codes = {error.code for error in refused}
    assert (len(done), len(refused), codes - {"too_many_requests"}) == (3, 5, {"credit.limit_exceeded"})
    line = CreditLine.objects.get()
    assert (line.used_minor, line.limit_minor, Order.objects.count()) == (120_000, 150_000, 3)
    # What was held on the card for the others is let go of at once.
    held = {order.authorization_id for order in done}
    assert set(Authorization.objects.filter(released_at=None, status="succeeded").values_list("id", flat=True)) == held


@pytest.mark.parametrize("product", ["pay_in_4", "pay_in_30"])
def test_the_last_click_eight_times_at_once_makes_one_order(ready, at_once, at, product):
    last_click = ready(22_900)
    done, refused = split(at_once(8, lambda _: confirm(last_click, at, product)))
    assert (len({order.id for order in done}), refused) == (1, [])
    assert (Order.objects.count(), Plan.objects.count(), CreditLine.objects.get().used_minor) == (1, 1, 22_900)
    assert Authorization.objects.count() == (product == "pay_in_4")


def test_a_changed_amount_and_the_last_click_at_once(ready, at_once, merchant, at):
    """Either the old amount is bought or nothing; never one amount with the plan of another."""
    for _ in range(4):
        last_click = ready(20_000)

        def work(number: int, last_click=last_click):
            if number % 2:
                return confirm(last_click, at)
            changes = {"amount": 30_000, "items": [{"name": "Lamp", "quantity": 1, "unit_amount": 30_000, "amount": 30_000}]}
            return checkouts.update_checkout(checkout_id=last_click[0].id, merchant=merchant, changes=changes, at=at)

        split(at_once(4, work))
        order = Order.objects.filter(checkout=last_click[0]).select_related("plan", "checkout").first()
        if order is not None:
            assert (order.amount_minor, order.plan.principal_minor, order.checkout.amount_minor) == (20_000,) * 3
        else:
            assert Checkout.objects.get(id=last_click[0].id).amount_minor == 30_000


def test_eight_captures_take_what_there_is(buy, merchant, at_once, at):
    order = buy(merchant, 20_000)

    def capture(_number: int):
        return checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=3_900, actor="test", at=at)

    done, refused = split(at_once(8, capture))
    assert (len(done), {error.code for error in refused}) == (5, {"order.capture_too_large"})
    order.refresh_from_db()
    assert (order.captured_minor, order.remaining_authorized_minor, order.status) == (19_500, 500, "partially_captured")
    assert sorted(Capture.objects.values_list("part", flat=True)) == [1, 2, 3, 4, 5]
    assert balance(kind="receivable", owner=order.plan.public_id, currency="USD") == 19_500
    assert CreditLine.objects.get().used_minor == 20_000


def test_eight_refunds_give_back_what_was_captured(buy, merchant, at_once, at):
    order = buy(merchant, 20_000)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    collection.run_due(at=at)

    def refund(_number: int):
        return checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=3_900, reason="", actor="test", at=at)

    done, refused = split(at_once(8, refund))
    assert (len(done), {error.code for error in refused}) == (5, {"order.refund_too_large"})
    order.refresh_from_db()
    assert (order.refunded_minor, order.refundable_minor, Refund.objects.count()) == (19_500, 500, 5)
    assert order.fee_minor - order.fee_refunded_minor == 20


def test_release_and_captures_at_once_conserve_money(buy, merchant, at_once, at):
    """Whoever comes first: what is captured is owed, what is left falls away once, and the limit has exactly that."""
    over = at + timedelta(days=28)
    ends = Counter()
    for turn in range(6):
        order = buy(merchant, 20_000, email=f"p{turn}+approve@people.example")
        own = {"order_id": order.id, "merchant": merchant, "actor": "test"}
        checkouts.capture_order(**own, amount_minor=2_000, at=at)

        def work(number: int, own=own):
            if number in {0, 1, 2}:
                return checkouts.capture_order(**own, amount_minor=7_000, at=at)
            if number in {3, 4, 5}:
                return checkouts.release_order(**own, at=at)
            if number == 6:
                return checkouts.refund_order(**own, amount_minor=1_500, reason="", at=at)
            return checkouts.expire_orders(at=over) + collection.run_due(at=at)

        split(at_once(8, work))
        order.refresh_from_db()
        captures = sum(Capture.objects.filter(order=order).values_list("amount_minor", flat=True))
        assert (order.status, order.captured_minor, order.released_minor) == ("captured", captures, 20_000 - captures)
        collection.run_due(at=at)
        rows = Installment.objects.filter(plan=order.plan_id)
        assert CreditLine.objects.get(consumer=order.consumer).used_minor == sum(row.open_minor for row in rows)
        released = OutboxEvent.objects.filter(payload__order=order.public_id, name="checkout.order_released")
        expired = OutboxEvent.objects.filter(payload__order=order.public_id, name="checkout.order_expired")
        assert released.count() + expired.count() == (captures < 20_000)
        ends[captures] += 1
    assert set(ends) <= {2_000, 9_000, 16_000}


def test_void_capture_refund_and_expiry_at_once_conserve_money(buy, merchant, at_once, at):
    over = at + timedelta(days=28)
    just_before = over - timedelta(seconds=1)
    for turn in range(4):
        order = buy(merchant, 20_000, email=f"p{turn}+approve@people.example")
        own = {"order_id": order.id, "merchant": merchant, "actor": "test"}

        def work(number: int, own=own):
            if number in {0, 1, 2}:
                return checkouts.capture_order(**own, amount_minor=7_000, at=just_before)
            if number in {3, 4}:
                return checkouts.void_order(**own, at=just_before)
            if number in {5, 6}:
                return checkouts.refund_order(**own, amount_minor=5_000, reason="", at=just_before)
            return checkouts.expire_orders(at=over)

        split(at_once(8, work))
        order.refresh_from_db()
        captures = sum(Capture.objects.filter(order=order).values_list("amount_minor", flat=True))
        refunds = sum(Refund.objects.filter(order=order).values_list("amount_minor", flat=True))
        assert (order.captured_minor, order.refunded_minor) == (captures, refunds)
        assert order.captured_minor + order.released_minor + order.remaining_authorized_minor == 20_000
        used = CreditLine.objects.get(consumer=order.consumer).used_minor
        assert used == order.captured_minor - order.refunded_minor + order.remaining_authorized_minor


def test_a_person_pays_early_eight_times_at_once_and_pays_once(buy, merchant, at_once, at):
    order = buy(merchant, 22_900)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    plan = Plan.objects.select_related("consumer", "payment_method").get(id=order.plan_id)

    def pay(number: int):
        if number == 7:
            return collection.run_due(at=at)
        return collection.pay_now(consumer=plan.consumer, plan=plan, scope="all", method=plan.payment_method, actor="test", at=at)

    results = at_once(8, pay)
    done, refused = split(results[:7])
    assert {type(error) for error in refused} <= {NothingToPay}
    collection.run_due(at=at + timedelta(days=60))
    assert set(Installment.objects.filter(plan=plan).values_list("status", flat=True)) == {"paid"}
    reported = [charge for charge in report_charges(reference=plan.public_id) if charge.status == "succeeded"]
    assert sum(charge.amount_minor for charge in reported) == 22_900
    assert len(done) <= 1
    assert CreditLine.objects.get().used_minor == 0


def test_a_free_payment_a_due_run_and_a_refund_at_once_take_and_give_back_each_amount_once(buy, merchant, at_once, at):
    order = buy(merchant, 22_900)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    plan = Plan.objects.select_related("consumer", "payment_method").get(id=order.plan_id)
    own = {"consumer": plan.consumer, "method": plan.payment_method, "actor": "test", "at": at}

    def act(number: int):
        if number == 7:
            return collection.run_due(at=at)
        if number == 6:
            return checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=4_000, reason="", actor="test", at=at)
        return collection.pay_freely(amount=Money(9_000, "USD"), **own)

    _done, refused = split(at_once(8, act))
    assert {type(error) for error in refused} <= {NothingToPay}
    timers.run_until_quiet(at=at + timedelta(days=60))
    reported = [charge for charge in report_charges(reference=plan.public_id) if charge.status == "succeeded"]
    kept = sum(charge.amount_minor - charge.refunded_minor for charge in reported)
    assert (kept, Plan.objects.get(id=plan.id).status) == (18_900, "completed")
    assert CreditLine.objects.get().used_minor == 0


def test_approving_and_rejecting_at_once_decides_once(buy, merchant, operators, at_once, at):
    one, two = operators
    for turn in range(3):
        order = buy.finish(buy.open(merchant, 120_000, capture="automatic"), f"p{turn}+approve@people.example").order
        checkouts.prepare_review(review_id=order.review.id, user=one, recommendation="approve", note="Known", at=at)

        def decide(number: int, review=order.review):
            service = checkouts.approve_review if number % 2 else checkouts.reject_review
            return service(review_id=review.id, user=two, seen=1, reason="Looked into it", at=at)

        done, refused = split(at_once(6, decide))
        assert (len(done), {type(error) for error in refused}) == (1, {WrongState})
        order.refresh_from_db()
        assert order.status == ("captured" if done[0].approved_by_id else "rejected")
        assert CreditLine.objects.get(consumer=order.consumer).used_minor == (120_000 if order.status == "captured" else 0)


def test_one_key_sent_eight_times_at_once_captures_once(buy, merchant, at_once, at):
    order = buy(merchant, 20_000)
    Order.objects.filter(id=order.id).update(expires_at=at + timedelta(days=3_000))
    secret = make_key(merchant)

    def send(_number: int):
        client = Client(headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": "capture-1"})
        answer = client.post(f"/api/v1/orders/{order.public_id}/captures", json.dumps({"amount": 6_000}), content_type="application/json")
        return answer.status_code, answer.json().get("id"), answer.headers.get("Idempotent-Replayed")

    results = at_once(8, send)
    assert {status for status, _, _ in results} <= {201, 409}
    assert [(status, replayed) for status, _, replayed in results].count((201, None)) == 1
    assert len({key for status, key, _ in results if status == 201}) == 1
    assert Capture.objects.get().amount_minor == 6_000


def test_every_timer_on_four_at_once_for_seven_weeks(buy, merchant, at_once, at):
    """Each day all timers run in four places at the same moment: nothing happens twice, nothing is left out."""
    orders = [buy(merchant, 8_000 + n, email=f"p{n}+approve@people.example") for n in range(4)]
    for order in orders[:3]:
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    for day in range(0, 50, 2):
        results = at_once(4, lambda _number, day=day: timers.run_once(at=at + timedelta(days=day)))
        assert all(isinstance(result, int) for result in results), results
    timers.run_until_quiet(at=at + timedelta(days=49))
    rows = Installment.objects.filter(plan__order__in=orders)
    assert Counter(rows.values_list("status", flat=True)) == {"paid": 12}
    expected = Counter((row.plan.public_id, row.amount_minor) for row in rows.select_related("plan"))
    assert Counter((charge.reference, charge.amount_minor) for charge in report_charges() if charge.status == "succeeded") == expected
    assert Charge.objects.count() == 12
    orders[3].refresh_from_db()
    assert orders[3].status == "expired"
    dates = list(Settlement.objects.filter(merchant=merchant).order_by("date").values_list("date", flat=True))
    assert dates == [dates[0] + timedelta(days=n) for n in range(len(dates))]
    assert len(dates) == 49


def test_shops_and_the_clock_at_once(buy, merchant, at_once, at):
    """Captures and refunds of a shop while its day is settled: each line is in one statement."""
    orders = [buy(merchant, 9_000, email=f"p{n}+approve@people.example") for n in range(6)]
    tomorrow = at + timedelta(days=1)

    def work(number: int):
        if number >= 6:
            return timers.run_once(at=tomorrow)
        own = {"order_id": orders[number].id, "merchant": merchant, "actor": "test"}
        checkouts.capture_order(**own, amount_minor=None, at=at)
        return checkouts.refund_order(**own, amount_minor=1_000, reason="", at=at)

    split(at_once(8, work))
    timers.run_until_quiet(at=at + timedelta(days=2))
    assert SettlementItem.objects.filter(settlement=None).count() == 0
    assert sum(Settlement.objects.values_list("item_count", flat=True)) == 12
    # A refund that comes after its capture was settled is a debt until the shop sells again.
    paid = sum(Settlement.objects.values_list("payout_minor", flat=True))
    assert paid + Settlement.objects.latest("date").closing_minor == 6 * (9_000 - 360 - 1_000 + 40)
    with pytest.raises(Conflict):
        checkouts.void_order(order_id=orders[0].id, merchant=merchant, actor="test", at=at)


def test_a_new_person_finishes_eight_checkouts_at_once(buy, merchant, at_once, at):
    """Nobody has seen the person before: one account, one identity check, and the limit holds."""
    waiting = [buy.open(merchant, 40_000) for _ in range(8)]
    results = at_once(8, lambda number: buy.finish(waiting[number], "new+approve@people.example"))
    done, refused = split(results)
    outcomes = Counter(result.outcome for result in done)
    # More than five cards in a breath may be asked to wait.
    assert {error.code for error in refused} <= {"too_many_requests"}
    assert (outcomes["authorized"], outcomes["declined"] + len(refused)) == (3, 5)
    assert {reason for result in done if result.outcome == "declined" for reason in result.reasons} <= {"limit_exceeded"}
    assert (Consumer.objects.count(), IdentityCheck.objects.filter(result="pending").count(), CreditLine.objects.get().used_minor) == (
        1,
        1,
        120_000,
    )


def test_both_last_cards_removed_at_once_leave_one(ready, at_once, at, merchant):
    order = confirm(ready(22_900), at)
    cards = [order.consumer.payment_methods.get(), card_of(order.consumer, "5555555555554444", at)]

    held = Event()

    def work(number: int):
        if number < 2:
            held.wait()
            return collection.remove_card(consumer=order.consumer, method=cards[number], at=at)
        # Both wait for the lock that somebody holds: whoever looked before it was free looked too early.
        with unit():
            lock_methods(order.consumer)
            held.set()
            return time.sleep(1)

    done, refused = split(at_once(3, work))
    assert (len(done), [error.code for error in refused]) == (2, ["collection.last_method"])
    assert order.consumer.payment_methods.filter(removed_at=None).count() == 1


def test_a_card_removed_since_the_page_was_read_is_not_used(ready, at, merchant):
    """What a page has read is old by the time that its button is pressed: the card is looked at again under the lock."""
    waiting, paying = ready(22_900), confirm(ready(5_000), at)
    old = waiting[2]
    card_of(old.consumer, "5555555555554444", at)
    collection.remove_card(consumer=old.consumer, method=type(old).objects.get(id=old.id), at=at)
    assert old.removed_at is None
    with pytest.raises(DomainError) as refused:
        confirm(waiting, at, product="pay_in_30")
    assert (refused.value.code, Order.objects.count()) == ("checkout.method_not_usable", 1)
    checkouts.capture_order(order_id=paying.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    plan = Plan.objects.get(id=paying.plan_id)
    with pytest.raises(DomainError) as refused:
        collection.pay_now(consumer=paying.consumer, plan=plan, scope="next", method=old, actor="test", at=at)
    assert (refused.value.code, Charge.objects.count()) == ("payments.method_not_usable", 0)
    assert not Installment.objects.filter(charge_id__isnull=False).exists()
    with pytest.raises(Conflict):
        plans.change_method(plan=plan, method=old, at=at)


def test_a_plan_that_ended_since_the_page_was_read_keeps_its_card(ready, at, merchant):
    order = confirm(ready(5_000), at)
    plan, new = Plan.objects.get(id=order.plan_id), card_of(order.consumer, "5555555555554444", at)
    checkouts.void_order(order_id=order.id, merchant=merchant, actor="test", at=at)
    with pytest.raises(Conflict):
        plans.change_method(plan=plan, method=new, at=at)
    assert Plan.objects.get(id=plan.id).payment_method_id != new.id
