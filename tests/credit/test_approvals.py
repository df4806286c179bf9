"""A refusal that people overrule: what they approve counts once, holds for some days, and stops at what no operator may overrule."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from accounts.models import Consumer
from core.errors import Conflict, DomainError, Forbidden, Invalid
from core.models import OutboxEvent
from core.money import Money
from credit import queries, rules, services
from credit.errors import FiguresNeeded, LimitExceeded
from credit.models import Approval, CreditLine, Decision, LimitChange
from credit.queries import final_reasons, reasons_beside
from credit.replaying import replay
from credit.rules import Inputs
from credit.rules.affording import TOO_HIGH, Declared
from tests.credit.test_affording import laws  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db
TOLD = {"why": "figures_proven", "note": "Pay slips of three months", "actor": "7"}


@pytest.fixture
def refused(person, decide) -> Decision:
    found = decide(person("+decline"), 20_000)
    assert found.outcome == "decline"
    return found


def overrule(decision: Decision, at, minor: int = 20_000, **changed) -> Approval:
    return services.overrule(decision_id=decision.pk, amount_minor=minor, at=at, **TOLD | changed)


def reserve(consumer: Consumer, minor: int, at) -> None:
    services.reserve(consumer_id=consumer.pk, currency="USD", amount_minor=minor, at=at)


def test_the_same_purchase_is_approved_once_and_nothing_beyond_it(refused, decide, at):
    overrule(refused, at)
    again = decide(refused.consumer, 20_000)
    assert (again.outcome, again.reasons, again.limit_minor, again.order_limit_minor) == ("approve", ["approved_by_people"], 20_000, 20_000)
    assert replay(again).differences == {}
    reserve(refused.consumer, 20_000, at)
    with pytest.raises(LimitExceeded):
        reserve(refused.consumer, 1, at)
    after = decide(refused.consumer, 1_000)
    assert (after.outcome, after.limit_minor) == ("decline", 20_000)
    assert CreditLine.objects.get().limit_minor == 20_000
    assert [change.reason for change in LimitChange.objects.all()] == ["first_decision"]


def test_what_is_owed_stands_beside_it(person, decide, at):
    buyer = person("+approve")
    limit = decide(buyer, 10_000).limit_minor
    reserve(buyer, limit, at)
    refused = decide(buyer, 5_000)
    assert refused.reasons == ["limit_exceeded"]
    assert overrule(refused, at, 5_000).granted_minor == limit + 5_000
    assert decide(buyer, 5_001).outcome == "decline"
    assert decide(buyer, 5_000).limit_minor == limit + 5_000
    assert LimitChange.objects.latest("number").reason == "looked_again"


def test_it_ends_after_its_days(refused, decide, at):
    made = overrule(refused, at)
    assert made.until == at + timedelta(days=14)
    assert decide(refused.consumer, 20_000, at=made.until).outcome == "decline"


def test_more_than_was_approved_is_refused_for_the_reasons_of_before(refused, decide, at):
    overrule(refused, at, 15_000)
    again = decide(refused.consumer, 15_001)
    assert (again.outcome, again.reasons) == ("decline", refused.reasons)
    assert OutboxEvent.objects.filter(name="credit.application_declined").count() == 2


@pytest.mark.parametrize("why", sorted(rules.FINAL))
def test_what_the_law_the_person_or_the_account_refuses_stays_refused(refused, why, at):
    verdict = rules.Verdict("decline", 0, 0, 500, (why,))
    assert not rules.can_be_overruled(verdict)
    inputs = replace(Inputs.from_json(refused.inputs), granted_minor=20_000)
    barred = {
        "account_restricted": {"is_blocked": True},
        "identity_not_verified": {"identity": "rejected"},
        "overdue_with_us": {"history": rules.History(overdue_now=1)},
        rules.OWN_LIMIT: {"own_minor": 0},
    }.get(why)
    if barred:
        assert rules.assess_3(replace(inputs, **barred)).reasons == (why,)


def test_a_person_who_stopped_their_purchases_is_not_overruled(person, decide, at):
    buyer = person("+approve")
    decide(buyer, 10_000)
    services.set_own_limit(consumer=buyer, currency="USD", limit_minor=0, at=at)
    with pytest.raises(Conflict, match="cannot be overruled"):
        overrule(decide(buyer, 10_000), at, 10_000)


def test_what_the_law_would_refuse_is_approved_only_with_a_proven_income(laws, person, world):  # noqa: F811
    day, buyer = datetime(2026, 11, 25, 12, tzinfo=UTC), person("+decline", market="DK")
    about = {"consumer": buyer, "reference": "chk_1", "amount": Money(1_000_000, "DKK"), "payment_of": lambda: 500_000, "at": day}
    services.declare(consumer=buyer, currency="DKK", declared=Declared(4_000_000, 900_000, 0, 0), reference="chk_1", at=day)
    found = services.decide(**about)
    assert (found.outcome, final_reasons(found), reasons_beside(found)) == ("decline", [], [TOO_HIGH])
    for left in (None, 500_000):
        with pytest.raises(Invalid, match="carry the payments") as caught:
            overrule(found, day, 1_000_000, actor="proposal:1", left_minor=left)
        assert list(caught.value.fields) == ["left"]
    overrule(found, day, 1_000_000, actor="proposal:1", left_minor=1_500_000)
    again = services.decide(**about)
    assert (again.outcome, again.reasons, again.inputs["proven_minor"]) == ("approve", [rules.BY_PEOPLE], 1_500_000)
    assert replay(again).differences == {}


def test_an_income_that_people_saw_proven_is_not_asked_for_again(laws, person, world):  # noqa: F811
    day, buyer = datetime(2026, 11, 25, 12, tzinfo=UTC), person("+decline", market="DE")
    about = {"consumer": buyer, "reference": "chk_1", "amount": Money(150_000, "EUR"), "payment_of": lambda: 50_000, "at": day}
    found = services.decide(**about)
    assert (found.outcome, found.inputs["afford"]["declared"]) == ("decline", None)
    assert queries.are_figures_needed(buyer, about["amount"], day)
    overrule(found, day, 150_000, actor="proposal:1", left_minor=200_000)
    assert not queries.are_figures_needed(buyer, about["amount"], day)
    again = services.decide(**about)
    assert (again.outcome, again.reasons, again.inputs["afford"]["proven"]) == ("approve", [rules.BY_PEOPLE], True)
    assert replay(again).differences == {}
    # What is bought besides is not proven.
    with pytest.raises(FiguresNeeded):
        services.decide(**about | {"consumer": person("+approve", market="DE")})


def test_a_proven_income_is_not_asked_for_where_nothing_is_refused(laws, person, world):  # noqa: F811
    day, buyer = datetime(2026, 11, 25, 12, tzinfo=UTC), person("+approve", market="DE")
    about = {"consumer": buyer, "reference": "chk_1", "amount": Money(150_001, "EUR"), "payment_of": lambda: 50_000, "at": day}
    found = services.decide(**about)
    assert found.reasons == ["limit_exceeded"]
    less = about | {"amount": Money(120_000, "EUR"), "reference": "chk_2"}
    with pytest.raises(FiguresNeeded):
        services.decide(**less)
    overrule(found, day, 150_001, actor="proposal:1", left_minor=200_000)
    # The page does not ask for figures any more, so the decision must not wait for them.
    assert not queries.are_figures_needed(buyer, less["amount"], day)
    made = services.decide(**less)
    assert (made.outcome, made.inputs["granted_minor"], made.inputs["afford"]["proven"]) == ("approve", None, True)
    assert replay(made).differences == {}


@pytest.mark.parametrize(
    ("changed", "field"), [({"minor": 20_001}, "amount"), ({"minor": 0}, "amount"), ({"why": "x"}, "why"), ({"note": "  "}, "note")]
)
def test_a_wrong_form_names_its_field_and_changes_nothing(refused, at, changed, field):
    with pytest.raises(Invalid) as caught:
        overrule(refused, at, **changed)
    assert list(caught.value.fields) == [field]
    assert not Approval.objects.exists()


def test_one_operator_approves_no_large_amount(person, decide, at):
    refused = decide(person("+decline"), 900_000)
    with pytest.raises(Forbidden, match="two people"):
        overrule(refused, at, 900_000)
    assert overrule(refused, at, 900_000, actor="proposal:1").granted_minor == 900_000


def test_one_operator_passes_no_limit_in_small_steps(refused, decide, at):
    overrule(refused, at)
    reserve(refused.consumer, decide(refused.consumer, 20_000).limit_minor, at)
    for minor, passes in ((20_000, True), (20_000, False)):
        again = decide(refused.consumer, minor, reference=f"chk_{passes}")
        if passes:
            overrule(again, at, minor)
        else:
            with pytest.raises(Forbidden, match="two people"):
                overrule(again, at, minor)


def test_an_approval_skips_neither_a_fraud_alert_nor_a_limit_of_two_people(refused):
    inputs = replace(Inputs.from_json(refused.inputs), granted_minor=20_000)
    assert rules.assess_3(inputs).outcome == "approve"
    bureau = inputs.bureau
    assert bureau is not None
    found = rules.assess_3(replace(inputs, bureau=replace(bureau, fraud_alert=True)))
    assert (found.outcome, found.reasons) == ("refer", ("fraud_alert",))
    assert rules.assess_3(replace(inputs, by_hand_minor=10_000)).outcome == "decline"


def test_only_the_newest_refusal_is_overruled_and_once(refused, decide, person, at):
    overrule(refused, at)
    with pytest.raises(Conflict, match="approved already"):
        overrule(refused, at)
    other = decide(person("+decline"), 20_000)
    decide(other.consumer, 10_000)
    with pytest.raises(Conflict, match="newer"):
        overrule(other, at)
    with pytest.raises(Conflict, match="cannot be overruled"):
        overrule(decide(person("+approve"), 10_000), at, 10_000)


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_never_get_more_than_was_approved(refused, decide, at):
    overrule(refused, at)

    def buy(_number: int) -> bool:
        try:
            if decide(refused.consumer, 20_000).outcome == "decline":
                return False
            reserve(refused.consumer, 20_000, at)
        except DomainError:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(buy, range(8))) == 1
    assert CreditLine.objects.get().used_minor == 20_000
