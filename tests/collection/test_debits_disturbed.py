"""What else happens while a debit is on its way for days, and then the debit's end, either one: the books hold, and nobody pays twice."""

from datetime import timedelta

import pytest
import requests

from accounts import services as accounts
from accounts.models import Consumer
from collection import services as collection
from core.clock import local_date
from core.errors import Conflict
from payments import services as payments
from payments.gateways.base import Notice
from payments.models import Charge, Dispute, PaymentMethod
from plans import services as plans
from plans.models import Installment, Plan
from plans.services import withdraw_plan
from tests.collection.test_bank_debits import bank, debited, hear, on_its_way, used, wrong
from tests.operators import make_boss

__all__ = ["bank", "debited", "on_its_way"]
DAY = timedelta(days=1)
BEGAN, ENDED = 14 * DAY, 17 * DAY


def end(bank, charge, at, how):
    """Let the debit clear or fail, and hear of it."""
    bank("clear" if how == "clears" else "fail", charge, **({} if how == "clears" else {"failure": "insufficient_funds"}))
    assert hear(charge, at, good=how == "clears") is True
    charge.refresh_from_db()
    assert charge.status == {"clears": "succeeded", "fails": "failed"}[how]


def taken(order):
    """What the order's person has paid, and what is open."""
    rows = Installment.objects.filter(plan=order.plan_id)
    paid = sum(row.paid_minor for row in rows)
    return paid, sum(row.amount_minor for row in rows) - paid


@pytest.mark.parametrize("how", ["clears", "fails"])
def test_an_account_that_is_removed_meanwhile(debited, on_its_way, bank, at, how):
    account = on_its_way.payment_method
    payments.remove_method(consumer=debited.consumer, method=account, at=at + 15 * DAY)
    end(bank, on_its_way, at + ENDED, how)
    collection.run_due(at=at + ENDED + DAY)
    assert taken(debited) == (11_450, 11_450)
    assert Charge.objects.filter(payment_method=account).count() == 1
    assert (used(debited), wrong()) == (11_450, [])


@pytest.mark.parametrize("how", ["clears", "fails"])
def test_a_card_payment_of_the_plan_that_is_disputed_meanwhile(debited, on_its_way, bank, settings, at, how):
    first = Charge.objects.order_by("id").first()
    head = {"Authorization": f"Bearer {settings.SANDBOX_KEY}"}
    door = f"{settings.SANDBOX_URL}/control/charges/{first.public_id}/dispute"
    ref = requests.post(door, json={}, headers=head, timeout=10).json()["id"]
    payments.receive_event(gateway="sandbox", notice=Notice("evt_d", "dispute.created", ref, "dispute"), at=at + 15 * DAY)
    assert (Dispute.objects.get().status, wrong()) == ("open", [])
    end(bank, on_its_way, at + ENDED, how)
    assert Plan.objects.get(id=debited.plan_id).stopped_at == at + 15 * DAY
    collection.run_due(at=at + ENDED + 10 * DAY)
    assert Charge.objects.count() == 2
    assert (taken(debited)[0], wrong()) == (11_450 if how == "clears" else 5_725, [])


@pytest.mark.parametrize("how", ["clears", "fails"])
def test_a_person_who_withdraws_meanwhile_owes_all_that_is_open_on_one_day(debited, on_its_way, bank, at, how):
    asked = at + 15 * DAY
    repay_by = local_date(asked + 30 * DAY, debited.consumer.time_zone)
    assert withdraw_plan(plan_id=debited.plan_id, repay_by=repay_by, actor="person", at=asked)
    assert wrong() == []
    end(bank, on_its_way, at + ENDED, how)
    assert wrong() == []
    for days in (18, 30, 40):
        collection.run_due(at=at + days * DAY)
        collection.mark_overdue(at=at + days * DAY)
    late = Installment.objects.filter(plan=debited.plan_id, status="overdue")
    assert not late.exists()
    for days in (46, 47, 48):
        collection.run_due(at=at + days * DAY)
        payments.resolve_pulls(at=at + days * DAY)
    assert wrong() == []


@pytest.mark.parametrize("how", ["clears", "fails"])
def test_a_refund_of_all_before_its_end(debited, on_its_way, bank, merchant, at, how):
    from checkout import services as checkouts
    from payments.models import Refund

    now = at + 15 * DAY
    checkouts.refund_order(order_id=debited.id, merchant=merchant, amount_minor=22_900, reason="", actor="test", at=now)
    payments.send_refunds(at=now)
    assert wrong() == []
    end(bank, on_its_way, at + ENDED, how)
    payments.send_refunds(at=at + ENDED)
    collection.run_due(at=at + ENDED + 60 * DAY)
    given = sum(Refund.objects.filter(status="succeeded").values_list("amount_minor", flat=True))
    assert given == (11_450 if how == "clears" else 5_725)
    assert (Charge.objects.count(), used(debited), wrong()) == (2, 0, [])


def test_a_plan_is_not_given_up_over_what_is_on_its_way(debited, on_its_way, at):
    PaymentMethod.objects.filter(consumer=debited.consumer, kind="card").update(blocked_at=at)
    late = at + 200 * DAY
    collection.mark_overdue(at=late)
    with pytest.raises(Conflict):
        plans.losable(plan_id=debited.plan_id, days=120, at=late)
    assert wrong() == []


@pytest.mark.parametrize("how", ["clears", "fails"])
def test_a_person_who_asks_to_be_erased_is_kept_until_it_is_known(debited, on_its_way, bank, at, how):
    boss = make_boss("boss@kvart.example", "demo-password", name="Ada Admin")
    now = at + 15 * DAY
    wish = accounts.open_request(consumer=debited.consumer, kind="closure", text="Delete me", at=now)
    accounts.answer_request(request_id=wish.pk, user=boss, outcome="done", answer="When all is paid.", at=now)
    assert accounts.erase_closed(at=at + 8 * 366 * DAY) == 0
    end(bank, on_its_way, at + ENDED, how)
    assert taken(debited)[0] == (11_450 if how == "clears" else 5_725)
    assert Consumer.objects.get(pk=debited.consumer_id).is_erased is False
    assert wrong() == []
