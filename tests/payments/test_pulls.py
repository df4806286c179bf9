"""Bank debits: on their way for days, asked for once, looked up every six hours, and ended once by whoever hears of it first."""

from datetime import timedelta

import pytest
import requests

from core.clock import wall
from payments import gateways
from payments import services as payments
from payments.errors import GatewayUnavailable, MethodNotUsable
from payments.gateways.base import UNKNOWN, Disputes, Notice, Outcome, done
from payments.models import Break, Charge, Dispute, GatewayEvent, MovementEvent, PaymentMethod
from payments.queries import sum_withdrawn
from payments.services import charges
from tests import stripe_account

pytestmark = pytest.mark.usefixtures("quiet")
SIX_HOURS = timedelta(hours=6)


@pytest.fixture
def pulled(scripted, token_account, request_for, at):
    """A pull that is on its way."""
    request = request_for(token_account)
    payments.open_charges(requests=[request], at=at)
    scripted.recorded[request.key] = Outcome("under_way", "x_1", amount_minor=5_725, currency="USD")
    assert payments.run_charges(requests=[request], at=at) == 0
    return request


def end(scripted, request, outcome=None):
    scripted.recorded[request.key] = outcome or done(request, "x_1")


def hear(request, at, *, event_id="evt_1", good=True):
    kind = "charge.succeeded" if good else "charge.failed"
    notice = Notice(event_id, kind, "x_1", "charge", request.key, good)
    return payments.receive_event(gateway="sandbox", notice=notice, at=at)


def test_a_pull_on_its_way_is_asked_for_once_and_left_alone(scripted, pulled, at):
    charge = Charge.objects.get()
    assert (charge.status, charge.gateway_ref, charge.settled_at) == ("under_way", "x_1", None)
    assert (charge.next_look_at, charge.claimed_until) == (at + SIX_HOURS, None)
    assert payments.resolve_charges(at=at + timedelta(days=1)) == 0
    assert payments.resolve_pulls(at=at + SIX_HOURS - timedelta(seconds=1)) == 0
    assert (scripted.asked, scripted.looked_up) == ([pulled.key], [])


def test_it_is_looked_up_every_six_hours_until_it_has_ended(scripted, pulled, at):
    for times in (1, 2, 3):
        now = at + times * SIX_HOURS
        assert payments.resolve_pulls(at=now) == 0
        assert payments.resolve_pulls(at=now) == 0
        assert scripted.looked_up == [pulled.key] * times
        assert Charge.objects.get().next_look_at == now + SIX_HOURS
    end(scripted, pulled)
    assert payments.resolve_pulls(at=at + timedelta(days=2)) == 1
    charge = Charge.objects.get()
    assert (charge.status, charge.settled_at, charge.next_look_at) == ("succeeded", at + timedelta(days=2), None)
    assert scripted.asked == [pulled.key]


def test_a_pull_that_fails_days_later_has_failed_with_its_code(scripted, pulled, at):
    end(scripted, pulled, Outcome("failed", "x_1", "insufficient_funds"))
    assert payments.resolve_pulls(at=at + timedelta(days=2)) == 1
    charge = Charge.objects.get()
    assert (charge.status, charge.failure) == ("failed", "insufficient_funds")


def test_a_look_up_without_an_answer_leaves_it_on_its_way(scripted, pulled, at):
    scripted.deaf = True
    assert payments.resolve_pulls(at=at + SIX_HOURS) == 0
    charge = Charge.objects.get()
    assert (charge.status, charge.next_look_at, charge.claimed_until) == ("under_way", at + 2 * SIX_HOURS, None)
    assert scripted.asked == [pulled.key]


def test_a_pull_that_its_gateway_does_not_know_any_more_is_not_asked_for_again(scripted, pulled, at):
    """Its key may be forgotten after some days, so that a second call would debit the account twice."""
    del scripted.recorded[pulled.key]
    assert payments.resolve_pulls(at=at + timedelta(days=2)) == 0
    charge = Charge.objects.get()
    assert (charge.status, charge.gateway_ref, charge.next_look_at) == ("under_way", "x_1", at + timedelta(days=2) + SIX_HOURS)
    assert (scripted.asked, scripted.looked_up) == ([pulled.key], [pulled.key])
    payments.resolve_pulls(at=at + timedelta(days=21))
    assert (scripted.asked, Break.objects.get().kind) == ([pulled.key], "pull_late")


