"""Sources that hang, answer late, wrong, twice or with an error: every decision is made in time, by the policy."""

import time
from dataclasses import fields, replace
from datetime import timedelta

import pytest

from accounts.services import note_inquiry_told, record_consent
from core import providers, remote
from core.errors import Unavailable
from core.money import Money
from credit import queries, services
from credit.models import BankCall, CreditLine, Decision, Inquiry, LimitChange
from credit.replaying import replay
from credit.rules import Bureau as CreditFile
from credit.settable import ANSWER_WITHIN_MS, UNREPORTED
from sandbox.credit_files import CreditFile as AgencyFile
from simulation.sources import let_people_show_their_bank, make_accounts
from tests.agencies import Server
from tests.bureau_server import Bureau, account_with, use_accounts
from tests.owner import unguarded

FAULTS = {"hang": "late", "late": "late", "wrong": "failed", "twice": "failed", "error": "failed", "deep": "failed", "odd": "failed"}
BUDGET = {"budget_ms": "150"}


@pytest.fixture
def bureaus(settings):
    """Give two bureaus; the first is asked first."""
    settings.BUREAU = "nobody"
    first, second = Bureau(), Bureau()
    use_accounts(account_with(first, "first", 1, **BUDGET), account_with(second, "second", 2, price_minor="90", **BUDGET))
    first.late_s = second.late_s = 0.4
    yield first, second
    first.close()
    second.close()
    providers.keep(())


@pytest.fixture
def decide(at):
    def run(consumer, minor=20_000, *, at=at, fresh=False):
        return services.decide(consumer=consumer, reference="chk_1", amount=Money(minor, "USD"), at=at, fresh=fresh)

    return run


def asked(decision):
    return [(one["source"], one["outcome"], one["cost_minor"]) for one in decision.inputs["asked"]]


@pytest.mark.parametrize(("does", "outcome"), FAULTS.items())
def test_the_next_source_is_asked_if_one_fails(bureaus, person, decide, does, outcome):
    bureaus[0].does = does
    decision = decide(person())
    assert (decision.outcome, decision.versions["source"]) == ("approve", "second")
    assert asked(decision) == [("first", outcome, 0), ("second", "report", 90)]
    assert decision.inquiry.agency["name"] == "second Inc."
    assert Inquiry.objects.get(provider="first").answered_at is None
    assert Inquiry.objects.get(provider="second").cost_minor == 90
    assert replay(decision).differences == {}


@pytest.mark.parametrize("does", FAULTS)
def test_if_all_fail_people_decide_on_small_amounts(bureaus, person, decide, does):
    for bureau in bureaus:
        bureau.does = does
    consumer, began = person(), time.monotonic()
    decision = decide(consumer)
    assert time.monotonic() - began < 1
    assert (decision.outcome, decision.reasons, decision.inquiry) == ("refer", ["source_silent"], None)
    assert [one["outcome"] for one in decision.inputs["asked"]] == [FAULTS[does]] * 2
    assert (decision.limit_minor, decision.order_limit_minor) == (50_000, 30_000)
    with pytest.raises(Unavailable):
        decide(consumer, 50_001)
    with pytest.raises(Unavailable):
        decide(consumer, fresh=True)
    assert Decision.objects.count() == 1
    assert replay(decision).differences == {}


def test_all_sources_together_take_no_longer_than_a_decision_may(bureaus, person, decide, monkeypatch):
    monkeypatch.setattr("core.adjusting._reader", lambda: lambda: {ANSWER_WITHIN_MS.name: 300, UNREPORTED["USD"].name: 100})
    first, second = bureaus
    use_accounts(account_with(first, "first", 1, budget_ms="120"), account_with(second, "second", 2, budget_ms="5000"))
    first.does = second.does = "hang"
    began = time.monotonic()
    decision = decide(person(), 10_000)
    assert time.monotonic() - began < 0.6
    assert (decision.limit_minor, asked(decision)) == (10_000, [("first", "late", 0), ("second", "late", 0)])


def test_a_source_is_asked_again_as_often_as_its_account_says(bureaus, person, decide):
    first, second = bureaus
    use_accounts(account_with(first, "first", 1, tries="3", budget_ms="900"), account_with(second, "second", 2))
    first.does = "error"
    assert asked(decide(person()))[1] == ("second", "report", 90 + 35)
    assert (first.asked, second.asked) == (3, 1)


