"""Affordability: what each market asks for by its dated data, what is declared, and what decisions make of it."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from accounts.models import Consumer
from core.errors import Invalid
from core.money import Money
from credit import queries, services
from credit.errors import FiguresNeeded
from credit.helping import Helps, what_helps
from credit.models import Decision, Declaration
from credit.reasons import sentences
from credit.replaying import replay, replay_all
from credit.rules import SCORECARDS, Bureau, History, Inputs, assess, assess_2, assess_3
from credit.rules.affording import Affordability, Declared, Law, doubts_of, is_missing, with_amount
from markets.queries import affordability_rows
from markets.services import load_markets
from tests.owner import unguarded

LAW = Law("DE 2026-11-20", "figures", 60_000, 40_000, 10_000, 90, 10_000, 100_000, 250_000)
BUREAU = Bureau(842, False, 0, 6, 8, 0, 168, False, False, 600_000)
GOOD = Declared(income_minor=400_000, housing_minor=100_000, credit_minor=20_000, dependants=1)
"""Leaves 180,000 by LAW."""


def inputs(amount: int = 120_000, *, payment: int = 40_000, declared: Declared | None = GOOD, law: Law = LAW, **bureau) -> Inputs:
    return Inputs(amount, 2, "verified", 0, History(), replace(BUREAU, **bureau), afford=Affordability(law, payment, declared))


@pytest.mark.parametrize(
    ("found", "outcome", "reasons"),
    [
        (inputs(), "approve", assess(inputs()).reasons),
        (inputs(payment=170_000), "approve", assess(inputs()).reasons),
        (inputs(payment=170_001), "decline", ("payments_too_high",)),
        (inputs(payment=170_001, declared=replace(GOOD, dependants=0)), "approve", assess(inputs()).reasons),
        (inputs(payment=1, declared=replace(GOOD, income_minor=0)), "decline", ("payments_too_high",)),
        (inputs(declared=None), "refer", ("income_not_verified",)),
        (inputs(99_999, declared=None), "approve", assess(inputs()).reasons),
        (inputs(249_999, thin=True), "approve", assess(inputs(249_999, thin=True)).reasons),
        (inputs(250_000, thin=True), "refer", ("income_not_verified",)),
        (inputs(250_000), "approve", assess(inputs()).reasons),
        (inputs(declared=replace(GOOD, income_minor=1_420_000)), "approve", assess(inputs()).reasons),
        (inputs(declared=replace(GOOD, income_minor=1_420_001)), "refer", ("figures_differ",)),
        (inputs(250_000, declared=replace(GOOD, income_minor=9_000_000), thin=True), "refer", ("figures_differ", "income_not_verified")),
        (inputs(manual_review=True, declared=None), "refer", ("manual_review", "income_not_verified")),
        (inputs(300_001), "decline", ("limit_exceeded",)),
        (inputs(payment=170_001, delinquencies_24m=7), "decline", ("serious_delinquency",)),
    ],
)
def test_scorecard_2_is_scorecard_1_and_affordability(found, outcome, reasons):
    verdict, before = assess_2(found), assess(found)
    assert (verdict.outcome, verdict.reasons) == (outcome, reasons)
    assert (verdict.score, verdict.limit_minor, verdict.order_limit_minor) == (before.score, before.limit_minor, before.order_limit_minor)
    assert assess_2(Inputs.from_json(json.loads(json.dumps(found.as_json())))) == verdict
    assert assess_2(replace(found, afford=None)) == before


def test_an_income_that_the_bureau_does_not_know_is_no_income():
    found = inputs(5_000, payment=5_000, declared=replace(GOOD, income_minor=9_000_000), disposable_income_minor=14_999)
    assert assess_2(replace(found, by_hand_minor=50_000)).reasons == ("payments_too_high",)
    assert assess_2(replace(found, by_hand_minor=50_000, bureau=replace(found.bureau, disposable_income_minor=15_000))).reasons == (
        "figures_differ",
    )


def test_a_proven_income_counts_in_place_of_the_report_wherever_payments_are_measured():
    found = inputs(200_000, payment=180_000, declared=None, disposable_income_minor=100_000, delinquencies_24m=7)
    assert (found.left_minor, found.free_minor, assess_2(found).outcome) == (100_000, 90_000, "decline")
    proven = replace(found, proven_minor=200_000, granted_minor=200_000, bureau=replace(found.bureau, delinquencies_24m=4))
    assert (proven.left_minor, proven.free_minor) == (200_000, 190_000)
    assert what_helps(replace(proven, proven_minor=180_000, bureau=BUREAU), assess_2).amount_minor == 188_800
    assert (replace(proven, bureau=None).left_minor, replace(proven, afford=None).free_minor) == (None, None)


def test_a_refusal_says_what_is_affordable_and_the_scorecard_agrees():
    refused = inputs(200_000, payment=180_000)
    found = what_helps(refused, assess_2)
    assert found == Helps(amount_minor=188_800)
    smaller = replace(refused, amount_minor=188_800, afford=with_amount(refused.afford, 200_000, 188_800))
    assert (smaller.afford.payment_minor, assess_2(smaller).outcome) == (169_920, "approve")
    larger = replace(refused, amount_minor=188_900, afford=with_amount(refused.afford, 200_000, 188_900))
    assert assess_2(larger).outcome == "decline"
    owing = inputs(payment=50_000, declared=replace(GOOD, income_minor=270_000, credit_minor=60_000))
    assert what_helps(owing, assess_2) == Helps(codes=("no_other_credit",))
    assert what_helps(inputs(payment=50_000, declared=replace(GOOD, income_minor=0)), assess_2) == Helps()


def test_a_law_in_another_currency_and_with_parts_of_the_future():
    assert LAW.in_currency(Fraction(75, 10)).living_minor == 450_000
    assert replace(LAW, declared_from_minor=None).in_currency(Fraction(2)).declared_from_minor is None
    value = {"check": "file", "living_minor": 1, "dependant_minor": 2, "buffer_minor": 3, "valid_days": 4, "differs_bps": 5, "later": 6}
    law = Law.of("AU 2025-06-10", value)
    assert (law.check, law.declared_from_minor, law.applies(10**9), law.asks(10**9), law.verifies(10**9)) == (
        "file",
        None,
        False,
        False,
        False,
    )
    assert not is_missing(None, 10**9)
    assert doubts_of(Affordability(law, 1), owed_minor=10**9, verified_minor=0, is_verified=False) == ()


# What the markets ask for


@pytest.fixture
def laws(db):
    """The product's own data of the markets is in force."""
    load_markets()
    affordability_rows.forget()
    yield
    affordability_rows.keep([])


