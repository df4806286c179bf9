"""Installments that are debited from bank accounts: on their way once, quiet meanwhile, and paid or tried again in the end."""

from datetime import timedelta

import pytest
import requests

from collection import services as collection
from collection.desk import get_case
from core.models import OutboxEvent
from credit.models import CreditLine
from ledger.queries import balance
from payments import services as payments
from payments.gateways.base import Notice
from payments.models import Break, Charge, PaymentMethod, Refund
from plans import services as plans
from plans.errors import NothingToPay
from plans.models import Installment, Plan
from reports.books import check_books
from tests.collection.test_due_run import captured, gateway_charges, states, told

CLEARS, LACKS_FUNDS = "000123456789", "000222222227"
SECOND_DUE = timedelta(days=14)


@pytest.fixture
def bank(settings):
    """`bank("clear", charge)`, `bank("fail", charge, failure="account_closed")`: what the bank does with a debit."""

    def act(order, charge, **how):
        door = f"{settings.SANDBOX_URL}/control/charges/{charge.public_id}/{order}"
        head = {"Authorization": f"Bearer {settings.SANDBOX_KEY}"}
        requests.post(door, json=how, headers=head, timeout=10).raise_for_status()

    return act


@pytest.fixture
def debited(buy, merchant, at):
    """A captured order whose first payment came from its card, and whose next ones come from a bank account."""
    order = captured(buy, merchant, at)
    collection.run_due(at=at)
    account = payments.add_account(consumer=order.consumer, number=CLEARS, currency="USD", at=at)
    plans.change_method(plan=Plan.objects.get(id=order.plan_id), method=account, at=at)
    return order


@pytest.fixture
def on_its_way(debited, at):
    """The order's second payment, on its way since its due date."""
    assert collection.run_due(at=at + SECOND_DUE) == 1
    return Charge.objects.order_by("id").last()


def used(order):
    return CreditLine.objects.get(consumer=order.consumer).used_minor


def wrong():
    return [line for check in check_books() for line in check.offenders]


def hear(charge, at, *, good=True, event_id="evt_1"):
    kind = "charge.succeeded" if good else "charge.failed"
    notice = Notice(event_id, kind, charge.gateway_ref, "charge", charge.public_id, good)
    return payments.receive_event(gateway="sandbox", notice=notice, at=at)


def test_the_account_is_debited_once_and_nothing_else_happens_meanwhile(debited, on_its_way, at):
    assert (on_its_way.status, on_its_way.payment_method.kind, on_its_way.amount_minor) == ("under_way", "bank_debit", 5_725)
    before = used(debited)
    events = OutboxEvent.objects.count()
    for days in (14, 15, 16, 17):
        now = at + timedelta(days=days)
        assert collection.run_due(at=now) == 0
        assert collection.mark_overdue(at=now) == 0
        assert payments.resolve_charges(at=now) == 0
    assert states(debited)[1] == (2, "scheduled", 0)
    assert Installment.objects.get(plan=debited.plan_id, number=2).charge_id == on_its_way.id
    assert (used(debited), OutboxEvent.objects.count()) == (before, events)
    assert gateway_charges(debited) == [(5_725, "succeeded"), (5_725, "under_way")]
    assert balance(kind="cash", owner="sandbox", currency="USD") == 5_725
    assert wrong() == []


def test_nobody_pays_early_what_is_on_its_way(debited, on_its_way, at):
    plan = Plan.objects.get(id=debited.plan_id)
    card = PaymentMethod.objects.get(consumer=debited.consumer, kind="card")
    with pytest.raises(NothingToPay):
        collection.pay_now(consumer=debited.consumer, plan=plan, scope="next", method=card, actor="person", at=at + SECOND_DUE)
    assert Charge.objects.count() == 2


@pytest.mark.parametrize("way", ["event", "look"])
def test_when_it_clears_the_installment_is_paid_and_the_limit_free(debited, on_its_way, bank, at, way):
    before, later = used(debited), at + timedelta(days=17)
    bank("clear", on_its_way)
    if way == "event":
        assert hear(on_its_way, later) is True
    else:
        assert payments.resolve_pulls(at=later) == 1
    on_its_way.refresh_from_db()
    assert (on_its_way.status, on_its_way.settled_at) == ("succeeded", later)
    row = Installment.objects.get(plan=debited.plan_id, number=2)
    assert (row.status, row.charge_id, row.paid_at) == ("paid", None, later)
    assert used(debited) == before - 5_725
    assert balance(kind="cash", owner="sandbox", currency="USD") == 11_450
    assert wrong() == []
    assert payments.resolve_pulls(at=later + timedelta(days=1)) == 0
    assert len(told("plans.installments_paid")) == 2


@pytest.mark.parametrize("way", ["event", "look"])
def test_when_it_fails_late_the_card_has_its_turn_and_the_person_is_told(debited, on_its_way, bank, at, way):
    later = at + timedelta(days=16)
    bank("fail", on_its_way, failure="insufficient_funds")
    if way == "event":
        hear(on_its_way, later, good=False)
    else:
        assert payments.resolve_pulls(at=later) == 1
    assert states(debited)[1] == (2, "scheduled", 1)
    (failed,) = told("plans.payment_failed")
    assert (failed["failure"], failed["action"], failed["installments"]) == ("insufficient_funds", "retry", [2])
    assert collection.run_due(at=later) == 1
    newest = Charge.objects.order_by("id").last()
    assert (newest.status, newest.payment_method.kind) == ("succeeded", "card")
    assert states(debited)[1][1] == "paid"
    assert wrong() == []