def test_an_old_report_counts_for_smaller_orders(bureaus, person, decide, at):
    consumer = person()
    before = decide(consumer)
    assert (before.limit_minor, before.order_limit_minor) == (150_000, 100_000)
    for bureau in bureaus:
        bureau.does = "error"
    later = decide(consumer, at=at + timedelta(days=40))
    assert (later.outcome, later.limit_minor, later.order_limit_minor) == ("approve", 150_000, 50_000)
    assert later.inquiry_id == before.inquiry_id
    last = later.inputs["asked"][-1]
    assert (last["source"], last["outcome"], last["age_days"], last["cost_minor"]) == ("first", "old", 40, 0)
    assert replay(later).differences == {}
    much_later = decide(consumer, at=at + timedelta(days=91))
    assert (much_later.outcome, much_later.reasons, much_later.limit_minor) == ("refer", ["source_silent"], 150_000)
    assert LimitChange.objects.count() == 1


def test_a_report_counts_for_as_long_as_its_account_says(bureaus, person, decide, at):
    first, second = bureaus
    use_accounts(account_with(first, "first", 1, report_days="5"), account_with(second, "second", 2))
    consumer = person()
    decide(consumer)
    assert asked(decide(consumer, at=at + timedelta(days=4))) == [("first", "kept", 0)]
    assert asked(decide(consumer, at=at + timedelta(days=6))) == [("first", "report", 125)]
    assert first.asked == 2


@pytest.mark.parametrize(
    ("file", "outcome", "reason", "limit"),
    [
        ("frozen", "decline", "file_frozen", 0),
        ("deceased", "refer", "file_deceased", 50_000),
        ("none", "refer", "file_missing", 50_000),
        ("no_income", "refer", "income_unknown", 50_000),
    ],
)
def test_an_answer_that_is_no_report_decides_by_what_it_says(bureaus, person, decide, file, outcome, reason, limit):
    for bureau in bureaus:
        bureau.report = {"file": file}
    decision = decide(person())
    assert (decision.outcome, decision.reasons, decision.limit_minor) == (outcome, [reason], limit)
    assert decision.inquiry.data == {"file": file}
    everywhere = file in {"none", "no_income"}
    assert asked(decision) == [("first", file, 125), *([("second", file, 90)] if everywhere else [])]
    assert CreditLine.objects.count() == (outcome == "refer")
    assert replay(decision).differences == {}
    assert decide(decision.consumer, 50_001).reasons == [reason]


def test_a_lifted_freeze_counts_at_once(bureaus, person, decide):
    first, _ = bureaus
    first.report = {"file": "frozen"}
    consumer = person()
    decide(consumer)
    first.report = {**bureaus[1].report}
    assert decide(consumer).outcome == "approve"


@pytest.mark.django_db(transaction=True)
def test_what_comes_late_is_kept_for_the_next_decision(bureaus, person, decide):
    first, second = bureaus
    first.does, second.does = "late", "error"
    consumer = person()
    assert decide(consumer).reasons == ["source_silent"]
    until = time.monotonic() + 5
    while Inquiry.objects.get(provider="first").answered_at is None:
        assert time.monotonic() < until
        time.sleep(0.02)
    kept = Inquiry.objects.get(provider="first")
    assert (kept.cost_minor, kept.cost_currency) == (125, "USD")
    assert kept.took_ms >= 400
    decision = decide(consumer)
    assert (decision.outcome, decision.limit_minor, asked(decision)) == ("approve", 150_000, [("first", "kept", 0)])
    assert first.asked == 1


def test_agencies_are_asked_in_order_and_the_one_that_answers_is_named(person, decide, settings):
    settings.BUREAU = "nobody"
    hanging, knowing = Server(), Server()
    hanging.state.does = "hang"
    knowing.state.case = AgencyFile(income=None)
    use_accounts(
        replace(hanging.account("experian", budget_ms="150", price_minor="200"), priority=1),
        replace(knowing.account("equifax", price_minor="150"), priority=2),
    )
    decision = decide(person())
    knowing.state.case = AgencyFile()
    again = decide(decision.consumer)
    hanging.state.over.set()
    for server in (hanging, knowing):
        server.shutdown()
        server.server_close()
    providers.keep(())
    assert (decision.outcome, decision.reasons) == ("refer", ["income_unknown"])
    assert asked(decision) == [("experian", "late", 0), ("equifax", "no_income", 150)]
    assert (again.outcome, again.versions["source"]) == ("approve", "equifax")
    assert queries.bureau_of(again)["phone"] == "+1 800-685-1111"
    assert len(queries.bureau_of(again)["factors"]) == 2
    assert replay(again).differences == {}


