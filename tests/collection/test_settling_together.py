"""Settlements over several plans: one amount by what is open, accepted, paid and broken as one; races, kills, books in balance."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from checkout import services as checkouts
from collection import services as collection
from collection.joint import divide, list_late_together, live_of, parts_of, standing_of
from collection.models import JointSettlement, Settlement
from collection.services import settled as services
from collection.services.settling import close_settlements
from collection.settling import Terms, open_minor_of
from controls import services as controls
from controls.models import Proposal
from core import relay
from core.errors import Conflict, Invalid, NotFound
from notifications.models import Message
from payments.models import Charge, PaymentMethod
from plans.errors import SomethingElse
from plans.models import Forgiven, FreePayment, Plan
from plans.queries import installments_of
from reports.books import check_books
from tests.collection.test_payments_taken_back import fail, hear_of
from tests.collection.test_settling import anna, bo, offer, pay
from tests.dying import dying_after

__all__ = ["anna", "bo"]
DAY = timedelta(days=1)


@pytest.fixture
def orders(buy, merchant, at):
    """Give three orders of one person, 120 days after their second payments were due; in the order of their plans."""
    found = []
    for amount in (8_000, 5_000, 2_002):
        order = buy(merchant, amount, email="payer+approve@people.example")
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
        found.append(order)
    collection.run_due(at=at)
    PaymentMethod.objects.update(blocked_at=at)
    for order in found:
        order.late = at + 134 * DAY
    collection.run_due(at=found[0].late)
    collection.mark_overdue(at=found[0].late)
    return sorted(found, key=lambda order: order.plan_id)


def offered(orders, user, minor, at, count=1, first=5, note=""):
    terms = Terms.even(minor, count, at.date() + first * DAY, 30)
    return collection.settle_together(plan_ids=[one.plan_id for one in orders], terms=terms, note=note, user=user, at=at)


def accepted(orders, user, minor, at, **how):
    joint = offered(orders, user, minor, at, **how)
    collection.accept_settlement(settlement_id=joint.members.last().pk, actor="con", at=at)
    return joint


def pay_next(joint, at, seen=None):
    PaymentMethod.objects.update(blocked_at=None)
    plan = joint.members.first().plan
    seen = seen or standing_of(live_of(joint)).seal
    return collection.pay_joint_settlement(joint=joint, method=plan.payment_method, seen=seen, at=at)


def wrong():
    return [line for check in check_books() for line in check.offenders]


def statuses(orders):
    return [Settlement.objects.filter(plan=one.plan_id).latest("id").status for one in orders]


def plans_of(orders):
    return [Plan.objects.get(pk=one.plan_id).status for one in orders]


def opened(orders):
    return [open_minor_of(installments_of(Plan.objects.get(pk=one.plan_id))) for one in orders]


def letters():
    relay.drain()
    return list(Message.objects.filter(channel="email", kind__startswith="settlement").order_by("id").values_list("kind", flat=True))


def test_an_amount_is_divided_to_the_minor_unit_by_what_is_open():
    assert divide(100, [1, 1, 1]) == [34, 33, 33]
    assert divide(7_001, [6_000, 3_750, 1_501]) == [3_734, 2_333, 934]
    terms = Terms.even(7_001, 3, date(2026, 12, 1), 30)
    shares = parts_of(terms, [6_000, 3_750, 1_501])
    assert [one.amount_minor for one in shares] == [3_734, 2_333, 934]
    for place, (_day, minor) in enumerate(terms.parts):
        assert sum(one.parts[place][1] for one in shares) == minor


@pytest.mark.django_db(transaction=True)
def test_several_late_plans_are_settled_by_one_offer_and_one_button_and_one_that_is_taken_back_is_owed_again(orders, anna, settings):
    at, sums = orders[0].late, opened(orders)
    assert sorted(sums) == [1_501, 3_750, 6_000]
    members, left_out = list_late_together(orders[0].consumer, "USD", at)
    assert ([one.plan.pk for one in members], left_out) == ([one.plan_id for one in orders], {})
    single = offer(orders[1], anna, 3_000, at)
    joint = accepted(orders, anna, 8_001, at)
    single.refresh_from_db()
    assert (single.status, joint.open_minor) == ("fell_away", 11_251)
    mine = list(joint.members.order_by("plan_id").values_list("amount_minor", flat=True))
    assert (sum(mine), mine) == (8_001, divide(8_001, sums))
    with pytest.raises(SomethingElse):
        pay_next(joint, at, seen="x")
    charges = pay_next(joint, at + DAY)
    assert ([one.amount_minor for one in charges], FreePayment.objects.values("together").distinct().count()) == (mine, 1)
    assert letters() == ["settlement_offered", "settlement_offered", "settlement_accepted", "settlement_paid"]
    assert (statuses(orders), plans_of(orders), wrong()) == (["settled"] * 3, ["completed"] * 3, [])
    assert sum(one.principal_minor for one in Forgiven.objects.all()) == 11_251 - 8_001
    fail(charges[0], settings)
    hear_of(charges[0], at + 9 * DAY)
    assert (statuses(orders), plans_of(orders), opened(orders), wrong()) == (
        *(["reopened", "settled", "settled"], ["active", "completed", "completed"], [sums[0], 0, 0], []),
    )


@pytest.mark.django_db(transaction=True)
def test_the_sum_says_whether_one_operator_may_and_the_database_holds_each_part_to_it(orders, anna, bo):
    at, sums = orders[0].late, opened(orders)
    asked = offered(orders, anna, 2_000, at, note="Has nothing else")
    assert (isinstance(asked, Proposal), JointSettlement.objects.count()) == (True, 0)
    keys = [str(one.plan_id) for one in orders]
    told = {"consumer": orders[0].consumer, "currency": "USD", "made_by": "x", "made_at": at, "until": at.date(), "open_minor": 11_251}
    day = at.date().isoformat()

    def of(minor, shares=None, **more):
        parts = shares or divide(minor, sums)
        rows = [list(one) for one in zip(keys, sums, parts, strict=True)]
        return told | {"amount_minor": minor, "parts": [[day, minor]], "shares": rows} | more

    alone = 7_876  # 70 % of the sum
    for facts in (
        of(2_000),
        of(2_000, proposal=asked),
        of(alone - 1),
        of(alone, [alone - 2, 1, 1]),
        of(alone, parts=[[day, alone - 1]]),
        of(alone, open_minor=11_000),
        of(alone),  # without its members
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            JointSettlement.objects.create(**facts)
    joint = offered(orders, anna, alone, at)
    part = joint.members.first()
    copied = {"plan_id": part.plan_id, "consumer": part.consumer, "stage": part.stage, "open_minor": part.open_minor, "made_by": "x"}
    copied |= {"owed_minor": part.owed_minor, "amount_minor": 1, "parts": part.parts, "until": part.until, "made_at": at, "joint": joint}
    collection.withdraw_settlement(settlement_id=part.pk, user=anna, at=at)
    assert set(statuses(orders)) == {"fell_away"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Settlement.objects.create(**copied)
    for bad in (orders[:1], [orders[0], orders[0]]):
        with pytest.raises(Invalid):
            offered(bad, anna, 5_000, at)
    with pytest.raises(Invalid):
        offered(orders, anna, 100, at)
    controls.approve_proposal(proposal_id=asked.pk, user=bo, at=at)
    joint = JointSettlement.objects.latest("id")
    assert (joint.proposal, joint.amount_minor, statuses(orders)) == (asked, 2_000, ["offered"] * 3)
    with pytest.raises(NotFound):
        collection.accept_settlement(settlement_id=joint.pk, actor="con", at=at)


@pytest.mark.django_db(transaction=True)
def test_one_missed_part_breaks_all_what_was_paid_counts_and_a_timer_ends_what_nobody_accepts(orders, anna):
    at, sums = orders[0].late, opened(orders)
    first = offered(orders, anna, 9_000, at)
    over = at + 6 * DAY
    assert close_settlements(plan_ids=[one.plan_id for one in orders], day=over.date(), at=over) == 0
    assert (collection.end_joint_settlements(at=at), collection.end_joint_settlements(at=over)) == (0, 1)
    first.refresh_from_db()
    assert (set(statuses(orders)), first.due_at) == ({"expired"}, None)
    with pytest.raises(Conflict):
        collection.accept_settlement(settlement_id=first.members.first().pk, actor="con", at=over)
    joint = accepted(orders, anna, 9_000, at, count=2)
    # All of two plans' first parts, and none of the third's.
    shares = standing_of(live_of(joint)).next
    assert sum(shares.values()) == 4_500
    paid = [pay(order, shares[order.plan_id], at + DAY)[0].amount_minor for order in orders[:2]]
    relay.drain()
    assert standing_of(live_of(joint)).next == {orders[2].plan_id: shares[orders[2].plan_id]}
    assert collection.end_joint_settlements(at=at + 5 * DAY) == 0
    assert collection.end_joint_settlements(at=at + 7 * DAY) == 1
    assert (set(statuses(orders)), plans_of(orders)) == ({"broken"}, ["active"] * 3)
    assert opened(orders) == [sums[0] - paid[0], sums[1] - paid[1], sums[2]]
    assert not Plan.objects.exclude(settling_until=None).exists()
    assert (letters().count("settlement_broken"), wrong()) == (1, [])


@pytest.mark.django_db(transaction=True)
def test_a_plan_that_is_paid_or_refunded_meanwhile_is_done_and_the_others_go_on(orders, anna, merchant):
    at, sums = orders[0].late, opened(orders)
    joint = accepted(orders, anna, 9_000, at, count=1)
    pay(orders[0], sums[0], at + DAY)
    checkouts.refund_order(
        order_id=orders[1].id, merchant=merchant, amount_minor=orders[1].amount_minor, reason="", actor="test", at=at + DAY
    )
    relay.drain()
    assert plans_of(orders)[0] == "completed"
    assert sum(standing_of(live_of(joint)).next.values()) == divide(9_000, sums)[2]
    pay_next(joint, at + DAY)
    relay.drain()
    assert (statuses(orders), plans_of(orders)[2], wrong()) == (["fell_away", "fell_away", "settled"], "completed", [])
    assert Message.objects.filter(channel="email", kind="settlement_paid").count() == 1


@pytest.mark.django_db(transaction=True)
def test_last_payments_and_a_break_at_once_and_a_kill_between_parts_settle_all_or_none(orders, anna, at_once):
    at = orders[0].late
    joint = accepted(orders, anna, 9_000, at)
    shares = standing_of(live_of(joint)).next

    def act(number):
        if number == 3:
            return collection.end_joint_settlements(at=at + 7 * DAY)
        charged = pay(orders[number], shares[orders[number].plan_id], at)
        collection.settle_paid(plan_id=orders[number].plan_id, at=at)
        return charged

    results = at_once(4, act)
    assert [one for one in results if isinstance(one, Exception)] == []
    settled = statuses(orders)[0] == "settled"
    assert (set(statuses(orders)), wrong()) == ({"settled" if settled else "broken"}, [])
    assert (Forgiven.objects.count(), set(plans_of(orders))) == ((3, {"completed"}) if settled else (0, {"active"}))
    assert Charge.objects.filter(amount_minor__in=shares.values(), status="succeeded").count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_kill_between_two_parts_settles_none_and_breaking_beside_paying_is_one_of_both(orders, anna, at_once):
    at = orders[0].late
    joint = accepted(orders, anna, 9_000, at)
    pay_next(joint, at)
    with dying_after(services, "end"):
        collection.settle_paid(plan_id=orders[1].plan_id, at=at)
    assert (statuses(orders), Forgiven.objects.count()) == (["accepted"] * 3, 0)
    late = at + 7 * DAY
    acts = [lambda: collection.end_joint_settlements(at=late), lambda: collection.settle_paid(plan_id=orders[0].plan_id, at=late)]
    at_once(4, lambda number: acts[number % 2]())
    assert (set(statuses(orders)), Forgiven.objects.count(), wrong()) == ({"settled"}, 3, [])
