"""Registers of payment remarks: which are asked by the market's settings, what a remark does, and what happens without an answer."""

import time
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from checkout.models import OrderReview
from checkout.refusing import rejected_for
from checkout.rules import BasketRules, review_reasons
from core import providers
from core.money import Money
from credit import services
from credit.costs import list_source_costs
from credit.grading import facts_of
from credit.helping import what_helps
from credit.models import Inquiry
from credit.reasons import sentences
from credit.replaying import asked_again, replay
from credit.rules import Inputs
from credit.rules.registers import Registered
from markets.models import MarketSetting
from markets.queries import REGISTERS, register_rows
from notifications.refusals import refusal_notice, rights_of
from tests.bureau_server import Bureau, account_with
from tests.owner import tamper
from tests.registers_server import Registers, registers_account

REMARK = {"remarks": 2, "owed_minor": 540_000, "newest_on": "2026-03-01"}
FAULTS = {"hang": "late", "late": "late", "wrong": "failed", "twice": "failed", "error": "failed", "deep": "failed", "odd": "failed"}


@pytest.fixture
def outside(settings, person):
    """Give a bureau with a good file, and a company that asks the registers of Denmark."""
    settings.BUREAU = settings.REGISTERS = "nobody"
    bureau, registers = Bureau(), Registers()
    bureau.report["disposable_income_minor"], registers.late_s = 3_000_000, 0.5
    use(bureau, registers)
    register_rows.keep(list(MarketSetting.objects.filter(key__in=REGISTERS).order_by("market_id", "valid_from", "id")))
    yield bureau, registers
    bureau.close()
    registers.close()
    providers.keep(())


def use(bureau, registers, codes="rki debitor", **terms):
    providers.keep((account_with(bureau, "bureau", 1), registers_account(registers, codes, **{"budget_ms": "200"} | terms)))


@pytest.fixture
def decide(at):
    def run(consumer, minor=200_000, *, at=at):
        return services.decide(consumer=consumer, reference="chk_1", amount=Money(minor, "DKK"), at=at)

    return run


def set_register(key, **parts):
    """Let a register of Denmark have other values."""
    for row in register_rows():
        if (row.market_id, row.key) == ("DK", key):
            row.value = row.value | parts


def told(decision):
    return [(one["code"], one["outcome"], one["remarks"]) for one in decision.inputs["registers"]]


def test_both_registers_of_the_market_are_asked_at_once_and_their_answers_are_kept(outside, person, decide, at):
    consumer = person(market="DK")
    decision = decide(consumer)
    assert (decision.outcome, told(decision)) == ("approve", [("rki", "report", 0), ("debitor", "report", 0)])
    asked = [(one["source"], one["outcome"], one["cost_minor"], one["cost_currency"]) for one in decision.inputs["asked"]]
    assert asked == [("bureau", "report", 125, "USD"), ("regs", "report", 25, "EUR"), ("regs", "report", 25, "EUR")]
    rki = Inquiry.objects.get(register="rki")
    assert (rki.agency["name"], rki.data) == ("RKI Registret (Experian A/S)", {"remarks": 0, "owed_minor": 0, "newest_on": ""})
    assert rki.purpose == "DK register.first 2025-01-01"
    assert replay(decision).differences == {}
    again = decide(consumer, at=at + timedelta(days=3))
    assert (told(again), [one["age_days"] for one in again.inputs["registers"]]) == ([("rki", "kept", 0), ("debitor", "kept", 0)], [3, 3])
    assert outside[1].asked == 2
    decide(consumer, at=at + timedelta(days=31))
    assert outside[1].asked == 4


def test_what_registers_cost_is_counted_with_the_sources(outside, person, decide, at):
    decide(person(market="DK"))
    found = {one.source: one for one in list_source_costs(since=at - timedelta(days=1), until=at + timedelta(days=1))}
    assert (found["regs"].answers, found["regs"].cost) == (2, {"EUR": 50})


def test_a_second_decision_reads_what_registers_told_with_the_report(outside, person, decide, at, django_assert_num_queries):
    known, stranger = person(market="DK"), person(market="US")
    services.decide(consumer=stranger, reference="chk_1", amount=Money(20_000, "USD"), at=at)
    decide(known)
    with CaptureQueriesContext(connection) as of_the_us:
        services.decide(consumer=stranger, reference="chk_2", amount=Money(20_000, "USD"), at=at)
    with django_assert_num_queries(len(of_the_us)):
        decide(known)


def test_a_small_purchase_asks_no_register_until_what_is_owed_is_more(outside, person, decide):
    consumer = person(market="DK")
    assert (decide(consumer, 99_999).inputs["registers"], outside[1].asked) == ((), 0)
    services.reserve(consumer_id=consumer.pk, currency="DKK", amount_minor=50_000, at=consumer.created_at)
    assert told(decide(consumer, 50_000)) == [("rki", "report", 0), ("debitor", "report", 0)]


def test_a_remark_refuses_with_its_reason_and_the_fact_is_known_to_rules(outside, person, decide):
    outside[1].by_register["rki"] = REMARK
    decision = decide(person(market="DK"))
    assert (decision.outcome, decision.reasons) == ("decline", ["payment_remark"])
    inputs = Inputs.from_json(decision.inputs)
    assert {name: facts_of(inputs)[name] for name in ("remarks", "remarks_owed")} == {"remarks": 2, "remarks_owed": 540_000}
    assert what_helps(*asked_again(decision)).codes == ("no_remarks",)
    assert replay(decision).differences == {}