def test_nothing_but_the_credit_file_is_kept_of_an_answer(bureaus, person, decide):
    bureaus[0].report |= {"social_network": {"friends": 812, "posts": ["Off to the sea"]}, "religion": "none"}
    decision = decide(person())
    assert decision.outcome == "approve"
    assert set(decision.inquiry.data) == {one.name for one in fields(CreditFile)} | {"factors"}
    assert set(decision.inputs["bureau"]) == {one.name for one in fields(CreditFile)}
    assert not any(word in str([decision.inquiry.data, decision.inputs]) for word in ("social", "friends", "sea", "religion"))


@pytest.mark.parametrize(("market", "law"), [("US", "1681b(a)(3)(A)"), ("DK", "2016/679"), ("SE", "1973:1173"), ("AU", "s. 20F")])
def test_the_law_that_allows_a_question_is_kept_with_it(bureaus, person, decide, market, law):
    assert law in decide(person(market=market)).inquiry.purpose


@pytest.mark.parametrize(("market", "asked_for"), [("US", 1), ("DE", 0), ("GB", 0)])
def test_nobody_is_asked_about_before_they_are_told_where_the_law_wants_that(bureaus, person, decide, at, market, asked_for):
    consumer = person(market=market)
    record_consent(consumer=consumer, kind="bureau_inquiry", version="1", text="No longer", given=False, at=at)
    decision = decide(consumer)
    assert (bureaus[0].asked, Inquiry.objects.count()) == (asked_for, asked_for)
    if asked_for:
        return
    assert (decision.outcome, decision.reasons, decision.inputs["asked"]) == ("refer", ["not_asked"], [])
    assert replay(decision).differences == {}
    with pytest.raises(Unavailable):
        decide(consumer, fresh=True)
    note_inquiry_told(consumer=consumer, language="de", reference="chk_2", at=at)
    assert decide(consumer).outcome == "approve"


@pytest.fixture
def demo_accounts(sandbox_world, person, at):
    """The accounts of the demo: Experian, Equifax and TransUnion in the United States, at the sandbox world."""
    make_accounts(at=at)
    yield remote.sandbox()
    for name in ("experian", "equifax"):
        remote.sandbox().post("/control/chaos", {"target": name})
    providers.keep(())


@pytest.mark.parametrize(
    ("word", "outcome", "asked_of"),
    [
        ("Approve", "approve", [("experian", "report", 185)]),
        ("Decline", "decline", [("experian", "report", 185)]),
        ("Refer", "refer", [("experian", "report", 185)]),
        ("Frozen", "decline", [("experian", "frozen", 185)]),
    ],
)
def test_the_demo_s_agencies_decide_by_the_name(demo_accounts, person, decide, word, outcome, asked_of):
    consumer = person()
    consumer.name = f"Ann {word}"
    with unguarded():
        consumer.save()
    decision = decide(consumer)
    assert (decision.outcome, asked(decision)) == (outcome, asked_of)
    assert replay(decision).differences == {}


def test_the_next_agency_of_the_demo_is_asked_where_one_fails_or_answers_wrongly(demo_accounts, person, decide):
    demo_accounts.post("/control/chaos", {"target": "experian", "fail_rate": 1.0})
    demo_accounts.post("/control/chaos", {"target": "equifax", "wrong_rate": 1.0})
    decision = decide(person("+approve"))
    assert asked(decision) == [("experian", "failed", 0), ("equifax", "failed", 0), ("transunion", "report", 160)]
    assert queries.bureau_of(decision)["name"] == "TransUnion LLC"


def test_people_of_the_demo_show_their_bank_by_the_provider_of_their_brand(demo_accounts, buy, merchant, at):
    consumer = buy(merchant, 10_000, at, "p1+approve@people.example", capture="automatic").consumer
    assert let_people_show_their_bank(at=at) == ["sandbox-bank"]
    call = BankCall.objects.get(kind="read")
    assert (call.provider, call.outcome, call.cost_minor, call.cost_currency) == ("sandbox-bank", "ok", 35, "EUR")
    assert consumer.bank_accesses.get().figures["income_minor"] > 0
