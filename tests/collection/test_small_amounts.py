"""What is too small to be charged by itself: taken with the next payment, waived where it is the last; never tried blindly."""

from datetime import timedelta

import pytest

from checkout import services as checkouts
from checkout.api.answers import show_refund
from collection import services as collection
from core import relay, timers
from core.models import OutboxEvent
from core.providers import get_account
from credit.models import CreditLine
from ledger.queries import balance
from notifications.letters import compose_briefs
from notifications.queries import list_inbox
from payments import gateways
from payments.gateways.sandbox import SandboxGateway
from payments.models import Authorization, Charge, PaymentMethod
from plans.errors import AmountTooSmall
from plans.models import Installment, Plan, PlanChange
from plans.queries import repayment_counts
from reports.books import check_books
from tests.reported import report_charges


def captured(buy, merchant, at, amount, **how):
    order = buy(merchant, amount, **how)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    return order


def states(order):
    rows = Installment.objects.filter(plan=order.plan_id).order_by("number")
    return [(row.number, row.amount_minor, row.paid_minor, row.status) for row in rows]


def charges(order):
    """What the gateway itself recorded."""
    return [(charge.amount_minor, charge.status) for charge in report_charges(reference=order.plan.public_id)]


def live(at, *days):
    for day in days:
        timers.run_until_quiet(at=at + timedelta(days=day))


def pay(order, scope, at):
    plan = Plan.objects.select_related("consumer", "payment_method").get(id=order.plan_id)
    return collection.pay_now(consumer=plan.consumer, plan=plan, scope=scope, method=plan.payment_method, actor="test", at=at)


def assert_books_hold():
    assert [line for check in check_books() for line in check.offenders] == []


@pytest.fixture(autouse=True)
def _committed(transactional_db):
    """Timers commit."""


def test_four_quarters_of_a_dollar_are_charged_as_two_halves(buy, merchant, at):
    order = captured(buy, merchant, at, 100)
    assert Authorization.objects.count() == 0
    live(at, 0, 1)
    assert charges(order) == []
    assert states(order) == [(number, 25, 0, "scheduled") for number in (1, 2, 3, 4)]
    live(at, 14, 15)
    assert charges(order) == [(50, "succeeded")]
    assert [status for *_, status in states(order)] == ["paid", "paid", "scheduled", "scheduled"]
    live(at, 28, 29, 42, 43)
    assert charges(order) == [(50, "succeeded"), (50, "succeeded")]
    assert [status for *_, status in states(order)] == ["paid"] * 4
    assert Plan.objects.get(id=order.plan_id).status == "completed"
    # Nothing was late, and nobody was told so.
    assert OutboxEvent.objects.filter(name="plans.installment_overdue").count() == 0
    assert repayment_counts(order.consumer.holder_id) == (4, 0, 0)
    assert_books_hold()


def test_a_run_that_comes_late_charges_what_is_due_together(buy, merchant, at):
    order = captured(buy, merchant, at, 100)
    late = at + timedelta(days=43)
    assert collection.run_due(at=late) == 2
    assert charges(order) == [(50, "succeeded"), (50, "succeeded")]
    assert [status for *_, status in states(order)] == ["paid"] * 4


def test_what_is_too_small_and_the_last_is_waived(buy, merchant, at):
    order = captured(buy, merchant, at, 8_010)
    checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=1_990, reason="", actor="test", at=at)
    assert [amount for _, amount, _, _ in states(order)] == [2_003, 2_003, 2_003, 11]
    live(at, 0, 14, 28, 42)
    assert states(order)[3] == (4, 0, 0, "canceled")
    assert charges(order) == [(2_003, "succeeded")] * 3
    assert Plan.objects.get(id=order.plan_id).status == "completed"
    assert CreditLine.objects.get(consumer=order.consumer).used_minor == 0
    assert balance(kind="waived", owner="", currency="USD") == 11
    assert balance(kind="receivable", owner=order.plan.public_id, currency="USD") == 0
    assert PlanChange.objects.filter(plan=order.plan_id, kind="waived").count() == 1
    assert_books_hold()
    relay.drain()
    briefs = [brief for brief in compose_briefs(list_inbox(order.consumer)) if brief.kind == "payment_waived"]
    assert [(brief.heading, brief.text) for brief in briefs] == [
        (
            "You do not have to pay $0.11",
            "$0.11 was left of your purchase at Nordlys Lamps. That is too little to charge a card, so we let it go.",
        )
    ]


def test_a_refund_of_what_was_waived_goes_back_to_nobody(buy, merchant, at):
    order = captured(buy, merchant, at, 8_010)
    checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=1_990, reason="", actor="test", at=at)
    live(at, 0, 14, 28, 42)
    done = checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=6_020, reason="", actor="test", at=at)
    assert sum(item["amount_minor"] for item in done.refund.outcome["back"]) == 6_009
    assert (done.refund.outcome["waived_minor"], done.refundable_minor) == (11, 0)
    assert balance(kind="waived", owner="", currency="USD") == 0
    live(at, 43)
    assert_books_hold()