@pytest.mark.parametrize(
    ("hit", "least", "outcome", "reasons", "limit"),
    [
        ("refer", 0, "refer", ["remark_review"], 1_500_000),
        ("reduce", 0, "approve", None, 750_000),
        ("refuse", 600_000, "approve", None, 1_500_000),
    ],
)
def test_what_a_remark_does_is_data(outside, person, decide, hit, least, outcome, reasons, limit):
    outside[1].by_register["rki"] = REMARK
    set_register("register.first", hit=hit, owed_from_minor=least)
    decision = decide(person(market="DK"))
    assert (decision.outcome, decision.limit_minor) == (outcome, limit)
    assert reasons is None or decision.reasons == reasons
    assert replay(decision).differences == {}


def test_a_limit_that_a_remark_lowers_too_far_is_refused_for_the_remark(outside, person, decide):
    outside[1].by_register["rki"] = REMARK
    set_register("register.first", hit="reduce")
    assert decide(person(market="DK"), 1_000_000).reasons == ["payment_remark"]


@pytest.mark.parametrize(("does", "outcome"), FAULTS.items())
def test_without_an_answer_the_market_s_policy_decides_in_time(outside, person, decide, does, outcome):
    outside[1].does = does
    consumer, began = person(market="DK"), time.monotonic()
    decision = decide(consumer)
    assert time.monotonic() - began < 1
    assert [one["outcome"] for one in decision.inputs["registers"]] == [outcome] * 2
    # RKI's silence is for people, Debitor Registret's lowers the limit.
    assert (decision.outcome, decision.reasons, decision.limit_minor) == ("refer", ["register_silent"], 750_000)
    assert Inquiry.objects.filter(answered_at=None).exclude(register="").count() == 2
    assert replay(decision).differences == {}


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_comes_too_late_counts_for_the_next_decision(outside, person, decide):
    registers = outside[1]
    registers.does = "late"
    consumer, until = person(market="DK"), time.monotonic() + 5
    assert decide(consumer).reasons == ["register_silent"]
    while Inquiry.objects.filter(answered_at=None).exists():
        assert time.monotonic() < until
        time.sleep(0.02)
    registers.does = "hang"
    assert told(decide(consumer)) == [("rki", "kept", 0), ("debitor", "kept", 0)]


def test_a_company_that_fails_in_a_row_is_skipped(outside, person, decide):
    outside[1].does = "error"
    for _ in range(4):
        decision = decide(person(market="DK"))
    assert [one["outcome"] for one in decision.inputs["registers"]] == ["skipped"] * 2
    assert outside[1].asked == 6


def test_a_register_that_no_account_reaches_is_missing(outside, person, decide):
    use(*outside, codes="debitor")
    decision = decide(person(market="DK"))
    assert (told(decision), decision.reasons) == ([("rki", "missing", 0), ("debitor", "report", 0)], ["register_silent"])


def test_an_old_remark_counts_while_the_register_is_silent(outside, person, decide, at):
    outside[1].by_register["rki"] = REMARK
    consumer = person(market="DK")
    decide(consumer)
    outside[1].does = "error"
    later = decide(consumer, at=at + timedelta(days=40))
    assert (told(later)[0], later.reasons) == (("rki", "old", 2), ["payment_remark"])


def test_nobody_is_asked_about_who_was_not_told(outside, person, decide):
    consumer = person(market="DK")
    tamper("DELETE FROM accounts_consent WHERE consumer_id = %s", [consumer.pk])
    assert [one["outcome"] for one in decide(consumer, 100_000).inputs["registers"]] == ["not_told"] * 2
    assert outside[1].asked == 0


def test_a_decision_from_before_registers_is_replayed_as_it_was(outside, person, decide):
    decision = decide(person(market="DK"))
    stored = {name: value for name, value in decision.inputs.items() if name != "registers"}
    assert Inputs.from_json(stored).registers == ()


def test_each_law_has_its_own_first_day(person):
    rows = MarketSetting.objects.filter(key__in=REGISTERS)
    assert {row.market_id for row in rows} == {"DK", "SE", "DE", "GB", "AU"}
    assert all(row.valid_from <= date(2026, 11, 20) for row in rows)
    assert replace(Registered("a", "A", "", "", "late", "refuse", "go_on", 5_000)).does == ""


@pytest.mark.parametrize(
    ("language", "words"), [("en", "which has a remark about you"), ("da", "har en anmærkning om dig"), ("de", "Negativeintrag über Sie")]
)
def test_a_notice_names_the_register_that_has_the_remark(outside, person, decide, language, words):
    outside[1].by_register["rki"] = REMARK
    consumer = person(market="DK")
    decision = decide(consumer)
    with override(language):
        notice = refusal_notice(consumer, decision, decision.at)
        page = render_to_string("portals/_refusal_notice.html", notice)
        letter = render_to_string("mail/reasons.txt", notice | {"reasons": sentences(decision.reasons)})
        paper = " ".join(rights_of(consumer, notice))
    for text in (page, letter, paper):
        assert "RKI Registret (Experian A/S), Lyngbyvej 2" in text
        assert words in text
        assert "Debitor Registret" not in text


def test_an_order_is_held_for_a_remark_by_a_cause_that_no_bureau_answers():
    basket = BasketRules(frozenset(), 10)
    reasons = ["manual_review", "remark_review"]
    found = review_reasons(outcome="refer", reasons=reasons, amount=Money(1, "DKK"), order_limit_minor=1, items=[], basket=basket)
    assert [(one.reason, one.code) for one in found] == [("register", "remark_review"), ("referred", "referred")]
    assert found[1].facts == {"reasons": ["manual_review"]}
    causes = [{"reason": one.reason, "code": one.code} for one in found]
    assert rejected_for(OrderReview(causes=causes)) == ["payment_remark", "review_declined"]
