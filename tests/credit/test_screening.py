"""A person is screened again before a decision: in time, remembered, and with nothing approved between a hit and its answer."""

import threading
import time
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.errors import AnotherOfficer
from accounts.models import Consumer, Screened, Screening, ScreeningMatch
from accounts.screening import queries as screening
from accounts.screening import services as accounts_screening
from accounts.screening.services import look_at_lists, screen_due
from accounts.services import update_details
from core import providers
from core.errors import Conflict, Forbidden, Invalid
from core.money import Money
from credit import services
from credit.models import Decision
from credit.replaying import replay
from fraud.laundering.services import decide_match
from fraud.models import LaunderingAlert
from markets.models import MarketSetting
from markets.queries import SCREENING, screening_rows
from tests.bureau_server import Bureau, account_with
from tests.operators import make_operator
from tests.screening_server import ENTRY, Lists, screening_account

PEP = ENTRY | {"kind": "pep", "entry": "P-77", "list": "Exposed persons"}
WHY = "The birth date is another one."
FAULTS = {"hang": "late", "late": "late", "wrong": "failed", "twice": "failed", "error": "failed", "deep": "failed"}


@pytest.fixture
def lists(settings, person):
    """Give the company that screens people, beside a bureau with a good file; the law of all markets wants it."""
    settings.BUREAU = settings.SCREENING = "nobody"
    bureau, company = Bureau(), Lists()
    company.late_s = 0.6
    providers.keep((account_with(bureau, "bureau", 1), screening_account(company)))
    screening_rows.keep(list(MarketSetting.objects.filter(key=SCREENING).order_by("market_id", "valid_from")))
    yield company
    bureau.close()
    company.close()
    providers.keep(())


@pytest.fixture
def decide(at):
    def run(consumer, *, at=at, minor=20_000):
        return services.decide(consumer=consumer, reference="chk_1", amount=Money(minor, "USD"), at=at)

    return run


@pytest.fixture
def officers(db):
    return [make_operator(f"{name}@kvart.example", name=name, may=["handle_laundering"]) for name in ("mona", "nils")]


def told(decision):
    found = decision.inputs["screened"]
    return found["outcome"], found["age_days"], found["is_open"]


def later(at, days=31):
    return at + timedelta(days=days)


def confirm(match, officers, at, outcome="confirmed"):
    for officer in officers:
        match = decide_match(match_id=match.pk, outcome=outcome, reason=WHY, user=officer, at=at)
    return match


def test_a_recent_screening_costs_no_statement_and_asks_nobody(lists, person, decide, at):
    consumer = person()
    decide(consumer)
    with CaptureQueriesContext(connection) as found:
        decision = decide(consumer)
    assert (told(decision), lists.asked) == (("kept", 0, False), 0)
    screening_rows.keep([])
    with CaptureQueriesContext(connection) as without:
        decide(consumer)
    assert len(found) == len(without)


def test_an_old_screening_is_made_anew_and_kept_with_its_price(lists, person, decide, at):
    consumer = person()
    decision = decide(consumer, at=later(at))
    asked = Screening.objects.get()
    assert (decision.outcome, told(decision)) == ("approve", ("report", 0, False))
    assert (asked.consumers, asked.list_version, asked.cost_minor, asked.cost_currency) == ([consumer.pk], "1", 10, "EUR")
    assert decision.inputs["screened"]["key"] == str(asked.pk)
    assert [one["source"] for one in decision.inputs["asked"]] == ["bureau", "lists"]
    assert replay(decision).differences == {}
    assert told(decide(consumer, at=later(at, 40))) == ("kept", 9, False)
    assert lists.asked == 1


def test_a_possible_match_holds_the_purchase_until_two_officers_clear_it(lists, person, decide, at, officers):
    lists.entries, consumer = [ENTRY], person()
    decision = decide(consumer, at=later(at))
    assert (decision.outcome, decision.reasons, told(decision)) == ("refer", ["being_checked"], ("waits", 0, True))
    assert replay(decision).differences == {}
    match = ScreeningMatch.objects.get()
    assert (match.kind, match.told["entry"], match.status) == ("sanctions", "EU-1234", "open")
    assert not [
        word for word in ("sanction", "EU-1234", "match", "list") if word in str(decision.inputs["screened"]) + str(decision.reasons)
    ]
    assert decide(consumer, at=later(at)).outcome == "refer"
    assert decide_match(match_id=match.pk, outcome="cleared", reason=WHY, user=officers[0], at=later(at)).status == "open"
    with pytest.raises(AnotherOfficer):
        decide_match(match_id=match.pk, outcome="cleared", reason=WHY, user=officers[0], at=later(at))
    assert decide_match(match_id=match.pk, outcome="cleared", reason=WHY, user=officers[1], at=later(at)).status == "cleared"
    assert decide(consumer, at=later(at)).outcome == "approve"
    # Screened again: the same entry and the same person are known.
    assert (decide(consumer, at=later(at, 70)).outcome, lists.asked, ScreeningMatch.objects.count()) == ("approve", 2, 1)
    lists.entries = [ENTRY | {"updated": "2026-12-24"}]
    assert (decide(consumer, at=later(at, 110)).outcome, ScreeningMatch.objects.count()) == ("refer", 2)


