"""A limit that two operators set, and a block of a person: what decisions and purchases make of them."""

from datetime import timedelta

import pytest

from accounts import services as people
from accounts.models import Block
from checkout import services as checkouts
from checkout.errors import Declined
from checkout.models import Order
from checkout.queries import get_checkout
from controls import services as controls
from controls.models import AuditRow
from core.errors import Conflict, Forbidden, Invalid
from core.money import Money
from credit import queries, services
from credit.models import CreditLine, Decision, LimitChange
from credit.proposals import Limit, OrderLimit, subject_of_limit
from credit.replaying import replay
from credit.rules import Inputs
from payments.queries import list_methods
from tests.cast import NOW, last_click
from tests.operators import make_operator

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(buy, merchant):
    """An order of somebody who has a limit."""
    return buy(merchant, 22_900)


@pytest.fixture
def two(db):
    """Two operators, one who proposes limits and one who decides."""
    return make_operator("pia@kvart.example", may=["propose_limit"]), make_operator("per@kvart.example", may=["approve_limit"])


def propose(order, user, minor):
    told = {"kind": Limit.name, "subject": subject_of_limit(order.consumer, "USD"), "after": {"limit_minor": minor}}
    return controls.propose(**told, reason="She earns more.", starts_on=None, user=user, at=NOW)


def limit(order):
    line = CreditLine.objects.get(consumer=order.consumer)
    return line.limit_minor, line.by_hand_minor


def test_two_people_set_a_limit_and_decisions_keep_to_it(order, two, buy, merchant):
    first, second = two
    before = limit(order)
    proposal = propose(order, first, 300_000)
    assert limit(order) == before
    with pytest.raises(Forbidden):
        controls.approve_proposal(proposal_id=proposal.pk, user=first, at=NOW)
    controls.approve_proposal(proposal_id=proposal.pk, user=second, at=NOW)
    assert limit(order) == (300_000, 300_000)
    assert [change.reason for change in queries.list_limit_changes(order.consumer.holder_id)] == ["set_by_hand", "first_decision"]
    again = services.decide(consumer=order.consumer, reference="x", amount=Money(5_000, "USD"), at=NOW)
    assert (again.outcome, again.limit_minor, again.inputs["by_hand_minor"]) == ("approve", 300_000, 300_000)
    assert replay(again).verdict.limit_minor == 300_000
    assert limit(order) == (300_000, 300_000)


def test_a_lifted_limit_is_computed_again_by_the_next_decision(order, two):
    first, second = two
    computed = limit(order)[0]
    for minor in (300_000, None):
        controls.approve_proposal(proposal_id=propose(order, first, minor).pk, user=second, at=NOW)
    assert limit(order) == (300_000, None)
    services.decide(consumer=order.consumer, reference="x", amount=Money(5_000, "USD"), at=NOW)
    assert limit(order) == (computed, None)


@pytest.mark.parametrize("minor", [-1, 22_899, "300", True, 10**18])
def test_a_limit_that_cannot_hold_is_not_proposed(order, two, minor):
    with pytest.raises(Invalid):
        propose(order, two[0], minor)
    assert limit(order)[1] is None


def test_who_may_not_propose_changes_nothing(order):
    with pytest.raises(Forbidden):
        propose(order, make_operator("lea@kvart.example"), 300_000)
    with pytest.raises(Conflict):
        services.set_limit(consumer_id=order.consumer_id, currency="USD", limit_minor=22_899, at=NOW)
    with pytest.raises(Conflict):
        services.set_limit(consumer_id=order.consumer_id, currency="DKK", limit_minor=50_000, at=NOW)
    assert limit(order)[1] is None
    assert LimitChange.objects.count() == 1


def block(consumer):
    user = make_operator("olga@kvart.example", may=["look_after_person"])
    return people.block_person(consumer_id=consumer.pk, user=user, reason="fraud", note="Cards of others.", at=NOW)


def test_a_blocked_person_is_declined_without_a_look_at_the_bureau(order, buy, merchant):
    block(order.consumer)
    asked = Decision.objects.latest("id").inquiry_id
    checkout = buy.open(merchant, 5_000)
    checkouts.identify(checkout_id=checkout.id, consumer=order.consumer, at=NOW)
    decision = checkouts.decide(checkout_id=checkout.id, at=NOW)
    assert (decision.outcome, decision.reasons, decision.inquiry_id) == ("decline", ["account_restricted"], None)
    assert replay(decision).verdict.reasons == ("account_restricted",)
    assert asked is not None
    assert "fraud" not in str((decision.inputs, decision.reasons, decision.versions)).lower()
    order.refresh_from_db()
    assert (order.status, order.plan.stopped_at) == ("authorized", None)


def test_a_block_after_the_decision_refuses_the_last_click(order, buy, merchant):
    checkout = buy.open(merchant, 5_000)
    checkouts.identify(checkout_id=checkout.id, consumer=order.consumer, at=NOW)
    assert checkouts.decide(checkout_id=checkout.id, at=NOW).outcome == "approve"
    made = block(order.consumer)
    (method,) = list_methods(order.consumer)
    with pytest.raises(Declined) as refused:
        last_click(checkout, order.consumer, "pay_in_4", method, NOW)
    assert (refused.value.detail, Order.objects.count()) == ("This purchase was not approved.", 1)
    assert get_checkout(checkout.id).status == "open"
    people.unblock_person(consumer_id=order.consumer_id, user=made.blocked_by, note="Cleared.", at=NOW)
    assert last_click(checkout, order.consumer, "pay_in_4", method, NOW).status == "authorized"
    assert Block.objects.filter(lifted_at=None).count() == 0


