"""Decisions with the real sandbox bureau: personas, what is kept, replay, and how few queries they need."""

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.db import rows
from core.errors import Unavailable
from credit import queries, rules, services
from credit.errors import IdentityPending
from credit.gateways.base import Report, SourceUnavailable
from credit.models import CreditLine, Decision, Inquiry, LimitChange, Referral
from credit.replaying import replay
from credit.rules import Bureau, History, bureau_in


def reports(world, decision) -> list[dict]:
    return world.get("/bureau/v1/reports", {"reference": decision.inquiry.public_id})["data"]


def line_of(consumer, currency="USD"):
    line = queries.find_line(consumer.pk, currency)
    return line and (line.limit_minor, line.order_limit_minor, line.used_minor)


@pytest.mark.parametrize(
    ("market", "currency", "limit", "order_limit"),
    [
        *(("US", "USD", 150_000, 100_000), ("DE", "EUR", 150_000, 100_000), ("GB", "GBP", 125_000, 80_000)),
        *(("DK", "DKK", 1_000_000, 665_000), ("SE", "SEK", 1_500_000, 1_000_000), ("AU", "AUD", 225_000, 150_000)),
    ],
)
def test_approve_in_any_currency(person, decide, at, market, currency, limit, order_limit):
    consumer = person("+approve", market=market)
    decision = decide(consumer, currency=currency)
    assert (decision.outcome, decision.limit_minor, decision.order_limit_minor) == ("approve", limit, order_limit)
    assert line_of(consumer, currency) == (limit, order_limit, 0)
    change = LimitChange.objects.get()
    assert (change.before_minor, change.after_minor, change.reason, change.at) == (0, limit, "first_decision", at)
    assert change.reason_text == "Your first spending limit."


def test_decline(person, decide):
    consumer = person("+decline")
    decision = decide(consumer)
    assert (decision.outcome, decision.limit_minor, decision.reasons) == ("decline", 0, ["serious_delinquency"])
    assert line_of(consumer) is None
    assert LimitChange.objects.count() == 0


def test_thin_file(person, decide):
    decision = decide(person("+thin"), 5_000)
    assert (decision.outcome, decision.score) == ("approve", 565)
    assert decision.reasons == ["credit_record", "short_history", "little_history_with_us", "high_utilization"]


def test_plain_people_get_something(person, decide):
    for _ in range(10):
        decision = decide(person(), 10_000)
        assert decision.outcome == "approve"
        assert decision.limit_minor >= 35_000


def test_refer_to_people(person, decide):
    consumer = person("+refer")
    decision = decide(consumer)
    assert (decision.outcome, decision.reasons) == ("refer", ["manual_review"])
    assert line_of(consumer) == (decision.limit_minor, decision.order_limit_minor, 0)
    assert Referral.objects.get().decision_id == decision.pk


def test_a_fraud_alert_holds(person, decide):
    decision = decide(person("+fraud_hold"))
    assert (decision.outcome, decision.reasons) == ("refer", ["fraud_alert"])
    assert Referral.objects.count() == 0


def test_without_an_identity_nobody_is_asked_about(person, decide):
    decision = decide(person("+approve", identity="rejected"))
    assert (decision.outcome, decision.limit_minor, decision.reasons) == ("decline", 0, ["identity_not_verified"])
    assert (decision.inquiry, decision.inputs["bureau"]) == (None, None)
    assert Inquiry.objects.count() == 0
    with pytest.raises(IdentityPending):
        decide(person("+approve", identity="pending"))
    assert Decision.objects.count() == 1


def test_above_the_limit(person, decide):
    consumer = person("+approve")
    decision = decide(consumer, 150_001)
    assert (decision.outcome, decision.limit_minor, decision.reasons) == ("decline", 150_000, ["limit_exceeded"])
    assert decide(consumer, 150_000).outcome == "approve"
    assert decide(consumer, 100_001).order_limit_minor == 100_000