def test_a_refund_that_takes_the_next_payment_leaves_nothing_waiting_for_ever(buy, merchant, at):
    order = captured(buy, merchant, at, 100)
    live(at, 0)
    assert Installment.objects.get(plan=order.plan_id, number=1).carried_at is not None
    checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=75, reason="", actor="test", at=at)
    live(at, 1)
    assert states(order) == [(number, 0, 0, "canceled") for number in (1, 2, 3, 4)]
    assert Plan.objects.get(id=order.plan_id).status == "completed"
    assert_books_hold()


def test_nothing_that_waits_is_read_again(buy, merchant, at, django_assert_num_queries):
    order = captured(buy, merchant, at, 100)
    assert collection.run_due(at=at) == 0
    with django_assert_num_queries(3):  # begin, claim, commit
        assert collection.run_due(at=at) == 0
    row = Installment.objects.get(plan=order.plan_id, number=1)
    assert (row.next_attempt_at, row.carried_at, row.attempts) == (None, at, 0)


def test_what_waits_goes_with_the_payment_that_fails_and_comes_again(buy, merchant, at):
    order = captured(buy, merchant, at, 100, card="4000000000009995")
    collection.run_due(at=at)
    due = at + timedelta(days=14)
    assert collection.run_due(at=due) == 1
    rows = list(Installment.objects.filter(plan=order.plan_id).order_by("number"))
    assert [(row.attempts, row.next_attempt_at) for row in rows[:2]] == [(1, None), (1, due + timedelta(days=1))]
    assert collection.mark_overdue(at=due + timedelta(days=1)) == 1
    assert [status for *_, status in states(order)][:2] == ["scheduled", "overdue"]
    from plans.services import change_method
    from simulation.shopper import card_of

    method = card_of(order.consumer, "4242424242424242", due)
    change_method(plan=Plan.objects.get(id=order.plan_id), method=method, at=due)
    assert collection.run_due(at=due + timedelta(days=1)) == 1
    assert charges(order) == [(50, "failed"), (50, "succeeded")]
    assert_books_hold()


def test_paying_the_next_takes_as_many_as_can_be_charged(buy, merchant, at):
    order = captured(buy, merchant, at, 100)
    charge = pay(order, "next", at)
    assert (charge.status, charge.amount_minor) == ("succeeded", 50)
    with pytest.raises(AmountTooSmall, match=r"less than \$0\.50"):
        pay(order, {3}, at)
    assert Installment.objects.filter(plan=order.plan_id, charge_id__isnull=False).count() == 0
    assert pay(order, "all", at).amount_minor == 50
    assert Plan.objects.get(id=order.plan_id).status == "completed"


def test_whoever_pays_another_payment_pays_what_waits_too(buy, merchant, at):
    order = captured(buy, merchant, at, 400)
    checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=90, reason="", actor="test", at=at)
    assert [amount for _, amount, _, _ in states(order)] == [100, 100, 100, 10]
    Installment.objects.filter(plan=order.plan_id, number=1).update(principal_minor=20, paid_principal_minor=0)
    Installment.objects.filter(plan=order.plan_id, number=3).update(principal_minor=180)
    collection.run_due(at=at)
    assert Installment.objects.get(plan=order.plan_id, number=1).carried_at == at
    assert pay(order, {2}, at).amount_minor == 120
    assert [status for *_, status in states(order)] == ["paid", "paid", "scheduled", "scheduled"]


class Stricter(SandboxGateway):
    """A gateway whose smallest amount is not what we believe: 0.50 of another currency, for example."""

    def smallest(self, currency: str) -> int:
        return 1


def test_amount_too_small_is_never_tried_blindly(buy, merchant, at):
    order = captured(buy, merchant, at, 140)
    gateways.use("sandbox", Stricter(get_account("sandbox")))
    try:
        live(at, 0, 1, 2, 4, 9)
        assert Charge.objects.filter(reference=order.plan.public_id).values_list("failure", flat=True).get() == "amount_too_small"
        row = Installment.objects.get(plan=order.plan_id, number=1)
        assert (row.status, row.carried_at is not None) == ("scheduled", True)
        assert PaymentMethod.objects.get(consumer=order.consumer).blocked_at is None
        live(at, 14)
        assert charges(order) == [(70, "succeeded")]
        live(at, 28, 42)
        assert charges(order) == [(70, "succeeded"), (70, "succeeded")]
    finally:
        gateways.forget()
    assert OutboxEvent.objects.filter(name="plans.payment_failed").count() == 0
    assert_books_hold()


def test_reminders_tell_what_will_be_taken(buy, merchant, at):
    order = captured(buy, merchant, at, 100)
    collection.run_due(at=at)
    collection.remind_upcoming(at=at + timedelta(days=12))
    told = OutboxEvent.objects.filter(name="plans.payment_upcoming", payload__reference=order.public_id)
    assert [(event.payload["number"], event.payload["amount_minor"]) for event in told] == [(2, 50)]
    collection.run_due(at=at + timedelta(days=14))
    collection.remind_upcoming(at=at + timedelta(days=26))
    assert told.count() == 1


def test_a_refunds_answer_adds_up_also_where_something_had_been_waived(buy, merchant, at):
    order = captured(buy, merchant, at, 8_010)
    checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=1_990, reason="", actor="test", at=at)
    live(at, 0, 14, 28, 42)
    done = checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=6_020, reason="", actor="test", at=at)
    shown = show_refund(done.refund, order)
    assert (shown["canceled"], shown["returned"], shown["waived"], shown["amount"]) == (0, 6_009, 11, 6_020)
