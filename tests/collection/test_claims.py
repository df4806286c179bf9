"""What the due run claims: what the plain way would, in chunks, and nothing that somebody else is at."""

import random
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from checkout import services as checkouts
from collection import services as collection
from collection.queries import DUE
from collection.services import due
from collection.services.due import START, claim_due
from core.clock import local_date
from core.db import rows
from payments import services as payments
from payments.models import Charge, PaymentMethod
from plans.models import Installment, Plan
from plans.queries import lock_plan
from tests.owner import unguarded


def captured(buy, merchant, at, count):
    orders = [buy(merchant, 8_000 + n, email=f"p{n}+approve@people.example") for n in range(count)]
    for order in orders:
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    return orders


def due_rows(at):
    """The installments that are due, the plain way."""
    found = []
    for row in Installment.objects.select_related("plan__payment_method").order_by("due_date", "id"):
        waits = row.next_attempt_at is None or row.next_attempt_at > at
        if row.status not in Installment.OPEN or row.charge_id or waits or row.plan.status != "active":
            continue
        if row.due_date > local_date(at, row.plan.time_zone):
            continue
        found.append(row)
    return found


def plain(at):
    """What is due and can be charged, the plain way: installment, amount, method."""
    found = []
    for row in due_rows(at):
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
            "next_attempt_at": chance.choice([None, at, at, at + timedelta(days=2), at + timedelta(days=90)]),
            "status": chance.choice(["scheduled", "scheduled", "overdue", "partially_paid", "canceled"]),
            "paid_principal_minor": chance.choice([0, 0, 100]),
            "attempts": chance.choice([0, 0, 1]),
        }
        with unguarded():
            Installment.objects.filter(id=row.id).update(**change)
    zones = ["America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago"]
    for order in orders:
        with unguarded():
            Plan.objects.filter(id=order.plan_id).update(
                time_zone=chance.choice(zones), status=chance.choice(["active", "active", "charged_off"])
            )
    PaymentMethod.objects.filter(consumer=orders[0].consumer).update(blocked_at=at)
    PaymentMethod.objects.filter(consumer=orders[1].consumer).update(removed_at=at)
    PaymentMethod.objects.filter(consumer=orders[2].consumer).update(blocked_at=at)
    PaymentMethod.objects.create(
        consumer=orders[2].consumer,
        gateway="sandbox",
        token="pm_y",
        shown={"brand": "visa", "last4": "1", "exp_month": 1, "exp_year": 2030},
        created_at=at,
    )
    late = at + timedelta(days=43)
    expected = plain(late)
    unpayable = {row.id for row in due_rows(late)} - {row for row, _, _ in expected}
    requests, _, _ = claim_due(at=late)
    claimed = {row.charge_id: row.id for row in Installment.objects.filter(charge_id__isnull=False)}
    assert len(expected) > 0
    assert sorted((claimed[r.id], r.amount_minor, r.payment_method_id) for r in requests) == sorted(expected)
    assert Charge.objects.filter(status="pending").count() == len(expected)
    left = set(Installment.objects.filter(next_attempt_at=None, id__in=unpayable).values_list("id", flat=True))
    assert left == unpayable
    assert claim_due(at=late)[:2] == ([], 0)


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


def without_a_card(order, at):
    """Leave the consumer of an order without a card that can be charged, and let the due run find that out."""
    PaymentMethod.objects.filter(consumer=order.consumer).update(blocked_at=at)
    assert collection.charge_plan_now(plan_id=order.plan_id, at=at) == 0
    assert Installment.objects.get(plan=order.plan_id, number=1).next_attempt_at is None


def rows_read(sql, params):
    """How many installments a statement looks at, by its plan, those that it passes over included."""

    def read(node):
        mine = node.get("Relation Name") == "plans_installment"
        own = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"] if mine else 0
        return own + sum(read(child) for child in node.get("Plans", []))

    with transaction.atomic():
        # Few rows would all be read instead of an index.
        rows("SET LOCAL enable_seqscan = off")
        ((found,),) = rows("EXPLAIN (ANALYZE, FORMAT JSON) " + sql, params)
    return read(found[0]["Plan"])


def test_what_no_card_can_pay_is_not_even_read(buy, merchant, at, django_assert_num_queries):
    first, *others = captured(buy, merchant, at, 4)
    for order in others:
        without_a_card(order, at)
    collection.run_due(at=at)
    params = {"at": at, "after_moment": START[0], "after_id": START[1], "plan": None, "limit": 500}
    assert rows_read(due._DUE, params) == 0
    assert rows_read(f"SELECT {DUE}", {"at": at}) == 0
    assert rows("SELECT " + DUE, {"at": at}) == [(False,)]
    with django_assert_num_queries(3):  # savepoint, claim, release
        assert claim_due(at=at) == ([], 0, START)
    late = at + timedelta(days=1)
    assert collection.mark_overdue(at=late) == 3
    assert collection.mark_overdue(at=late) == 0
    assert rows_read(due._DUE, params | {"at": late}) == 0
    assert Installment.objects.get(plan=first.plan_id, number=1).status == "paid"


@pytest.mark.django_db(transaction=True)
def test_a_run_locks_nothing_that_cannot_be_charged(buy, merchant, at):
    (order,) = captured(buy, merchant, at, 1)
    without_a_card(order, at)
    claimed, done = threading.Event(), threading.Event()

    def claim():
        try:
            with transaction.atomic():
                assert claim_due(at=at) == ([], 0, START)
                claimed.set()
                done.wait(10)
        finally:
            connection.close()

    other = threading.Thread(target=claim)
    other.start()
    assert claimed.wait(10)
    with transaction.atomic():
        assert len(rows("SELECT id FROM plans_plan FOR UPDATE NOWAIT")) == 1
        assert len(rows("SELECT id FROM plans_installment FOR UPDATE NOWAIT")) == 4
    done.set()
    other.join()


def test_a_new_card_lets_everything_be_charged_again(buy, merchant, at):
    orders = [buy(merchant, 8_000), buy(merchant, 9_000)]
    for order in orders:
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    without_a_card(orders[0], at)
    payments.add_card(consumer=orders[0].consumer, number="5555555555554444", at=at)
    assert collection.run_due(at=at) == 2
    assert {charge.payment_method.last4 for charge in Charge.objects.filter(status="succeeded")} == {"4444"}


def test_another_s_card_changes_nothing(buy, merchant, at):
    first, second = captured(buy, merchant, at, 2)
    without_a_card(first, at)
    payments.add_card(consumer=second.consumer, number="5555555555554444", at=at)
    collection.run_due(at=at)
    assert Installment.objects.get(plan=first.plan_id, number=1).next_attempt_at is None
    assert Charge.objects.filter(reference=first.plan.public_id).count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_card_added_while_a_run_gives_up_is_not_missed(buy, merchant, at, at_once):
    """The run reads the cards, and before it notes that there is none, one comes: whoever comes last sees the other."""
    for order in captured(buy, merchant, at, 4):
        PaymentMethod.objects.filter(consumer=order.consumer).update(blocked_at=at)
        acts = [
            lambda: claim_due(at=at),
            lambda order=order: payments.add_card(consumer=order.consumer, number="5555555555554444", at=at),
        ]
        results = at_once(2, lambda number, acts=acts: acts[number]())
        assert [result for result in results if isinstance(result, Exception)] == []
        row = Installment.objects.get(plan=order.plan_id, number=1)
        assert row.charge_id is not None or row.next_attempt_at is not None
