"""No deposit is owed above a limit: it is charged whole from its hold before anything is captured, or nothing is captured."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connections, transaction

from checkout import services as checkouts
from checkout.errors import DepositNotPaid
from checkout.models import Capture, Order, OrderReview
from checkout.queries import get_checkout
from collection import services as collection
from collection.errors import HoldsDeposit
from core import timers
from core.clock import wall
from core.errors import Conflict
from core.models import OutboxEvent
from credit.errors import LimitExceeded
from credit.models import CreditLine
from payments.gateways.base import UNKNOWN, Outcome, Status
from payments.gateways.sandbox import SandboxGateway
from payments.models import Authorization, Charge, Refund
from plans import services as plans
from plans.errors import NothingToPay
from plans.models import Deposit, DepositPayment, Installment, Plan
from plans.queries import find_deposit
from reports.books import check_books
from simulation import shopper
from tests.cast import last_click
from tests.offer_rules import offer_rule, rule_offers
from tests.owner import unguarded
from tests.payments.test_made_after_all import arrive, close_unanswered
from tests.reported import report_charges

pytestmark = pytest.mark.django_db(transaction=True)
MONTHS, DECLINING = "monthly_6", "4000000000000341"


@pytest.fixture(autouse=True)
def books():
    """Whatever was done, the books hold in the end, and nobody owes beyond a limit."""
    yield
    assert [line for check in check_books() for line in check.offenders] == []
    assert list(CreditLine.objects.filter(beyond_minor__gt=0)) == []


@pytest.fixture
def order(buy, merchant):
    """An order of 600.00 with a deposit of 120.00."""
    rule_offers(offer_rule("deposit", 0.2))
    return buy(merchant, 60_000, product=MONTHS)


@pytest.fixture
def declines(monkeypatch):
    """Give a function that lets all charges at the gateway fail with a code, or go on as usual."""
    real = SandboxGateway.charge

    def say(failure: str = "") -> None:
        failing = lambda *_told: Outcome(Status.FAILED, failure=failure)  # noqa: E731
        monkeypatch.setattr(SandboxGateway, "charge", failing if failure else real)

    return say


@pytest.fixture
def silence(monkeypatch):
    """Give a function that lets the gateway make charges without an answer, or answer again."""
    real, find = SandboxGateway.charge, SandboxGateway.find_charge

    def say(*, on: bool) -> None:
        def silent(gateway, request):
            real(gateway, request)
            return UNKNOWN

        monkeypatch.setattr(SandboxGateway, "charge", silent if on else real)
        monkeypatch.setattr(SandboxGateway, "find_charge", (lambda *_told: UNKNOWN) if on else find)
        Charge.objects.update(claimed_until=wall() - timedelta(seconds=1))

    return say


def capture(order, at, amount=None):
    checkouts.take_deposit(order_id=order.id, merchant=order.merchant, amount_minor=amount, at=at)
    return checkouts.capture_order(order_id=order.id, merchant=order.merchant, amount_minor=amount, actor="test", at=at)


def refused(order, at) -> str:
    """Capture in vain; return the code that the shop reads."""
    with pytest.raises(DepositNotPaid) as told:
        capture(order, at)
    assert (Capture.objects.count(), Installment.objects.count(), Order.objects.get().captured_minor) == (0, 0, 0)
    return told.value.code


def used(order) -> int:
    return CreditLine.objects.get(consumer_id=order.consumer_id).used_minor


def taken(order) -> list[tuple[int, int, str]]:
    return sorted((one.amount_minor, one.refunded_minor, one.status) for one in report_charges(reference=order.plan.public_id))


def another_card(order, at, number=DECLINING):
    card = shopper.card_of(order.consumer, number, at)
    plans.change_method(plan=order.plan, method=card, at=at)
    return card


def test_the_hold_is_charged_whole_whatever_card_the_plan_has_now(order, at):
    held = Authorization.objects.get()
    another_card(order, at)
    capture(order, at, 1_000)
    charge = Charge.objects.get()
    assert (charge.amount_minor, charge.authorization_id, charge.payment_method_id) == (12_000, held.id, held.payment_method_id)
    assert (taken(order), used(order)) == ([(12_000, 0, "succeeded")], 48_000)
    capture(order, at + timedelta(days=1))
    assert [
        (row.amount_minor, row.status) for row in Installment.objects.filter(due_date__lte=at + timedelta(days=1)).order_by("number")
    ] == [
        (200, "paid"),
        (11_800, "paid"),
    ]
    assert (taken(order), used(order), DepositPayment.objects.get().left_minor) == ([(12_000, 0, "succeeded")], 48_000, 0)


def test_the_card_of_an_open_deposit_stays_until_it_is_paid(order, at):
    held = Authorization.objects.get()
    another_card(order, at, "5555555555554444")
    with pytest.raises(HoldsDeposit):
        collection.remove_card(consumer=order.consumer, method=held.payment_method, at=at)
    capture(order, at)
    collection.remove_card(consumer=order.consumer, method=held.payment_method, at=at)
    checkouts.refund_order(order_id=order.id, merchant=order.merchant, amount_minor=60_000, reason="", actor="test", at=at)
    timers.run_until_quiet(at=at)
    assert taken(order) == [(12_000, 12_000, "succeeded")]


def test_a_deposit_is_charged_before_its_hold_lapses_and_given_back_with_the_order(order, at):
    timers.run_until_quiet(at=at + timedelta(days=5, hours=23))
    assert not Charge.objects.exists()
    timers.run_until_quiet(at=at + timedelta(days=6))
    assert (Charge.objects.get().authorization_id, find_deposit(order.plan_id).state) == (Authorization.objects.get().id, "paid")
    # Sent on the ninth day, when the hold is long gone and the card is empty.
    late = at + timedelta(days=9)
    checkouts.void_order(order_id=order.id, merchant=order.merchant, actor="test", at=late)
    timers.run_until_quiet(at=late)
    assert (taken(order), used(order)) == ([(12_000, 12_000, "succeeded")], 0)
    assert DepositPayment.objects.get().returned_minor == 12_000


def test_a_shop_that_ships_late_is_paid_what_was_secured(order, at, declines):
    timers.run_until_quiet(at=at + timedelta(days=6))
    declines("insufficient_funds")
    late = at + timedelta(days=20)
    timers.run_until_quiet(at=late)
    capture(order, late)
    assert (used(order), Charge.objects.count()) == (48_000, 1)


def test_what_a_release_leaves_of_a_deposit_goes_back(order, at):
    capture(order, at, 15_000)
    checkouts.release_order(order_id=order.id, merchant=order.merchant, actor="test", at=at)
    timers.run_until_quiet(at=at)
    assert (taken(order), used(order)) == ([(12_000, 9_000, "succeeded")], 12_000)


def test_an_order_that_expires_gives_its_deposit_back(order, at):
    timers.run_until_quiet(at=at + timedelta(days=6))
    timers.run_until_quiet(at=at + timedelta(days=29))
    assert (Order.objects.get().status, taken(order), used(order)) == ("expired", [(12_000, 12_000, "succeeded")], 0)


def test_nothing_is_captured_while_the_deposit_is_declined_until_the_person_pays_it(order, at, declines):
    declines("insufficient_funds")
    assert refused(order, at) == "order.deposit_declined"
    # The shop asks again at once: the card is not asked.
    assert refused(order, at) == "order.deposit_declined"
    assert (Charge.objects.count(), used(order)) == (1, 48_000)
    timers.run_until_quiet(at=at + timedelta(hours=25))
    assert Charge.objects.count() == 2
    declines()
    paid_at = at + timedelta(days=2)
    card = shopper.card_of(order.consumer, "5555555555554444", paid_at)
    told = {"consumer": order.consumer, "plan": order.plan, "actor": order.consumer.public_id, "at": paid_at}
    declined = collection.pay_deposit(**told, method=shopper.card_of(order.consumer, DECLINING, paid_at))
    assert (declined.status, find_deposit(order.plan_id).state) == ("failed", "declined")
    assert collection.pay_deposit(**told, method=card).status == "succeeded"
    with pytest.raises(NothingToPay):
        collection.pay_deposit(**told, method=card)
    capture(order, paid_at)
    assert (used(order), [one for one in taken(order) if one[2] == "succeeded"]) == (48_000, [(12_000, 0, "succeeded")])


def test_a_card_that_is_stolen_is_not_tried_again(order, at, declines):
    declines("stolen_card")
    assert refused(order, at) == "order.deposit_declined"
    timers.run_until_quiet(at=at + timedelta(days=27))
    assert (Charge.objects.count(), Authorization.objects.get().payment_method.is_usable) == (1, False)
    timers.run_until_quiet(at=at + timedelta(days=29))
    assert (Order.objects.get().status, used(order)) == ("expired", 0)


def test_a_charge_without_an_answer_holds_the_capture_back_and_is_made_once(order, at, silence):
    silence(on=True)
    assert [refused(order, at), refused(order, at)] == ["order.deposit_under_way"] * 2
    with pytest.raises(HoldsDeposit):
        another_card(order, at, "5555555555554444")
        collection.remove_card(consumer=order.consumer, method=Authorization.objects.get().payment_method, at=at)
    silence(on=False)
    timers.run_until_quiet(at=at)
    capture(order, at)
    assert (taken(order), used(order)) == ([(12_000, 0, "succeeded")], 48_000)


def test_a_charge_that_fails_after_another_one_paid_tells_nobody(order, at, silence, monkeypatch):
    """Two people closed the first charge as not made, workers made another, and then the gateway says that the first was made."""
    silence(on=True)
    assert refused(order, at) == "order.deposit_under_way"
    first, later = Charge.objects.get(), at + timedelta(days=2)
    close_unanswered(first, at)
    monkeypatch.setattr(SandboxGateway, "charge", lambda *_told: UNKNOWN)
    assert collection.charge_deposits(at=later) == 1
    silence(on=False)
    assert arrive(first, later)
    assert (find_deposit(order.plan_id).state, find_deposit(order.plan_id).open_minor) == ("under_way", 0)
    told = OutboxEvent.objects.filter(name="plans.deposit_failed").count()
    monkeypatch.setattr(SandboxGateway, "find_charge", lambda *_told: Outcome(Status.FAILED, failure="insufficient_funds"))
    timers.run_until_quiet(at=later + timedelta(hours=1))
    deposit = find_deposit(order.plan_id)
    assert (deposit.state, deposit.next_attempt_at, deposit.last_failure) == ("paid", None, "")
    assert (OutboxEvent.objects.filter(name="plans.deposit_failed").count(), taken(order)) == (told, [(12_000, 0, "succeeded")])


def test_the_first_of_several_tries_that_is_confirmed_late_pays_the_deposit(order, at, silence, declines):
    silence(on=True)
    assert refused(order, at) == "order.deposit_under_way"
    first, later = Charge.objects.get(), at + timedelta(days=2)
    close_unanswered(first, at)
    silence(on=False)
    declines("insufficient_funds")
    card = shopper.card_of(order.consumer, "4242424242424242", at)
    for _ in range(2):
        collection.pay_deposit(consumer=order.consumer, plan=order.plan, method=card, actor="me", at=later)
    assert (find_deposit(order.plan_id).state, Charge.objects.count()) == ("declined", 3)
    assert arrive(first, later)
    assert (find_deposit(order.plan_id).state, Refund.objects.count(), taken(order)) == ("paid", 0, [(12_000, 0, "succeeded")])


def test_a_late_answer_for_an_order_that_was_canceled_goes_back(order, at, silence):
    silence(on=True)
    assert refused(order, at) == "order.deposit_under_way"
    checkouts.void_order(order_id=order.id, merchant=order.merchant, actor="test", at=at)
    silence(on=False)
    timers.run_until_quiet(at=at)
    timers.run_until_quiet(at=at)
    assert (taken(order), used(order), Plan.objects.get().status) == ([(12_000, 12_000, "succeeded")], 0, "canceled")
    assert Authorization.objects.get().released_at is not None


def test_many_captures_at_once_charge_once(order, at):
    """Shops, workers and a cancellation at the same moment: one charge, and what it paid is used or goes back."""
    go, told = threading.Barrier(6), []

    def act(what):
        try:
            go.wait()
            what()
            told.append("done")
        except Conflict as error:
            told.append(error.code)
        finally:
            connections.close_all()

    acts = [lambda: capture(order, at)] * 3 + [lambda: collection.charge_deposits(at=at + timedelta(days=6))] * 2
    acts.append(lambda: checkouts.void_order(order_id=order.id, merchant=order.merchant, actor="test", at=at))
    threads = [threading.Thread(target=act, args=(one,)) for one in acts]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    timers.run_until_quiet(at=at)
    timers.run_until_quiet(at=at)
    after = Order.objects.get()
    assert len(told) == 6
    if after.status == "captured":
        assert (taken(order), used(order)) == ([(12_000, 0, "succeeded")], 48_000)
    else:
        assert (after.status, used(order)) == ("voided", 0)
        assert [(minor, back) for minor, back, status in taken(order) if status == "succeeded"] in ([], [(12_000, 12_000)])


def test_eight_checkouts_with_deposits_at_once_stay_within_the_limit(buy, merchant, at):
    rule_offers(offer_rule("deposit", 0.2))
    before = buy(merchant, 10_000, product=MONTHS)
    checkouts.void_order(order_id=before.id, merchant=merchant, actor="test", at=at)
    consumer, method = before.consumer, before.plan.payment_method
    opened = [buy.open(merchant, 60_000) for _ in range(8)]
    for one in opened:
        shopper.identify(checkout=one, email="anna+approve@people.example", at=at)
        checkouts.decide(checkout_id=one.id, at=at)
    with unguarded():
        CreditLine.objects.update(limit_minor=100_000)
    go, bought, refusals = threading.Barrier(8), [], []

    def agree(checkout):
        try:
            go.wait()
            made = last_click(get_checkout(checkout.pk), consumer, MONTHS, method, at)
            capture(made, at)
            bought.append(made)
        except LimitExceeded:
            refusals.append(checkout)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=agree, args=(one,)) for one in opened]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (len(bought), len(refusals), Order.objects.exclude(pk=before.pk).count()) == (2, 6, 2)
    assert CreditLine.objects.get().used_minor == 96_000
    timers.run_until_quiet(at=at)
    assert CreditLine.objects.get().used_minor == 96_000


@pytest.mark.parametrize("dies", [False, True])
def test_an_automatic_capture_follows_its_deposit(buy, merchant, at, monkeypatch, dies):
    rule_offers(offer_rule("deposit", 0.2))
    with monkeypatch.context() as patched:
        if dies:
            patched.setattr("checkout.services.authorizing.deposit_then_capture", lambda **_told: None)
        order = buy(merchant, 60_000, product=MONTHS, capture="automatic")
    assert Order.objects.get().status == ("authorized" if dies else "captured")
    timers.run_until_quiet(at=at)
    assert (Order.objects.get().status, taken(order), used(order)) == ("captured", [(12_000, 0, "succeeded")], 48_000)


def test_an_automatic_order_whose_deposit_fails_waits_and_is_captured_once_it_is_paid(buy, merchant, at, declines):
    rule_offers(offer_rule("deposit", 0.2))
    declines("insufficient_funds")
    order = buy(merchant, 60_000, product=MONTHS, capture="automatic")
    timers.run_until_quiet(at=at)
    assert (Order.objects.get().status, used(order)) == ("authorized", 48_000)
    declines()
    timers.run_until_quiet(at=at + timedelta(days=1, hours=1))
    assert (Order.objects.get().status, used(order)) == ("captured", 48_000)


@pytest.mark.parametrize("capture_by", ["automatic", "manual"])
def test_nothing_is_charged_of_a_held_order_before_its_approval(buy, merchant, at, operators, capture_by):
    rule_offers(offer_rule("deposit", 0.2))
    order = buy(merchant, 150_000, product=MONTHS, capture=capture_by)
    late = at + timedelta(days=9)
    timers.run_until_quiet(at=late)
    review = OrderReview.objects.get(order=order)
    assert (Charge.objects.count(), find_deposit(order.plan_id).next_attempt_at) == (0, None)
    checkouts.prepare_review(review_id=review.id, user=operators[0], recommendation="approve", note="fine", at=late)
    seen = OrderReview.objects.get(order=order).version
    checkouts.approve_review(review_id=review.id, user=operators[1], reason="fine", seen=seen, at=late)
    timers.run_until_quiet(at=late)
    # Its hold has lapsed, so the card is charged anew.
    assert (taken(order), used(order), Charge.objects.get().authorization) == ([(30_000, 0, "succeeded")], 120_000, None)
    assert Order.objects.get().status == ("captured" if capture_by == "automatic" else "authorized")


def test_who_withdraws_before_the_shop_ships_repays_what_the_deposit_did_not_pay(order, at):
    plans.withdraw_plan(plan_id=order.plan_id, repay_by=(at + timedelta(days=30)).date(), actor="person", at=at)
    capture(order, at)
    row = Installment.objects.get()
    assert (row.amount_minor, row.paid_minor, row.status, used(order)) == (60_000, 12_000, "partially_paid", 48_000)


def test_workers_leave_the_deposit_of_a_stopped_plan_alone(order, at):
    plans.stop_plan(plan_id=order.plan_id, at=at)
    timers.run_until_quiet(at=at + timedelta(days=6))
    assert not Charge.objects.exists()
    plans.resume_plan(plan_id=order.plan_id, actor="", at=at + timedelta(days=7))
    timers.run_until_quiet(at=at + timedelta(days=7))
    assert [one[0] for one in taken(order)] == [12_000]


def test_the_database_refuses_a_capture_before_the_deposit(order):
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(captured_minor=1_000, deposit_minor=0, status="partially_captured")
    with pytest.raises(IntegrityError), transaction.atomic():
        Deposit.objects.update(paid_minor=12_001)
