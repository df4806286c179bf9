"""Rules that waive or lower fees of people: before caps, never above the agreement, kept with the fee, tried on the past, shown."""

import uuid
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.events import ConsumerErased
from checkout.handlers import on_consumer_erased
from collection import services as collection
from controls import services as controls
from controls.models import RuleCase
from controls.queries import get_rules, get_trial
from controls.rule_kinds import get_rule_kind
from controls.services import replay_case
from core.errors import Invalid
from operations.ruling.trials import facts_of
from plans import services as plans
from plans.fee_rules import PERSON_FEES
from plans.fees import caps_in
from plans.models import Fee
from plans.queries import installments_of
from plans.records import Conduct, conducts_of
from plans.rules.fees import lowered
from reports.books import check_books
from tests.collection.test_free_payments import plan_of
from tests.operators import make_boss, make_operator
from tests.plans.test_fees_attacked import at_once, charged, limit
from tests.shops import AT

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
FEE = 700


@pytest.fixture
def rita(db):
    return make_operator("rita@kvart.example", may=["propose_rules"])


@pytest.fixture
def publish(rita):
    """Put rules in force; outcomes come in the order of their priority."""

    def run(*rules):
        number = draft(rita, *rules).number
        proposal = controls.propose_rules(kind=PERSON_FEES, number=number, reason="New", starts_on=None, user=rita, at=AT)
        paul = make_operator("paul@kvart.example", may=["approve_rules"])
        controls.approve_proposal(proposal_id=proposal, user=paul, at=AT)
        return get_rules(PERSON_FEES, number)

    return run


def rule(outcome="waive", value=None, when="true", reason="first", priority=10):
    then = {"outcome": outcome, "reason": reason} | ({} if value is None else {"value": value})
    key = f"{outcome}-{priority}"
    return {"id": key, "name": outcome.title(), "when": when, "priority": priority, "scope": {"market": "US"}, "then": then}


def draft(rita, *rules):
    made = controls.start_draft(kind=PERSON_FEES, user=rita, at=AT)
    content = {"rules": list(rules), "examples": []}
    return controls.change_draft(kind=PERSON_FEES, number=made.number, revision=0, content=content, user=rita, at=AT)


def close(order):
    plans.close_fees(plan_ids=[order.plan_id], day=order.at.date(), at=order.at)
    return Fee.objects.get(installment__plan=order.plan_id, kind="late")


def test_a_rule_waives_the_first_late_fee_once_and_the_fee_keeps_why(late, publish):
    version = publish(rule(when="first_late && late_12m == 0 && days_late == 11 && kind == 'late' && stage == 1 && plan == 'pay_in_4'"))
    fee = close(late)
    kept = {"rule": "Waive", "id": "waive-10", "set": PERSON_FEES, "version": version.number, "row": 0}
    assert (fee.wanted_minor, fee.amount_minor, fee.cap) == (FEE, 0, "")
    assert fee.ruled == {"minor": 0, "reason": "first", "rules": [kept]}
    row = installments_of(plan_of(late))[1]
    assert (row.fees_minor, row.open_minor) == (0, 4_000)
    case = RuleCase.objects.get(kind=PERSON_FEES)
    assert (case.subject, case.outcome, case.amount_minor, case.facts["capped"], replay_case(case=case).result) == (
        fee.public_id,
        "waive",
        FEE,
        FEE,
        "same",
    )
    assert (close(late).pk, RuleCase.objects.filter(kind=PERSON_FEES).count()) == (fee.pk, 1)
    assert [line for check in check_books() for line in check.offenders] == []


@pytest.mark.parametrize(
    ("said", "value", "left"), [("share", 0.5, 350), ("most", 2.5, 250), ("most", 100, FEE), ("share", 1, FEE), ("leave", None, FEE)]
)
def test_a_rule_lowers_a_fee_and_never_raises_it(late, publish, said, value, left):
    publish(rule(said, value), rule(priority=20))
    fee = close(late)
    assert (fee.amount_minor, fee.ruled["minor"], installments_of(plan_of(late))[1].fees_minor) == (left, left, left)


@pytest.mark.parametrize(("value", "left", "cap"), [(0.5, 300, "consumer_year_minor"), (0.25, 175, "")])
def test_caps_cut_what_a_rule_left(late, publish, value, left, cap):
    limit(consumer_year_minor=300)
    publish(rule("share", value))
    fee = close(late)
    assert (fee.amount_minor, fee.cap, RuleCase.objects.get(kind=PERSON_FEES).facts["capped"]) == (left, cap, 300)


def test_without_a_rule_the_agreement_holds_and_the_fee_is_a_case(late):
    fee = close(late)
    case = RuleCase.objects.get(kind=PERSON_FEES)
    assert (fee.amount_minor, fee.ruled, case.outcome, case.version) == (FEE, {}, "", 0)