def test_an_account_that_is_closed_is_debited_no_more(debited, on_its_way, bank, at):
    bank("fail", on_its_way, failure="account_closed")
    payments.resolve_pulls(at=at + timedelta(days=16))
    assert PaymentMethod.objects.get(kind="bank_debit").blocked_at == at + timedelta(days=16)


def test_a_debit_that_its_person_asked_for_and_that_fails_is_told_and_waits_for_its_date(debited, bank, at):
    plan, account = Plan.objects.get(id=debited.plan_id), PaymentMethod.objects.get(kind="bank_debit")
    charge = collection.pay_now(consumer=debited.consumer, plan=plan, scope="next", method=account, actor="person", at=at)
    assert charge.status == "under_way"
    bank("fail", charge, failure="insufficient_funds")
    assert payments.resolve_pulls(at=at + timedelta(days=2)) == 1
    row = Installment.objects.get(plan=debited.plan_id, number=2)
    assert (row.status, row.charge_id, row.attempts) == ("scheduled", None, 1)
    assert row.next_attempt_at == plan.first_attempt(row.due_date)
    assert len(told("plans.payment_failed")) == 1
    assert collection.run_due(at=at + timedelta(days=3)) == 0


def test_a_debit_is_claimed_back_after_it_cleared(debited, on_its_way, bank, at):
    bank("clear", on_its_way)
    hear(on_its_way, at + timedelta(days=16))
    bank("fail", on_its_way, failure="debit_not_authorized")
    hear(on_its_way, at + timedelta(days=20), good=False, event_id="evt_2")
    on_its_way.refresh_from_db()
    assert (on_its_way.status, on_its_way.failure) == ("reversed", "debit_not_authorized")
    row = Installment.objects.get(plan=debited.plan_id, number=2)
    assert (row.status, row.paid_minor) == ("overdue", 0)
    assert wrong() == []


def test_a_debit_that_arrived_and_was_claimed_back_before_we_heard_costs_its_fee(debited, on_its_way, bank, at):
    bank("clear", on_its_way)
    bank("fail", on_its_way, failure="debit_not_authorized")
    assert payments.resolve_pulls(at=at + timedelta(days=20)) == 1
    on_its_way.refresh_from_db()
    assert (on_its_way.status, states(debited)[1]) == ("failed", (2, "scheduled", 1))
    assert balance(kind="gateway_fees", owner="", currency="USD") == 500
    assert balance(kind="cash", owner="sandbox", currency="USD") == 5_725 - 500
    assert wrong() == []


def test_what_the_shop_takes_back_goes_back_to_the_account(debited, on_its_way, bank, merchant, at):
    from checkout import services as checkouts

    bank("clear", on_its_way)
    hear(on_its_way, at + timedelta(days=16))
    checkouts.refund_order(order_id=debited.id, merchant=merchant, amount_minor=22_900, reason="", actor="test", at=at + timedelta(days=17))
    assert payments.send_refunds(at=at + timedelta(days=17)) == 2
    assert sorted(Refund.objects.values_list("charge__payment_method__kind", "amount_minor", "status")) == [
        ("bank_debit", 5_725, "succeeded"),
        ("card", 5_725, "succeeded"),
    ]
    assert wrong() == []


def test_a_refund_while_a_debit_is_on_its_way_goes_back_once_it_clears(debited, on_its_way, bank, merchant, at):
    from checkout import services as checkouts

    checkouts.refund_order(order_id=debited.id, merchant=merchant, amount_minor=22_900, reason="", actor="test", at=at + timedelta(days=15))
    payments.send_refunds(at=at + timedelta(days=15))
    bank("clear", on_its_way)
    hear(on_its_way, at + timedelta(days=16))
    payments.send_refunds(at=at + timedelta(days=16))
    assert sum(Refund.objects.filter(status="succeeded").values_list("amount_minor", flat=True)) == 11_450
    assert used(debited) == 0
    assert wrong() == []


def test_an_operator_reads_of_a_debit_that_does_not_end(on_its_way, at):
    payments.resolve_pulls(at=at + timedelta(days=36))
    case = get_case(Break.objects.get())
    assert (
        case.what.replace("\xa0", " ")
        == "$57.25 is on its way from Test Bank ···· 6789 for more than three weeks. Nothing else is taken for it meanwhile."
    )
    assert case.advice.startswith("Ask the gateway what became of it.")


def test_a_card_that_fails_has_the_account_as_its_backup(buy, merchant, at):
    order = captured(buy, merchant, at)
    collection.run_due(at=at)
    lacks = payments.add_card(consumer=order.consumer, number="4000000000009995", at=at)
    plans.change_method(plan=Plan.objects.get(id=order.plan_id), method=lacks, at=at)
    PaymentMethod.objects.filter(consumer=order.consumer).exclude(id=lacks.id).update(removed_at=at)
    payments.add_account(consumer=order.consumer, number=CLEARS, currency="USD", at=at)
    now = at + SECOND_DUE
    assert [collection.run_due(at=now) for _ in range(3)] == [1, 1, 0]
    kinds = list(Charge.objects.order_by("id").values_list("payment_method__kind", "status"))[1:]
    assert kinds == [("card", "failed"), ("bank_debit", "under_way")]
