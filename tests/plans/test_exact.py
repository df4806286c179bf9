"""Settling charges as sets does what settling them one by one does."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from checkout import services as checkouts
from collection import services as collection
from collection.services.due import claim_due
from core.models import OutboxEvent
from credit.models import CreditLine
from ledger.models import Line
from payments.models import Charge, Refund
from plans.models import Allocation, Installment, Plan, PlanChange
from plans.services import charges as subject
from plans.services.exact import settle_exact
from tests.owner import tamper


@pytest.fixture
def at_work(buy, merchant, at):
    """Four orders in four parts and one with interest, all with payments due in the next months."""
    orders = [buy(merchant, 8_000 + n, email=f"p{n}+approve@people.example") for n in range(4)]
    orders.append(buy(merchant, 60_000, product="monthly_6", email="p9+approve@people.example"))
    for order in orders:
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    return orders


def asked(requests):
    """Let the gateway's answers be recorded without anybody hearing of it."""
    ids = [request.id for request in requests]
    Charge.objects.filter(id__in=ids).update(status="succeeded", gateway_ref="ch_x")
    return ids


def everything():
    return {
        "installments": list(
            Installment.objects.order_by("id").values_list(
                "id",
                "status",
                "paid_principal_minor",
                "paid_interest_minor",
                "interest_minor",
                "charge_id",
                "next_attempt_at",
                "last_failure",
                "paid_at",
            )
        ),
        "allocations": sorted(
            Allocation.objects.values_list("installment_id", "charge_id", "principal_minor", "interest_minor", "refunded_minor", "at")
        ),
        "lines": sorted(
            Line.objects.values_list("entry__kind", "entry__source", "account__kind", "account__owner", "currency", "amount_minor")
        ),
        "plans": list(Plan.objects.order_by("id").values_list("id", "status")),
        "credit": list(CreditLine.objects.order_by("id").values_list("id", "used_minor")),
        "refunds": list(Refund.objects.order_by("charge_id").values_list("charge_id", "amount_minor", "reference")),
        "changes": PlanChange.objects.count(),
        "events": sorted(repr(event) for event in OutboxEvent.objects.values_list("name", "payload", "at")),
    }


def outcome(settle, ids, at):
    """What settling does, undone again."""
    with transaction.atomic():
        settle(charge_ids=ids, at=at)
        found = everything()
        transaction.set_rollback(True)
    return found


def assert_same(ids, at):
    sets = outcome(subject.settle_charges, ids, at)
    singly = outcome(subject.settle_one_by_one, ids, at)
    for name in sets:
        assert sets[name] == singly[name], name
    return sets


def test_a_late_run_that_pays_everything_at_once(at_work, at):
    late = at + timedelta(days=75)
    requests, found, _ = claim_due(at=late)
    assert (len(requests), found) == (18, 18)
    ids = asked(requests)
    after = assert_same(ids, late)
    assert [status for _, status in after["plans"]].count("completed") == 4
    assert after["refunds"] == []
    assert len(settle_exact(charge_ids=ids, at=late)) == 18


def test_charges_that_took_too_much_or_too_little_or_come_twice(at_work, at):
    requests, _, _ = claim_due(at=at)
    ids = asked(requests)
    assert len(ids) == 4
    much, little, loose = ids[0], ids[1], ids[2]
    for charge_id, minor in ((much, 50_000), (little, 7)):
        tamper("UPDATE payments_charge SET amount_minor = %s WHERE id = %s", [minor, charge_id])
    Installment.objects.filter(charge_id=loose).update(charge_id=None)
    after = assert_same(ids, at)
    assert len(after["refunds"]) == 1
    exact = settle_exact(charge_ids=ids, at=at)
    assert {much, little, loose}.isdisjoint(exact)
    assert exact == {ids[3]}


def test_early_payments_with_interest_are_left_to_the_slow_way(at_work, at):
    plan = Plan.objects.get(product__code="monthly_6")
    charge_id = claim_early(plan, at)
    assert settle_exact(charge_ids=[charge_id], at=at) == set()
    after = assert_same([charge_id], at)
    assert after["changes"] > 0


def claim_early(plan, at):
    from core.ids import uuid7
    from payments import services as payments
    from payments.gateways.base import ChargeRequest

    key, method = uuid7(), plan.payment_method
    quote = subject.claim_early(plan=plan, scope="all", charge_id=key, at=at)
    request = ChargeRequest(
        id=key,
        gateway=method.gateway,
        token=method.token,
        payment_method_id=method.id,
        reference=plan.public_id,
        amount_minor=quote.amount_minor,
        currency=plan.currency,
    )
    payments.open_charges(requests=[request], at=at)
    return asked([request])[0]


def counted(act):
    with CaptureQueriesContext(connection) as queries:
        act()
    return len([q for q in queries if "SAVEPOINT" not in q["sql"]])


def test_the_number_of_statements_does_not_grow_with_the_charges(at_work, at):
    late = at + timedelta(days=75)
    requests, _, _ = claim_due(at=late)
    ids = asked(requests)
    with_interest = set(Installment.objects.filter(interest_minor__gt=0, charge_id__in=ids).values_list("charge_id", flat=True))
    plain = [key for key in ids if key not in with_interest]
    # The first charge of a gateway, and the first with interest, open accounts of the ledger by the plain way.
    parts = [[*with_interest, plain[0]], plain[1:2], plain[2:]]
    # What completes plans tells so with one more.
    assert [counted(lambda some=some: subject.settle_charges(charge_ids=some, at=late)) for some in parts] == [10, 6, 7]


def test_a_chunk_of_the_due_run_costs_a_fixed_number_of_statements(at_work, at):
    made = []
    counts = [counted(lambda day=day: made.append(collection.run_due(at=at + timedelta(days=day)))) for day in (0, 14, 31, 75)]
    assert made == [4, 4, 5, 5]
    # The first run draws on holds (two more) and opens the gateway's account (four); the third opens that of interest; the last
    # tells of completed plans.
    assert counts == [16, 10, 14, 11]