def test_the_database_refuses_more_than_the_rule_left(late):
    caps = caps_in("US", "OH", late.at.date())
    told = {"installment": installments_of(plan_of(late))[1], "kind": "service", "stage": 0, "on": late.at.date(), "at": late.at}
    with pytest.raises(IntegrityError, match="fee_within_rule"), transaction.atomic():
        Fee.objects.create(wanted_minor=500, amount_minor=301, ruled={"minor": 300}, caps=caps.market, **told)


@pytest.mark.django_db(transaction=True)
def test_two_closes_at_once_decide_and_ask_once(late, publish):
    publish(rule("share", 0.5))
    assert at_once(*[lambda: close(late)] * 2) == []
    assert (charged(), RuleCase.objects.filter(kind=PERSON_FEES).count()) == ([350], 1)


@pytest.mark.parametrize("when", ["area == '21'", "customer_region == 'capital'"])
def test_a_market_s_law_against_regions_refuses_a_rule(rita, when):
    with pytest.raises(Invalid) as caught:
        draft(rita, rule(when=when))
    assert "rules.0.when" in caught.value.fields


def test_a_trial_says_what_fees_would_have_been_charged(late, rita, client):
    fee = close(late)
    made = draft(rita, rule("share", 0.5))
    trial = controls.start_trial(kind=PERSON_FEES, number=made.number, user=rita, at=late.at + DAY)
    while controls.run_trials(at=late.at + DAY):
        pass
    found = get_trial(trial.pk).found
    assert found["sums"] == {"USD": [1, FEE, 1, 350]}
    assert {move: (told["cases"], told["worths"]) for move, told in found["moves"].items()} == {">share:0.5": (1, {"USD": -350})}
    assert [found["segments"][name][value]["sums"] for name, value in (("kind", "late"), ("plan", "pay_in_4"), ("market", "US"))] == [
        found["sums"]
    ] * 3
    told = facts_of(get_trial(trial.pk), get_rule_kind(PERSON_FEES), lambda _what, value: value)
    assert told["sums"] == {"was": "1 · $7.00", "now": "1 · $3.50"}
    assert [(one["subject"], one["link"]) for one in told["cases"]] == [
        (fee.public_id, reverse("admin:plans_plan_change", args=[late.plan_id]))
    ]
    client.force_login(make_boss("boss@kvart.example"), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("admin:controls_rules_trial", args=[trial.pk])).content.decode()
    assert page.count("Fees charged") >= 2
    assert "The kind of fee" in page


def test_the_plan_s_page_names_the_rule(late, publish, client):
    publish(rule("share", 0.5, when="late_12m <= 2"))
    fee = close(late)
    client.force_login(make_boss("boss@kvart.example"), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("admin:plans_plan_change", args=[late.plan_id])).content.decode()
    assert "$3.50 by a rule:" in page
    assert "Rule “Share” (version 1)" in page
    assert reverse("admin:controls_rules_cases", args=[fee.public_id]) in page
    assert "$7.00 by the agreement." in page


def test_the_facts_go_with_the_person(late):
    close(late)
    on_consumer_erased(ConsumerErased(consumer=late.consumer.public_id), at=late.at + DAY)
    assert RuleCase.objects.get(kind=PERSON_FEES).facts == {}


def test_how_a_person_paid_is_counted_over_a_year(late):
    holder, day = late.consumer.holder_id, late.at.date()
    second = installments_of(plan_of(late))[1]
    found = conducts_of([holder, uuid.uuid4()], day)
    assert (list(found), dict(found[holder].late), len(found[holder].on_time)) == ([holder], {second.id: second.due_date}, 1)
    collection.pay_now(consumer=late.consumer, plan=plan_of(late), scope={2}, method=plan_of(late).payment_method, actor="test", at=late.at)
    assert conducts_of([holder], day) == found
    year_on = conducts_of([holder], second.due_date + timedelta(days=366))[holder]
    # What was paid within the year is forgotten as on time, and payments 3 and 4 are late by then.
    assert (year_on.on_time, year_on.late_in_year(), len(year_on.late)) == ((), 2, 3)


def test_one_s_own_payment_does_not_count_against_it():
    mine, other, day = uuid.uuid4(), uuid.uuid4(), date(2026, 6, 1)
    conduct = Conduct(day, {mine: date(2026, 5, 20), other: date(2025, 6, 1)}, (date(2026, 1, 1), date(2025, 6, 1)))
    assert (conduct.late_in_year(), conduct.late_in_year(mine), conduct.is_first(mine)) == (1, 0, False)
    assert (conduct.on_time_since(), conduct.on_time_since(mine), Conduct(day, {mine: day}).is_first(mine)) == (0, 1, True)


@pytest.mark.parametrize(
    ("told", "left"),
    [(("waive", None, 2), 0), (("share", 0.333, 2), 233), (("most", 3, 0), 3), (("most", 900, 2), 701), (("leave", None, 2), 701)],
)
def test_what_a_rule_leaves_is_rounded_down(told, left):
    assert lowered(701, *told) == left