def test_what_is_in_use_counts(person, decide, at):
    consumer = person("+approve")
    decide(consumer)
    services.reserve(consumer_id=consumer.pk, currency="USD", amount_minor=100_000, at=at)
    assert decide(consumer, 50_001).reasons == ["limit_exceeded"]
    decision = decide(consumer, 50_000)
    assert (decision.outcome, decision.inputs["used_minor"]) == ("approve", 100_000)
    assert line_of(consumer) == (150_000, 100_000, 100_000)


def test_history_with_us_counts(person, decide):
    consumer = person("+approve")
    assert decide(consumer, history=History(paid_on_time=8)).score == 940
    assert decide(consumer, history=History(paid_on_time=8, paid_late=1)).score == 860
    assert decide(consumer, history=History(overdue_now=1)).reasons == ["overdue_with_us"]


def test_a_refusal_takes_the_limit_down_to_what_is_in_use(person, decide, at):
    consumer = person("+approve")
    decide(consumer)
    services.reserve(consumer_id=consumer.pk, currency="USD", amount_minor=30_000, at=at)
    decide(consumer, history=History(overdue_now=1))
    assert line_of(consumer) == (30_000, 20_000, 30_000)
    decide(consumer)
    assert line_of(consumer) == (150_000, 100_000, 30_000)
    changes = queries.list_limit_changes(consumer.pk, "USD")
    assert [(change.before_minor, change.after_minor, change.reason) for change in reversed(changes)] == [
        (0, 150_000, "first_decision"),
        (150_000, 30_000, "application_declined"),
        (30_000, 150_000, "file_improved"),
    ]


def test_a_report_is_good_for_thirty_days(person, decide, world, at):
    consumer = person("+approve")
    first = decide(consumer)
    again = decide(consumer, at=at + timedelta(days=29))
    assert (again.inquiry_id, again.provider_ref) == (first.inquiry_id, first.provider_ref)
    assert len(reports(world, first)) == 1
    later = decide(consumer, at=at + timedelta(days=31))
    assert later.inquiry_id != first.inquiry_id
    assert Inquiry.objects.count() == 2
    assert LimitChange.objects.count() == 1


def test_each_currency_has_its_line(person, decide):
    consumer = person("+approve")
    decide(consumer)
    decide(consumer, currency="EUR")
    assert [(line.currency, line.limit_minor) for line in CreditLine.objects.filter(consumer=consumer).order_by("currency")] == [
        ("EUR", 150_000),
        ("USD", 150_000),
    ]


@pytest.mark.parametrize("chaos", [{"hang_up_after_recording": 1}, {"hang_up_before_recording": 1}, {"fail_rate": 1}])
def test_a_bureau_that_does_not_answer(person, decide, world, chaos):
    consumer = person("+approve")
    world.post("/control/chaos", {"target": "bureau", **chaos})
    with pytest.raises(Unavailable):
        decide(consumer, 60_000)
    assert Decision.objects.count() == CreditLine.objects.count() == 0
    world.post("/control/chaos", {"target": "bureau"})
    decision = decide(consumer)
    assert decision.outcome == "approve"
    assert len(reports(world, decision)) == 1
    assert Inquiry.objects.count() == 1


def test_decisions_replay_to_the_same_answer(person, decide):
    consumers = [person(persona) for persona in ("+approve", "+decline", "+refer", "+fraud_hold", "+thin", "", "", "")]
    for consumer in consumers:
        for minor in (1, 60_000, 200_000):
            decide(consumer, minor)
    decide(person("+approve", identity="rejected"))
    decisions = list(Decision.objects.all())
    assert len(decisions) == 25
    for decision in decisions:
        verdict = replay(decision).verdict
        stored = (decision.outcome, decision.limit_minor, decision.order_limit_minor, decision.score, tuple(decision.reasons))
        assert (verdict.outcome, verdict.limit_minor, verdict.order_limit_minor, verdict.score, verdict.reasons) == stored
        assert decision.versions["scorecard"] == rules.CURRENT