def test_a_confirmed_match_refuses_in_neutral_words_and_alerts_the_desk(lists, person, decide, at, officers):
    lists.entries, consumer = [ENTRY], person()
    decide(consumer, at=later(at))
    match = confirm(ScreeningMatch.objects.get(), officers, later(at))
    alert = LaunderingAlert.objects.get()
    assert (match.status, alert.consumer_id, alert.rule, alert.reason, alert.status) == (
        "confirmed",
        consumer.pk,
        "listed",
        "sanctions",
        "open",
    )
    decision = decide(consumer, at=later(at))
    assert (decision.outcome, decision.reasons, decision.inquiry) == ("decline", ["account_restricted"], None)
    assert decision.inputs["screened"] is None
    assert replay(decision).differences == {}
    with pytest.raises(Conflict):
        decide_match(match_id=match.pk, outcome="confirmed", reason=WHY, user=officers[0], at=later(at))
    with pytest.raises(AnotherOfficer):
        decide_match(match_id=match.pk, outcome="cleared", reason=WHY, user=officers[1], at=later(at))
    confirm(match, officers, later(at), "cleared")
    assert decide(consumer, at=later(at)).outcome == "approve"


def test_an_exposed_person_is_accepted_by_one_officer(lists, person, decide, at, officers):
    lists.entries, consumer = [PEP], person()
    assert decide(consumer, at=later(at)).outcome == "refer"
    match = decide_match(match_id=ScreeningMatch.objects.get().pk, outcome="accepted", reason=WHY, user=officers[0], at=later(at))
    assert (match.status, decide(consumer, at=later(at)).outcome) == ("accepted", "approve")
    assert not LaunderingAlert.objects.exists()


def test_only_officers_decide_with_a_reason_and_within_what_a_list_allows(lists, person, decide, at, officers):
    lists.entries = [ENTRY]
    decide(person(), at=later(at))
    match, stranger = ScreeningMatch.objects.get(), make_operator("else@kvart.example", name="Else", may=["decide_review"])
    for user, outcome, reason, error in (
        (stranger, "cleared", WHY, Forbidden),
        (officers[0], "cleared", "no", Invalid),
        (officers[0], "accepted", WHY, Invalid),
        (officers[0], "open", WHY, Invalid),
    ):
        with pytest.raises(error):
            decide_match(match_id=match.pk, outcome=outcome, reason=reason, user=user, at=at)
    match.refresh_from_db()
    assert (match.status, match.recommended) == ("open", "")


@pytest.mark.parametrize(("does", "outcome"), FAULTS.items())
def test_without_an_answer_an_earlier_one_counts_for_some_days(lists, person, decide, at, does, outcome):
    lists.does = does
    consumer, began = person(), time.monotonic()
    decision = decide(consumer, at=later(at))
    assert time.monotonic() - began < 1.5
    assert (decision.outcome, told(decision)) == ("approve", (outcome, 31, False))
    if does == "error":
        held = decide(consumer, at=later(at, 37))
        assert (held.outcome, held.reasons, told(held)) == ("refer", ["being_checked"], ("waits", 0, True))


def test_changed_details_and_changed_lists_are_reasons_to_screen_again(lists, person, decide, at):
    consumer = person()
    assert look_at_lists(at=at) == 1
    assert look_at_lists(at=at) == 0
    lists.version = "2"
    assert look_at_lists(at=at + timedelta(hours=1)) == 1
    screening.forget_versions()
    assert told(decide(consumer, at=at + timedelta(hours=2))) == ("report", 0, False)
    assert told(decide(consumer, at=at + timedelta(hours=3))) == ("kept", 0, False)
    moved = {"line1": "2 Main St", "city": "Albany", "postal_code": "12207", "region": "NY"}
    consumer = update_details(consumer=consumer, address=moved, at=at + timedelta(hours=4), actor="consumer")
    assert told(decide(consumer, at=at + timedelta(hours=5))) == ("report", 0, False)
    assert lists.asked == 2