def test_a_lost_answer_to_a_pull_is_unknown_and_then_on_its_way(scripted, token_account, request_for, at):
    request = request_for(token_account)
    payments.open_charges(requests=[request], at=at)
    scripted.answers[request.key] = Outcome("under_way", "x_1", amount_minor=5_725, currency="USD")
    scripted.lose_answers = True
    payments.run_charges(requests=[request], at=at)
    assert Charge.objects.get().status == "unknown"
    scripted.lose_answers = False
    Charge.objects.update(claimed_until=wall() - timedelta(seconds=1))
    assert payments.resolve_charges(at=at) == 0
    assert Charge.objects.get().status == "under_way"
    assert set(scripted.asked) == {request.key}


def test_an_event_ends_it_at_once(scripted, pulled, at):
    end(scripted, pulled)
    assert hear(pulled, at + timedelta(days=2)) is True
    charge = Charge.objects.get()
    assert (charge.status, charge.settled_at) == ("succeeded", at + timedelta(days=2))
    assert hear(pulled, at + timedelta(days=2)) is False
    assert payments.resolve_pulls(at=at + timedelta(days=9)) == 0


def test_an_event_that_cannot_be_looked_up_comes_again(scripted, pulled, at):
    end(scripted, pulled)
    scripted.deaf = True
    with pytest.raises(GatewayUnavailable):
        hear(pulled, at)
    assert (Charge.objects.get().status, GatewayEvent.objects.count()) == ("under_way", 0)
    scripted.deaf = False
    assert hear(pulled, at) is True
    assert Charge.objects.get().status == "succeeded"


def test_an_event_that_comes_before_its_own_answer_is_not_lost(scripted, token_account, request_for, at):
    """The gateway ends a pull while our call for it is still out: the answer, which is older, changes nothing any more."""
    request = request_for(token_account)
    payments.open_charges(requests=[request], at=at)
    end(scripted, request)
    assert hear(request, at) is True
    assert Charge.objects.get().status == "succeeded"
    assert charges.record_charges([(request, Outcome("under_way", "x_1", amount_minor=5_725, currency="USD"))], at) == 0
    assert (Charge.objects.get().status, Charge.objects.get().next_look_at) == ("succeeded", None)


def test_an_old_look_up_never_takes_an_end_back(scripted, pulled, at):
    assert charges.record_charges([(pulled, Outcome("failed", "x_1", "account_closed"))], at) == 1
    for late in (Outcome("under_way", "x_1"), UNKNOWN, done(pulled, "x_1")):
        assert charges.record_charges([(pulled, late)], at) == 0
    assert (Charge.objects.get().status, Charge.objects.get().failure) == ("failed", "account_closed")


def test_an_end_with_another_amount_is_no_end_and_opens_a_break(scripted, pulled, at):
    end(scripted, pulled, Outcome("succeeded", "x_1", amount_minor=5_000, currency="USD"))
    assert payments.resolve_pulls(at=at + SIX_HOURS) == 0
    assert Charge.objects.get().status == "under_way"
    assert Break.objects.get().kind == "answer_differs"


def test_a_pull_without_an_end_after_three_weeks_is_put_before_a_person_once(scripted, pulled, at):
    payments.resolve_pulls(at=at + timedelta(days=20))
    assert not Break.objects.exists()
    for day in (21, 22):
        payments.resolve_pulls(at=at + timedelta(days=day))
    (found,) = Break.objects.all()
    assert (found.kind, found.subject, found.amount_minor) == ("pull_late", Charge.objects.get().public_id, 5_725)
    assert (Charge.objects.get().status, found.status) == ("under_way", "open")
    end(scripted, pulled)
    payments.resolve_pulls(at=at + timedelta(days=23))
    found.refresh_from_db()
    assert (found.status, found.note, found.closed_at) == ("closed", "It has ended.", at + timedelta(days=23))


def test_only_one_process_looks_a_pull_up(scripted, pulled, at):
    Charge.objects.update(claimed_until=wall() + timedelta(seconds=30))
    assert payments.resolve_pulls(at=at + SIX_HOURS) == 0
    assert scripted.looked_up == []


def test_nothing_is_held_on_a_bank_account(scripted, consumer, token_account, at):
    from core.money import Money

    with pytest.raises(MethodNotUsable):
        payments.authorize(consumer=consumer, method=token_account, amount=Money(500, "USD"), reference="chk_1", at=at)
    assert scripted.asked == []


def test_the_database_lets_no_pull_on_its_way_go_back_to_its_beginning(pulled):
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        Charge.objects.update(status="pending")
    assert Charge.objects.get().status == "under_way"


