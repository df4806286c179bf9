"""Bureaus and registers are asked once about a person and a lender, whichever of the person's accounts a purchase is made with."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection

from accounts.models import Consumer
from accounts.services import note_inquiry_told, record_consent
from core import providers
from core.clock import now
from core.money import Money
from credit import queries, services
from credit.models import Inquiry
from credit.replaying import replay
from markets.models import MarketSetting
from markets.queries import REGISTERS, register_rows
from tests.brands.cast import make_bank
from tests.bureau_server import Bureau, account_with
from tests.registers_server import Registers, registers_account

REMARK = {"remarks": 2, "owed_minor": 540_000, "newest_on": "2026-03-01"}


@pytest.fixture
def outside(settings, person):
    """Give a bureau and the registers of Denmark."""
    settings.BUREAU = settings.REGISTERS = "nobody"
    bureau, registers = Bureau(), Registers()
    bureau.report["disposable_income_minor"] = 3_000_000
    providers.keep((account_with(bureau, "bureau", 1), registers_account(registers)))
    register_rows.keep(list(MarketSetting.objects.filter(key__in=REGISTERS).order_by("market_id", "valid_from", "id")))
    yield bureau, registers
    bureau.close()
    registers.close()
    providers.keep(())


@pytest.fixture
def two(outside, person):
    """Give a person's two accounts with the same brand in Denmark; the second is as the first with `change`."""

    def make(**change):
        first, second = person(market="DK"), person(market=change.pop("market", "DK"))
        Consumer.objects.filter(pk=second.pk).update(person=first, **change)
        second.refresh_from_db()
        return first, second

    return make


@pytest.fixture
def decide(at):
    def run(consumer, minor=200_000, *, at=at, **more):
        return services.decide(consumer=consumer, reference="chk_1", amount=Money(minor, "DKK"), at=at, **more)

    return run


def in_a_thread(call):
    """Return what a call returns, and close this thread's connection."""
    try:
        return call()
    finally:
        connection.close()


def told(decision):
    return [(one["code"], one["outcome"], one["remarks"]) for one in decision.inputs["registers"]]


def test_the_second_account_uses_what_was_told_about_the_first(outside, two, decide, at):
    first, second = two()
    outside[1].by_register["rki"] = REMARK
    before = decide(first)
    outside[0].report["score"], outside[1].by_register = 300, {}
    after = decide(second, at=at + timedelta(days=3))
    assert (outside[0].asked, outside[1].asked) == (1, 2)
    assert (after.inquiry_id, after.reasons) == (before.inquiry_id, ["payment_remark"])
    assert told(after) == [("rki", "kept", 2), ("debitor", "kept", 0)]
    assert [(one["outcome"], one["age_days"], one["cost_minor"]) for one in after.inputs["asked"]] == [("kept", 3, 0)] * 3
    assert replay(after).differences == {}


@pytest.mark.django_db(transaction=True)
def test_two_accounts_that_buy_at_once_ask_everybody_once(outside, two, decide):
    first, second = two()
    outside[1].by_register["rki"] = REMARK
    for one in outside:
        one.does, one.late_s = "late", 0.3
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda one: in_a_thread(partial(decide, one)), (first, second)))
    assert (outside[0].asked, outside[1].asked) == (1, 2)
    assert len({one.inquiry_id for one in made} - {None}) == 1
    assert [one.reasons for one in made] == [["payment_remark"]] * 2
    outcomes = [[line["outcome"] for line in one.inputs["asked"]] for one in made]
    assert [sorted(both) for both in zip(*outcomes, strict=True)] == [["kept", "report"]] * 3
    assert [replay(one).differences for one in made] == [{}, {}]


def test_a_question_that_was_given_up_is_asked_again(outside, two, decide, at):
    first, second = two()
    outside[0].does, outside[1].does = "error", "error"
    refused = decide(first, 100_000)
    outside[0].does, outside[1].does = "answer", "answer"
    after = decide(second, 100_000, at=at + timedelta(seconds=2))
    assert (refused.inquiry_id, after.inquiry.consumer_id, outside[0].asked) == (None, second.pk, 2)


def test_what_the_second_account_hears_counts_for_the_first(outside, two, decide, at):
    first, second = two()
    assert decide(first).outcome == "approve"
    outside[0].report["disposable_income_minor"] = 0
    later = at + timedelta(days=1)
    heard = decide(second, at=later, fresh=True)
    again = decide(first, at=later)
    assert (again.inquiry_id, again.outcome, outside[0].asked) == (heard.inquiry_id, "decline", 2)


@pytest.mark.parametrize("elsewhere", ["brand", "market"])
def test_another_lender_or_market_asks_itself(outside, two, decide, at, elsewhere):
    change = {"brand": make_bank()} if elsewhere == "brand" else {"market": "US"}
    first, second = two(**change)
    decide(first)
    decide(second)
    assert outside[0].asked == 2
    assert set(Inquiry.objects.filter(provider="bureau").values_list("consumer", flat=True)) == {first.pk, second.pk}


def test_an_account_that_was_not_told_uses_no_answer_about_another(outside, two, decide, at):
    first, second = two()
    decide(first)
    refused = {"kind": "bureau_inquiry", "version": "1", "text": "No longer", "given": False, "at": at}
    record_consent(consumer=second, **refused)
    small = decide(second, 100_000)
    assert (small.inquiry_id, small.reasons[0], told(small)) == (None, "not_asked", [("rki", "not_told", 0), ("debitor", "not_told", 0)])
    note_inquiry_told(consumer=second, language="da", reference="chk_2", at=at)
    assert (decide(second).outcome, outside[0].asked, outside[1].asked) == ("approve", 1, 2)


def test_what_all_accounts_have_in_use_counts_towards_the_debt_from_which_registers_are_asked(outside, two, decide, at):
    first, second = two(brand=make_bank())
    assert told(decide(first, 60_000)) == []
    services.reserve(consumer_id=first.pk, currency="DKK", amount_minor=60_000, at=at)
    assert told(decide(second, 60_000)) == [("rki", "report", 0), ("debitor", "report", 0)]


def test_the_review_of_a_bureau_about_one_account_decides_the_other_too(person, world):
    at = now()
    first, second = person("+refer_approve_05"), person()
    Consumer.objects.filter(pk=second.pk).update(person=first)
    second.refresh_from_db()
    decisions = [services.decide(consumer=one, reference="chk_1", amount=Money(5_000, "USD"), at=at) for one in (first, second)]
    assert {one.inquiry_id for one in decisions} == {Inquiry.objects.get().pk}
    world.post("/control/clock", {"forward_seconds": 300})
    assert services.poll_referrals(at=at + timedelta(minutes=8)) == 2
    assert {queries.find_referral(one.pk).outcome for one in decisions} == {"approve"}