MOVED = {"line1": "2 Other St", "city": "New York", "postal_code": "10001", "region": "NY"}


def test_a_hit_about_an_address_that_changed_while_the_company_was_asked_approves_nothing(lists, person, decide, at, monkeypatch):
    lists.entries, consumer, keep = [ENTRY], person(), services.screening.keep_answer

    def changed(**told):
        update_details(consumer=consumer, address=MOVED, at=later(at), actor="consumer")
        return keep(**told)

    with monkeypatch.context() as patch:
        patch.setattr(services.screening, "keep_answer", changed)
        decision = decide(consumer, at=later(at))
    assert (decision.outcome, decision.reasons, told(decision)) == ("refer", ["being_checked"], ("waits", 0, True))
    assert not ScreeningMatch.objects.exists()
    consumer.refresh_from_db()
    assert decide(consumer, at=later(at)).outcome == "refer"
    assert ScreeningMatch.objects.count() == 1


def test_a_new_address_soon_after_sign_up_is_screened_and_one_typed_before_the_check_is_not(lists, person, decide, at):
    consumer, young = person(), person(identity="unknown")
    for one in (consumer, young):
        update_details(consumer=one, address=MOVED, at=at + timedelta(days=1), actor="consumer")
    assert list(Screened.objects.values_list("consumer", "screened_at")) == [(consumer.pk, screening.NEVER)]
    consumer.refresh_from_db()
    assert told(decide(consumer, at=at + timedelta(days=2))) == ("report", 0, False)
    assert lists.asked == 1


def test_workers_screen_everybody_whose_screening_is_a_day_old_in_one_question(lists, person, at):
    people = [person() for _ in range(3)]
    person(identity="unknown")
    assert screen_due(at=at) == 0
    lists.entries = [ENTRY]
    assert screen_due(at=later(at, 1) + timedelta(minutes=1)) == 3
    assert (Screening.objects.get().matches, lists.asked) == (3, 1)
    assert set(ScreeningMatch.objects.values_list("consumer", flat=True)) == {one.pk for one in people}
    assert screen_due(at=later(at, 1) + timedelta(minutes=2)) == 0


def test_a_company_that_is_silent_leaves_its_people_to_the_next_run(lists, person, at):
    person()
    lists.does = "error"
    assert screen_due(at=later(at, 2)) == 0
    lists.does = "answer"
    assert screen_due(at=later(at, 2)) == 0
    Screened.objects.update(claimed_until=None)
    assert screen_due(at=later(at, 2)) == 1


def test_a_silent_company_does_not_stop_the_screening_of_others_people(lists, person, at, monkeypatch):
    """Three people of a company that is silent are due first, two at a time, and two of another one after them."""
    monkeypatch.setattr("accounts.screening.services.MOST_PEOPLE", 2)
    silent, answers = Lists(), lists
    silent.does = "error"
    providers.keep((screening_account(silent, "silent", market="DK"), screening_account(answers, "answers", market="US")))
    [danes, others] = [[person(market=market) for _ in range(number)] for market, number in (("DK", 3), ("US", 2))]
    Consumer.objects.filter(pk__in=[one.pk for one in danes]).update(created_at=at - timedelta(days=9))
    assert screen_due(at=later(at, 2)) == 2
    assert (silent.asked, answers.asked) == (1, 1)
    assert set(Screened.objects.filter(screening__isnull=False).values_list("consumer", flat=True)) == {one.pk for one in others}
    silent.does = "answer"
    Screened.objects.update(claimed_until=None)
    assert screen_due(at=later(at, 2)) == 3
    silent.close()


@pytest.mark.parametrize("odd", ["a\0b", "a\ud800b"])
def test_a_match_with_characters_that_cannot_be_stored_is_a_match(lists, person, decide, at, odd):
    lists.entries, lists.version = [ENTRY | {"list": odd, "note": odd}], odd
    assert look_at_lists(at=at) == 1
    assert decide(person(), at=later(at)).outcome == "refer"
    assert (Screening.objects.get().list_version, ScreeningMatch.objects.get().list_name) == ("a?b", "a?b")