def test_an_account_is_added_last_and_a_known_one_once(consumer, card, sandbox_world, at):
    one = payments.add_account(consumer=consumer, number="000123456789", currency="USD", at=at)
    assert (one.kind, one.shown["last4"], one.shown["scheme"], str(one)) == ("bank_debit", "6789", "us_bank_account", "Test Bank 6789")
    assert one.position > card.position
    assert one.shown["mandate"]
    assert PaymentMethod.objects.filter(consumer=consumer).count() == 2


@pytest.fixture
def stripe(sandbox_world, settings):
    """Let Stripe debit bank accounts; gives a function that orders what a bank does with a payment intent."""
    settings.PROVIDER_VALUES = settings.PROVIDER_VALUES | stripe_account.variables(sandbox_world)
    settings.PULLS = "stripe"

    def act(order, charge):
        door = f"{settings.SANDBOX_URL}/control/charges/{charge.gateway_ref}/{order}"
        head = {"Authorization": f"Bearer {settings.SANDBOX_KEY}"}
        requests.post(door, json={}, headers=head, timeout=10).raise_for_status()

    yield act
    gateways.forget()


@pytest.fixture
def at_stripe(stripe, consumer, request_for, at):
    """A pull at Stripe that is on its way."""
    account = payments.add_account(consumer=consumer, number="000123456789", currency="USD", at=at)
    assert (account.gateway, account.shown["bank"], account.shown["scheme"]) == ("stripe", "STRIPE TEST BANK", "us_bank_account")
    request = request_for(account)
    payments.open_charges(requests=[request], at=at)
    assert payments.run_charges(requests=[request], at=at) == 0
    charge = Charge.objects.get()
    assert (charge.status, charge.gateway_ref[:3]) == ("under_way", "pi_")
    return charge


@pytest.mark.parametrize(("order", "status", "failure"), [("clear", "succeeded", ""), ("fail", "failed", "insufficient_funds")])
def test_a_pull_at_stripe_ends_by_its_event(stripe, at_stripe, at, order, status, failure):
    stripe(order, at_stripe)
    kind = "payment_intent.succeeded" if order == "clear" else "payment_intent.payment_failed"
    notice = Notice("evt_1", kind, at_stripe.gateway_ref, "charge", at_stripe.public_id, order == "clear")
    assert payments.receive_event(gateway="stripe", notice=notice, at=at) is True
    at_stripe.refresh_from_db()
    assert (at_stripe.status, at_stripe.failure, at_stripe.settled_at) == (status, failure, at)


def test_a_pull_at_stripe_that_is_claimed_back_is_a_dispute_that_is_lost(stripe, at_stripe, at):
    stripe("clear", at_stripe)
    assert payments.resolve_pulls(at=at + SIX_HOURS) == 1
    stripe("fail", at_stripe)
    api = gateways.connect("stripe", Disputes)._api
    (found,) = api.disputes.list({"payment_intent": at_stripe.gateway_ref}).data
    notice = Notice("evt_2", "charge.dispute.closed", found.id, "dispute")
    assert payments.receive_event(gateway="stripe", notice=notice, at=at) is True
    dispute = Dispute.objects.get()
    assert (dispute.status, dispute.reason, dispute.amount_minor) == ("lost", "debit_not_authorized", 5_725)
    assert sum_withdrawn(at_stripe.id) == 5_725


@pytest.mark.parametrize("order", [(True, False), (False, True), (True, True, False, False), (False, True, False, True)])
def test_events_that_come_twice_and_out_of_order_after_both_ends_say_how_it_stands_now(scripted, pulled, at, order):
    """The debit arrived and was given back before we heard of either: it never counted, whichever event comes first; its fee does."""
    end(scripted, pulled, Outcome("failed", "x_1", "debit_not_authorized", fee_minor=500))
    for number, good in enumerate(order):
        hear(pulled, at, event_id=f"evt_{good}_{number // 2}", good=good)
    charge = Charge.objects.get()
    assert (charge.status, charge.failure) == ("failed", "debit_not_authorized")
    assert list(MovementEvent.objects.values_list("kind", "amount_minor")) == [("fee", 500)]


def test_events_in_their_order_pay_and_take_back(scripted, pulled, at):
    end(scripted, pulled)
    hear(pulled, at)
    end(scripted, pulled, Outcome("failed", "x_1", "debit_not_authorized", fee_minor=500))
    for number in (2, 3):
        hear(pulled, at, event_id=f"evt_{number}", good=False)
    hear(pulled, at, event_id="evt_4", good=True)
    assert Charge.objects.get().status == "reversed"
    assert sorted(MovementEvent.objects.values_list("kind", "amount_minor")) == [("fee", 500), ("reversed", 5_725)]
