"""Sources that fail in a row are skipped for a while, tried again by one decision, told, and asked as before once they answer."""

import pytest
from django.urls import reverse

from core import providers
from core.errors import Unavailable
from core.money import Money
from core.providers import Capability
from core.short_memory import store
from credit import services, skipping
from credit.gateways.banks import NotReady
from credit.gateways.base import SourceLate, SourceUnavailable
from credit.models import Inquiry
from credit.replaying import replay
from credit.settable import SKIP_AFTER, SKIP_FOR_S
from credit.skipping import Watch, end_skipping, list_skipped
from tests.bureau_server import Bureau, account_with, use_accounts
from tests.credit.test_banks import Bank, start
from tests.credit.test_decisions import statements
from tests.operators import make_operator

pytestmark = pytest.mark.django_db


@pytest.fixture
def bureaus(settings, monkeypatch):
    """Give two bureaus, the first asked first; two failures in a row have one skipped."""
    settings.BUREAU = "nobody"
    monkeypatch.setattr("core.adjusting._reader", lambda: lambda: {SKIP_AFTER.name: 2, SKIP_FOR_S.name: 30})
    first, second = Bureau(), Bureau()
    use_accounts(account_with(first, "first", 1, budget_ms="150"), account_with(second, "second", 2, budget_ms="150"))
    yield first, second
    first.close()
    second.close()
    providers.keep(())


@pytest.fixture
def decide(at):
    def run(consumer, minor=20_000):
        return services.decide(consumer=consumer, reference="chk_1", amount=Money(minor, "USD"), at=at)

    return run


def asked(decision):
    return [(one["source"], one["outcome"], one["why"]) for one in decision.inputs["asked"]]


def end_rest(code):
    """Let the rest of a source be over."""
    store().delete(skipping._name("rest", code))


@pytest.mark.parametrize(("does", "why"), [("hang", "late"), ("error", "failed")])
def test_a_source_that_fails_in_a_row_is_skipped_and_the_next_is_asked_at_once(bureaus, person, decide, at, does, why):
    first, second = bureaus
    first.does = does
    for _ in range(2):
        assert asked(decide(person()))[0] == ("first", why, "")
    decision = decide(person())
    assert asked(decision) == [("first", "skipped", why), ("second", "report", "")]
    assert (first.asked, second.asked) == (2, 3)
    assert not Inquiry.objects.filter(provider="first", consumer=decision.consumer).exists()
    assert replay(decision).differences == {}
    assert (list_skipped()["first"].why, list_skipped()["first"].since) == (why, at)
    assert 0 < list_skipped()["first"].rest_s <= 30


def test_after_the_rest_one_decision_tries_it_and_an_answer_ends_the_skipping(bureaus, person, decide):
    first, _ = bureaus
    first.does = "error"
    for _ in range(2):
        decide(person())
    end_rest("first")
    one, other = Watch(["first"]), Watch(["first"])
    assert (one.skips("first"), other.skips("first")) == ("", "failed")
    end_skipping("first")
    for _ in range(2):
        decide(person())
    end_rest("first")
    assert asked(decide(person()))[0] == ("first", "failed", "")
    assert asked(decide(person()))[0] == ("first", "skipped", "failed")
    end_rest("first")
    first.does = "answer"
    assert asked(decide(person())) == [("first", "report", "")]
    assert list_skipped() == {}
    assert asked(decide(person())) == [("first", "report", "")]


def test_an_answer_in_between_ends_the_row(bureaus, person, decide):
    first, _ = bureaus
    for does in ("error", "answer", "error", "answer"):
        first.does = does
        decide(person())
    assert list_skipped() == {}


def test_where_all_sources_are_skipped_the_rules_for_no_answer_count(bureaus, person, decide):
    for bureau in bureaus:
        bureau.does = "error"
    for _ in range(2):
        decide(person())
    decision = decide(person())
    assert (decision.outcome, decision.reasons) == ("refer", ["source_silent"])
    assert [one[1] for one in asked(decision)] == ["skipped"] * 2
    with pytest.raises(Unavailable):
        decide(person(), 50_001)


def test_a_refused_question_about_one_person_is_no_failure_of_the_source(bureaus, person, decide, monkeypatch):
    monkeypatch.setattr("tests.bureau_server._Handler.do_POST", lambda self: self._answer(422, {"error": "no such street"}))
    for _ in range(3):
        assert asked(decide(person()))[0] == ("first", "refused", "")
    monkeypatch.setattr("tests.bureau_server._Handler.do_POST", lambda self: self._answer(401, {"error": "wrong key"}))
    for _ in range(2):
        decide(person())
    assert list_skipped()["first"].why == "refused"


def test_without_redis_every_source_is_asked(bureaus, person, decide, monkeypatch):
    def gone():
        raise OSError("no Redis")

    monkeypatch.setattr(skipping, "store", gone)
    bureaus[0].does = "error"
    for _ in range(4):
        assert asked(decide(person()))[0] == ("first", "failed", "")
    assert list_skipped() == {}


def test_no_statement_more_is_made_while_all_is_well(bureaus, person, decide, monkeypatch):
    people = [person() for _ in range(3)]
    decide(people[0])
    before = statements(lambda: decide(people[1]))
    monkeypatch.setattr(
        "credit.services.asking.Watch", lambda codes: type("No", (), {"skips": lambda *_: "", "answered": lambda *_: None})()
    )
    assert len(before) == len(statements(lambda: decide(people[2])))


def test_a_provider_of_open_banking_is_skipped_too_and_not_for_a_person_s_answer(bureaus, person, monkeypatch):
    bank = Bank()
    monkeypatch.setattr("credit.gateways.find_bank", lambda **_: bank)
    monkeypatch.setattr("credit.gateways.find_bank_of", lambda _: bank)
    bank.fails["begin"] = SourceLate("x")
    for _ in range(2):
        with pytest.raises(Unavailable):
            start(person())
    bank.fails["begin"] = AssertionError("it was asked")
    with pytest.raises(Unavailable):
        start(person())
    end_skipping(bank.name)
    del bank.fails["begin"]
    visit = start(person())
    for error in (NotReady("x"), SourceUnavailable("x"), NotReady("x"), SourceUnavailable("x"), NotReady("x")):
        bank.fails["read"] = error
        with pytest.raises(Unavailable):
            services.read_bank(consumer=visit.consumer, access_id=visit.public_id, at=visit.started_at)
    assert list_skipped() == {}


def test_operators_are_told_once_and_see_it_with_the_provider(sandbox_world, at, client):
    (code,) = [account.code for account in providers.choose(Capability.BUREAU, market="US", currency="USD")]

    def fail():
        for _ in range(SKIP_AFTER.default + 2):
            Watch([code]).failed(code, "late", at)

    fail()
    client.force_login(make_operator("olga@kvart.example", may=["view_provideraccount", "change_provideraccount"]))
    page = client.get(reverse("admin:index")).content.decode()
    assert page.count("It failed several times in a row: No answer in time.") == 1
    told = client.get(reverse("admin:core_provideraccount_changelist")).content.decode()
    assert "Skipped" in told
    assert "It is tried again in" in told
    client.post(reverse("admin:core_provideraccount_ask", args=[code]))
    assert list_skipped() == {}
    assert "failed several times" not in client.get(reverse("admin:index")).content.decode()
    fail()
    client.force_login(make_operator("else@kvart.example", may=["view_order"]))
    assert "failed several times" not in client.get(reverse("admin:index")).content.decode()