@pytest.mark.parametrize(
    ("market", "currency", "first", "check", "declared", "verified"),
    [
        ("DE", "EUR", date(2026, 11, 20), "figures", 100_000, 250_000),
        ("DK", "DKK", date(2026, 11, 20), "figures", 750_000, 2_000_000),
        ("SE", "SEK", date(2026, 11, 20), "figures", 1_000_000, 2_500_000),
        ("GB", "GBP", date(2026, 7, 15), "figures", 100_000, 250_000),
        ("AU", "AUD", date(2025, 6, 10), "file", 200_000, 500_000),
        ("US", "USD", date(2025, 1, 1), "figures", 200_000, 500_000),
    ],
)
def test_each_market_asks_from_its_day_on_and_from_its_amounts(laws, market, currency, first, check, declared, verified):
    assert queries.find_law(market, currency, first - timedelta(days=1)) is None
    law = queries.find_law(market, currency, first)
    assert (law.version, law.check) == (f"{market} {first}", check)
    assert [law.asks(declared - 1), law.asks(declared), law.verifies(verified - 1), law.verifies(verified)] == [False, True, False, True]
    assert [law.applies(1), law.applies(declared)] == [check == "figures", True]
    assert law.valid_days == (120 if market == "AU" else 90)


def test_the_law_of_the_decisions_own_time_counts(laws, person, decide):
    buyer = person("+approve", market="DE")
    before = decide(buyer, 100_000, currency="EUR", at=datetime(2026, 11, 19, 22, 59, tzinfo=UTC))
    assert (before.outcome, before.inputs["afford"], before.versions["scorecard"]) == ("approve", None, "scorecard-3")
    assert "affordability" not in before.versions
    with pytest.raises(FiguresNeeded):
        decide(buyer, 100_000, currency="EUR", at=datetime(2026, 11, 19, 23, 0, tzinfo=UTC))
    assert Decision.objects.count() == 1