def test_what_goes_wrong_with_one_company_stops_nobody_else_s_screening(lists, person, at, monkeypatch):
    for market in ("US", "DK"):
        person(market=market)
    one, other = (Mock(**{"version.side_effect": told}) for told in (ValueError, ["9"]))
    other.name = "other"
    real = providers.connect
    monkeypatch.setattr(providers, "connect", Mock(side_effect=[one, other]))
    monkeypatch.setattr(providers, "in_use", lambda _capability: [Mock(), Mock()])
    assert look_at_lists(at=at) == 1
    monkeypatch.setattr(providers, "connect", real)
    keep = Mock(side_effect=[ValueError, None])
    monkeypatch.setattr("accounts.screening.services.keep_answer", keep)
    assert screen_due(at=later(at, 2)) == 1
    assert (lists.asked, keep.call_count) == (2, 2)


def test_evidence_stays_and_nobody_approves_around_it(lists, person, decide, at, officers):
    lists.entries, consumer = [ENTRY], person()
    decision = decide(consumer, at=later(at))
    for change in (
        lambda: ScreeningMatch.objects.all().delete(),
        lambda: ScreeningMatch.objects.update(told={}),
        lambda: Screening.objects.update(list_version="x"),
        lambda: ScreeningMatch.objects.update(status="cleared", decided_by=officers[0], decided_at=at),
        lambda: Decision.objects.create(
            consumer=consumer,
            reference="chk_2",
            currency="USD",
            amount_minor=1,
            outcome="approve",
            limit_minor=1,
            order_limit_minor=1,
            score=1,
            inputs=decision.inputs,
            versions=decision.versions,
            at=at,
        ),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


@pytest.mark.django_db(transaction=True)
def test_no_decision_approves_between_a_hit_and_its_answer(lists, person, decide, at, monkeypatch):
    """A worker stores a match while a decision has read that nothing stands against the person, and is about to be written."""
    consumer, ready, stored = person(), threading.Event(), threading.Event()
    real, tries = services.decisions._assess, []

    def pause(*args):
        found = real(*args)
        if not tries:
            ready.set()
            assert stored.wait(5)
        tries.append(found[1].outcome)
        return found

    monkeypatch.setattr(services.decisions, "_assess", pause)

    def hit():
        ready.wait(5)
        lists.entries = [ENTRY]
        screen_due(at=later(at, 2))
        stored.set()
        connection.close()

    worker = threading.Thread(target=hit)
    worker.start()
    decision = decide(consumer, at=later(at, 3))
    worker.join()
    assert (tries, decision.outcome, decision.reasons) == (["approve", "refer"], "refer", ["being_checked"])
    assert ScreeningMatch.objects.get().status == "open"
    assert not Decision.objects.filter(outcome="approve").exists()


@pytest.mark.django_db(transaction=True)
def test_who_moves_while_an_answer_is_stored_is_screened_again(lists, person, at, monkeypatch):
    """The new address is written between reading the person and storing that they were screened."""
    consumer, real, movers = person(), accounts_screening.execute, []

    def move():
        update_details(consumer=consumer, address=MOVED, at=later(at, 2), actor="consumer")
        connection.close()

    def slowly(sql, params):
        if sql == accounts_screening._KEEP:
            movers.append(threading.Thread(target=move))
            movers[0].start()
            movers[0].join(0.5)
        return real(sql, params)

    monkeypatch.setattr(accounts_screening, "execute", slowly)
    screen_due(at=later(at, 2))
    movers[0].join(5)
    assert Screened.objects.get(consumer=consumer).screened_at == screening.NEVER


@pytest.mark.django_db(transaction=True)
def test_a_match_waits_for_approvals_under_way_and_later_ones_see_it(lists, person, decide, at, at_once):
    lists.entries = [ENTRY]
    consumers = [person() for _ in range(6)]

    def act(number):
        return screen_due(at=later(at, 2)) if number == 0 else decide(consumers[number - 1], at=later(at, 3))

    found = at_once(7, act)
    assert found[0] == 6
    matched = {one.consumer_id: one for one in ScreeningMatch.objects.all()}
    assert len(matched) == 6
    assert {decide(one, at=later(at, 3)).outcome for one in consumers} == {"refer"}


@pytest.mark.django_db(transaction=True)
def test_a_process_killed_before_it_keeps_a_hit_has_approved_nothing(lists, person, decide, at, monkeypatch):
    class Killed(BaseException):
        pass

    def die(**_):
        raise Killed

    lists.entries, consumer = [ENTRY], person()
    with monkeypatch.context() as patch:
        patch.setattr("credit.services.screening.keep_answer", die)
        with pytest.raises(Killed):
            decide(consumer, at=later(at))
    assert (Decision.objects.count(), ScreeningMatch.objects.count(), Screening.objects.get().answered_at) == (0, 0, None)
    assert decide(consumer, at=later(at)).outcome == "refer"