def test_inputs_tell_nothing_about_who_it_is(person, decide):
    consumer = person("+approve")
    decision = decide(consumer)
    assert sorted(decision.inputs) == [
        *(
            "afford",
            "amount_minor",
            "asked",
            "banked",
            "behavior",
            "bureau",
            "by_hand_minor",
            "counter_from_minor",
            "counter_most_pct",
            "economy_bps",
            "exponent",
            "gap",
            "grade",
            "granted_minor",
            "history",
            "identity",
            "is_blocked",
        ),
        *(
            "line_minor",
            "old_pct",
            "order_by_hand_minor",
            "own_minor",
            "proven_minor",
            "registers",
            "review",
            "risk",
            "ruled",
            "safety",
            "screened",
            "unreported_minor",
            "used_minor",
        ),
    ]
    kept = json.dumps([decision.inputs, decision.versions, decision.inquiry.data])
    for secret in (consumer.email, consumer.name, consumer.birth_date, consumer.email_hash, str(consumer.pk), consumer.public_id):
        assert secret not in kept


def test_decisions_are_never_changed(person, decide):
    decision = decide(person("+approve"))
    for change in (
        lambda: Decision.objects.filter(pk=decision.pk).update(outcome="decline"),
        lambda: Decision.objects.filter(pk=decision.pk).delete(),
        lambda: LimitChange.objects.update(reason="x"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def statements(work) -> list[str]:
    """Return the SQL of some work, without what only the test's own transaction adds."""
    with CaptureQueriesContext(connection) as captured:
        work()
    return [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]


def test_with_the_report_at_hand_a_decision_is_four_statements(person, decide):
    consumer = person("+approve")
    assert len(statements(lambda: decide(consumer))) == 12
    for number in range(5):
        sql = statements(lambda number=number: decide(consumer, reference=f"chk_{number}"))
        assert [text.split()[0] for text in sql] == ["EXECUTE"] * 4
        [(write,)] = rows("SELECT statement FROM pg_prepared_statements WHERE name = %s", [sql[3].split()[1]])
        seen = [
            "accounts_standing" in sql[0],
            "reports" in sql[1],
            "lock_lines" in sql[2],
            "INTO credit_decision" in write.replace('"', ""),
        ]
        assert [*seen, "controls_rulecase" in write] == [True] * 5


def test_finding_decisions(person, decide, at):
    consumer = person("+approve")
    first = decide(consumer, 200_000)
    second = decide(consumer, at=at + timedelta(minutes=1))
    assert {decision.pk for decision in queries.list_decisions(consumer.pk)} == {first.pk, second.pk}


@pytest.mark.django_db(transaction=True)
def test_eight_first_decisions_at_once_make_one_line(person, decide, at_once):
    consumer = person("+approve")
    outcomes = at_once(8, lambda number: decide(consumer, reference=f"chk_{number}").outcome)
    assert outcomes == ["approve"] * 8
    assert line_of(consumer) == (150_000, 100_000, 0)
    assert LimitChange.objects.count() == 1
    assert Inquiry.objects.filter(answered_at__isnull=True).count() == 0


@pytest.mark.parametrize("factors", [("",), ("x" * 201,), (7,), ("a",) * 6])
def test_factors_of_a_score_that_are_none_are_no_report(factors):
    bureau = Bureau(600, False, 0, 3, 10, 0, 60, False, False, 100_000)
    assert Report("rep_1", bureau, ("Late payments",)).factors == ("Late payments",)
    with pytest.raises(SourceUnavailable):
        Report("rep_1", bureau, factors)


def test_an_inquiry_from_before_factors_were_kept_is_decided_on_all_the_same(person, decide):
    data = decide(person("+decline")).inquiry.data
    assert data["factors"][-1] == "Number of recent inquiries"
    assert bureau_in({name: value for name, value in data.items() if name != "factors"}) == bureau_in(data)
