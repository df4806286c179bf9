"""What the due run claims: what the plain way would, in chunks, and nothing that somebody else is at."""

import random
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from checkout import services as checkouts
from collection import services as collection
from collection.services import due
from collection.services.due import START, claim_due
from core.clock import local_date
from payments.models import Charge, PaymentMethod
from plans.models import Installment, Plan
from plans.queries import lock_plan


def captured(buy, merchant, at, count):
    orders = [buy(merchant, 8_000 + n, email=f"p{n}+approve@people.example") for n in range(count)]
    for order in orders:
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    return orders


def plain(at):
    """What is due, the plain way: installment, amount, method."""
    found = []
    for row in Installment.objects.select_related("plan__payment_method").order_by("due_date", "id"):
        waits = row.next_attempt_at is not None and row.next_attempt_at > at
        if row.status not in Installment.OPEN or row.charge_id or waits or row.plan.status != "active":
            continue
        if row.due_date > local_date(at, row.plan.time_zone):
            continue
        methods = PaymentMethod.objects.filter(consumer=row.plan.consumer, removed_at=None, blocked_at=None).order_by("position", "-id")
        own = sorted(methods, key=lambda method: method.id != row.plan.payment_method_id)
        if own:
            found.append((row.id, row.open_minor, own[0].id))
    return found


@pytest.mark.parametrize("seed", range(3))
def test_the_claim_is_what_the_plain_way_finds(buy, merchant, at, seed):
    orders = captured(buy, merchant, at, 6)
    chance = random.Random(seed)
    for row in Installment.objects.all():
        change = {
            "next_attempt_at": chance.choice([None, None, at, at + timedelta(days=2), at + timedelta(days=90)]),
            "status": chance.choice(["scheduled", "scheduled", "overdue", "partially_paid", "canceled"]),
            "paid_principal_minor": chance.choice([0, 0, 100]),
            "attempts": chance.choice([0, 0, 1]),
        }
        Installment.objects.filter(id=row.id).update(**change)
    zones = ["America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago"]
    for order in orders:
        Plan.objects.filter(id=order.plan_id).update(
            time_zone=chance.choice(zones), status=chance.choice(["active", "active", "charged_off"])
        )
    PaymentMethod.objects.filter(consumer=orders[0].consumer).update(blocked_at=at)
    PaymentMethod.objects.filter(consumer=orders[1].consumer).update(removed_at=at)
    PaymentMethod.objects.filter(consumer=orders[2].consumer).update(blocked_at=at)
    PaymentMethod.objects.create(
        consumer=orders[2].consumer, gateway="sandbox", token="pm_y", brand="visa", last4="1", exp_month=1, exp_year=2030, created_at=at
    )
    late = at + timedelta(days=43)
    expected = plain(late)
    requests, _, _ = claim_due(at=late)
    claimed = {row.charge_id: row.id for row in Installment.objects.filter(charge_id__isnull=False)}
    assert len(expected) > 0
    assert sorted((claimed[r.id], r.amount_minor, r.payment_method_id) for r in requests) == sorted(expected)
    assert Charge.objects.filter(status="pending").count() == len(expected)
    assert claim_due(at=late)[0] == []


def test_a_run_goes_through_in_chunks(buy, merchant, at, monkeypatch):
    captured(buy, merchant, at, 3)
    monkeypatch.setattr(due, "CHUNK", 5)
    sizes = []
    genuine = due.claim_due

    def claim(**how):
        result = genuine(**how)
        sizes.append(len(result[0]))
        return result

    monkeypatch.setattr(due, "claim_due", claim)
    assert collection.run_due(at=at + timedelta(days=75)) == 12
    assert sizes == [5, 5, 2]
    assert set(Plan.objects.values_list("status", flat=True)) == {"completed"}


def test_what_cannot_be_charged_does_not_keep_the_rest_from_its_turn(buy, merchant, at, monkeypatch):
    orders = captured(buy, merchant, at, 4)
    for order in orders[:3]:
        PaymentMethod.objects.filter(consumer=order.consumer).update(blocked_at=at)
    monkeypatch.setattr(due, "CHUNK", 2)
    assert collection.run_due(at=at) == 1
    assert collection.run_due(at=at) == 0


@pytest.mark.django_db(transaction=True)
def test_a_plan_that_somebody_is_changing_is_left_for_the_next_run(buy, merchant, at):
    (order,) = captured(buy, merchant, at, 1)
    locked, done = threading.Event(), threading.Event()

    def change():
        try:
            with transaction.atomic():
                lock_plan(order.plan_id)
                locked.set()
                done.wait(10)
        finally:
            connection.close()

    other = threading.Thread(target=change)
    other.start()
    assert locked.wait(10)
    assert claim_due(at=at, after=START) == ([], 0, START)
    done.set()
    other.join()
    assert len(claim_due(at=at)[0]) == 1