def test_below_the_amount_nobody_is_asked_and_the_bureaus_figure_counts(laws, person, decide):
    buyer = person("+approve", market="DE")
    decide(buyer, 10_000, currency="EUR")
    with CaptureQueriesContext(connection) as captured:
        decision = decide(buyer, 99_999, currency="EUR")
    assert len([one for one in captured if "SAVEPOINT" not in one["sql"]]) == 4
    assert (decision.outcome, decision.versions["affordability"]) == ("approve", "DE 2026-11-20")
    assert decision.inputs["afford"]["payment_minor"] == 99_999
    assert decision.inputs["afford"]["declared"] is None


def test_whoever_is_declined_anyway_is_not_asked(laws, person, decide):
    assert decide(person("+decline", market="DE"), 150_000, currency="EUR").outcome == "decline"
    assert decide(person("+approve", market="DE"), 150_001, currency="EUR").reasons == ["limit_exceeded"]


def test_what_is_owed_already_counts(laws, person, decide):
    buyer = person("+approve", market="DE")
    decide(buyer, 30_000, currency="EUR")
    services.reserve(consumer_id=buyer.pk, currency="EUR", amount_minor=30_000, at=NOW)
    assert decide(buyer, 69_999, currency="EUR").outcome == "approve"
    with pytest.raises(FiguresNeeded):
        decide(buyer, 70_000, currency="EUR")
    assert queries.are_figures_needed(buyer, Money(70_000, "EUR"), NOW)
    assert not queries.are_figures_needed(buyer, Money(69_999, "EUR"), NOW)


NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def declare(buyer, declared: Declared = GOOD, *, at=NOW, reference="chk_1") -> Declaration:
    return services.declare(consumer=buyer, currency="EUR", declared=declared, reference=reference, at=at)


def test_declared_figures_are_asked_once_in_ninety_days_and_replayed(laws, person, decide):
    buyer = person("+approve", market="DE")
    needed = lambda at: queries.are_figures_needed(buyer, Money(120_000, "EUR"), at)  # noqa: E731
    assert not needed(NOW), "before the bureau has answered nobody knows whether they decide"
    with pytest.raises(FiguresNeeded):
        decide(buyer, 120_000, currency="EUR")
    assert needed(NOW)
    declare(buyer)
    assert not needed(NOW)
    decision = decide(buyer, 120_000, currency="EUR")
    assert (decision.outcome, decision.inputs["afford"]["declared"]["housing_minor"]) == ("approve", 100_000)
    last = NOW + timedelta(days=90)
    assert decide(buyer, 120_000, currency="EUR", at=last - timedelta(seconds=1)).inputs["afford"]["declared"] is not None
    with pytest.raises(FiguresNeeded):
        decide(buyer, 120_000, currency="EUR", at=last)
    old = Decision.objects.get(pk=decision.pk)
    del old.inputs["afford"]
    old.versions["scorecard"] = "scorecard-1"
    assert replay(old).differences == {}
    assert [one.differences for one in replay_all()] == [{}, {}]