def test_decisions_from_before_are_replayed():
    kept = Inputs.from_json(
        {"amount_minor": 1, "exponent": 2, "identity": "none", "used_minor": 0, "history": {}, "bureau": None, "review": ""}
    )
    assert (kept.is_blocked, kept.by_hand_minor) == (False, None)


def order_limit(order):
    line = CreditLine.objects.get(consumer=order.consumer)
    return line.order_limit_minor, line.order_by_hand_minor, line.order_by_hand_until


def agree(order, two, minor, until, at=NOW):
    after = {"order_limit_minor": minor, "until": until and until.isoformat()}
    told = {"kind": OrderLimit.name, "subject": subject_of_limit(order.consumer, "USD"), "after": after}
    made = controls.propose(**told, reason="A new kitchen.", starts_on=None, user=two[0], at=at)
    return controls.approve_proposal(proposal_id=made.pk, user=two[1], at=at)


def decided(order, at):
    return services.decide(consumer=order.consumer, reference="x", amount=Money(5_000, "USD"), at=at)


def test_two_people_set_an_order_limit_which_decisions_use_until_its_day_is_over(order, two):
    computed = order_limit(order)[0]
    last = NOW.date() + timedelta(days=10)
    for minor in (computed + 20_000, computed - 30_000):
        agree(order, two, minor, last)
        decision = decided(order, NOW)
        assert (decision.order_limit_minor, order_limit(order)) == (minor, (minor, minor, last))
        assert replay(decision).verdict.order_limit_minor == minor
    assert decided(order, NOW + timedelta(days=10)).order_limit_minor == computed - 30_000
    # Over: decisions compute it before the timer came by, and the timer forgets it.
    assert decided(order, NOW + timedelta(days=11)).order_limit_minor == computed
    assert services.end_order_limits(at=NOW + timedelta(days=10)) == 0
    assert (services.end_order_limits(at=NOW + timedelta(days=11)), order_limit(order)) == (1, (computed, None, None))
    assert services.end_order_limits(at=NOW + timedelta(days=11)) == 0
    told = AuditRow.objects.filter(act="credit.order_limit_set").order_by("id").values_list("facts__order_by_hand_minor", flat=True)
    assert list(told) == [computed + 20_000, computed - 30_000, None]


def test_an_order_limit_is_never_above_the_limit(order, two):
    limit_minor = limit(order)[0]
    last = NOW.date() + timedelta(days=10)
    with pytest.raises(Invalid, match="above the limit"):
        agree(order, two, limit_minor + 1, last)
    agree(order, two, limit_minor, last)
    for second in (controls.approve_proposal(proposal_id=propose(order, two[0], 40_000).pk, user=two[1], at=NOW),):
        assert (second.status, order_limit(order)[0]) == ("applied", 40_000)
    with pytest.raises(Conflict):
        services.set_order_limit(consumer_id=order.consumer_id, currency="USD", limit_minor=40_001, until=last, at=NOW)
    assert decided(order, NOW).order_limit_minor == 40_000


def test_an_order_limit_is_lifted_at_once(order, two):
    computed = order_limit(order)[0]
    agree(order, two, 100, NOW.date())
    agree(order, two, None, None)
    assert order_limit(order) == (computed, None, None)


@pytest.mark.parametrize("after", [{"order_limit_minor": 100, "until": None}, {"order_limit_minor": None, "until": "2030-01-01"},
                                   {"order_limit_minor": True, "until": "2030-01-01"}, {"order_limit_minor": -1, "until": "2030-01-01"},
                                   {"order_limit_minor": 100, "until": "soon"}, {"order_limit_minor": 100}])  # fmt: skip
def test_an_order_limit_that_cannot_hold_is_not_proposed(order, two, after):
    told = {"kind": OrderLimit.name, "subject": subject_of_limit(order.consumer, "USD"), "after": after}
    with pytest.raises(Invalid):
        controls.propose(**told, reason="x", starts_on=None, user=two[0], at=NOW)


@pytest.mark.parametrize("days", [-1, 367])
def test_an_order_limit_ends_within_a_year(order, two, days):
    with pytest.raises(Conflict, match="over, or more than a year"):
        agree(order, two, 100, NOW.date() + timedelta(days=days))
    assert order_limit(order)[1] is None


def test_an_order_above_an_order_limit_by_hand_is_held(order, two, buy, merchant):
    agree(order, two, 4_000, NOW.date())
    checkout = buy.open(merchant, 5_000)
    checkouts.identify(checkout_id=checkout.id, consumer=order.consumer, at=NOW)
    assert checkouts.decide(checkout_id=checkout.id, at=NOW).outcome == "approve"
    (method,) = list_methods(order.consumer)
    held = last_click(checkout, order.consumer, "pay_in_4", method, NOW)
    assert (held.status, held.review.reason) == ("pending_review", "order_limit")