def test_declared_costs_decide(laws, person, decide):
    buyer = person("+approve", market="DE")
    declare(buyer, replace(GOOD, income_minor=240_000))
    decision = decide(buyer, 120_000, currency="EUR")
    assert (decision.outcome, decision.reasons, decision.limit_minor) == ("decline", ["payments_too_high"], 150_000)
    declare(buyer, replace(GOOD, income_minor=9_000_000), at=NOW + timedelta(minutes=1))
    again = decide(buyer, 120_000, currency="EUR", at=NOW + timedelta(minutes=2))
    assert (again.outcome, again.reasons) == ("refer", ["figures_differ", "figures_raised"])


def test_whom_people_look_at_again_is_not_asked(laws, person, decide):
    buyer = person("+approve", market="DE")
    amount = Money(120_000, "EUR")
    decision = services.decide(consumer=buyer, reference="req_1", amount=amount, at=NOW, fresh=True)
    assert (decision.outcome, decision.reasons) == ("refer", ["income_not_verified"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("income_minor", -1),
        ("housing_minor", 10**18),
        ("credit_minor", True),
        ("dependants", 21),
        ("dependants", "2"),
        ("income_minor", 1.5),
        ("income_minor", None),
    ],
)
def test_a_figure_out_of_range_is_refused_by_name(person, field, value):
    with pytest.raises(Invalid) as refused:
        declare(person(), replace(GOOD, **{field: value}))
    assert list(refused.value.fields) == [field]
    assert Declaration.objects.count() == 0


def test_declared_figures_are_stored_for_their_person_alone(person):
    one, other = person(), person()
    declare(one)
    assert Declaration.objects.get().figures == {"income_minor": 400_000, "housing_minor": 100_000, "credit_minor": 20_000, "dependants": 1}
    with connection.cursor() as cursor:
        cursor.execute("SELECT figures FROM credit_declaration")
        assert "400000" not in cursor.fetchone()[0]
    assert queries.find_declaration(other, "EUR", after=NOW - timedelta(days=1)) is None
    assert queries.find_declaration(one, "USD", after=NOW - timedelta(days=1)) is None


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_by_eight_at_once_is_stored_once(person, at_once):
    buyer = person()

    def send(_number: int) -> None:
        declare(buyer)
        connections.close_all()

    at_once(8, send)
    assert Declaration.objects.count() == 1
    declare(buyer, replace(GOOD, dependants=2))
    declare(buyer, reference="chk_2")
    assert Declaration.objects.count() == 3


def test_every_scorecard_stays():
    assert {"scorecard-1": assess, "scorecard-2": assess_2, "scorecard-3": assess_3} == SCORECARDS


def test_figures_raised_after_another_brand_s_refusal_are_looked_at_and_the_reason_names_no_refusal(laws, person, decide):
    here, there = person("+approve", market="DE"), person("+approve", market="DE")
    with unguarded():
        Consumer.objects.filter(pk=there.pk).update(person_id=here.pk)
    there = Consumer.objects.get(pk=there.pk)
    day = datetime(2026, 11, 22, 12, tzinfo=UTC)
    services.declare(consumer=here, currency="EUR", declared=replace(GOOD, income_minor=130_000), reference="chk_1", at=day)
    decide_ = {"reference": "chk_1", "amount": Money(120_000, "EUR")}
    refused = services.decide(consumer=here, at=day, payment_of=lambda: 100_000, **decide_)
    assert refused.reasons == ["payments_too_high"]
    later = day + timedelta(days=1)
    raised = services.declare(consumer=there, currency="EUR", declared=GOOD, reference="chk_2", at=later)
    made = services.decide(consumer=there, at=later, payment_of=lambda: 100_000, **decide_)
    assert (raised.is_raised, made.outcome, made.reasons) == (True, "refer", ["figures_elsewhere"])
    assert replay(made).differences == {}
    assert "refusal" not in " ".join(sentences(made.reasons))
    own = services.declare(consumer=here, currency="EUR", declared=GOOD, reference="chk_3", at=later)
    assert (own.is_raised, services.decide(consumer=here, at=later, payment_of=lambda: 100_000, **decide_).reasons) == (
        True,
        ["figures_raised"],
    )
