"""A person's bank is read once: the figures count in the next decision, replay is identical, and nothing that opens the bank stays."""

import json
import time
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest
import requests

from accounts import services as accounts
from core.db import rows
from core.errors import Conflict, Forbidden, NotFound, Unavailable
from core.retention import forget_batch
from credit import queries, services
from credit.banking.holders import is_same_person
from credit.banking.sorting import Movement
from credit.gateways.banks import ConsentNeeded, NotConnected, NotReady, Statement, TooOften, Visit
from credit.gateways.base import SourceUnavailable
from credit.gateways.terms import BankTerms
from credit.models import BankAccess, BankCall
from credit.queries import BANKS_DUE, KEPT
from credit.replaying import replay
from credit.retentions import RETENTIONS
from credit.services import banks
from tests.operators import make_boss, make_operator

NOW = datetime.now(UTC)
pytestmark = pytest.mark.django_db


class Bank:
    """A provider of open banking that does as it is told."""

    name = "sandbox-bank"

    def __init__(self):
        self.fails, self.ended, self.texts = {}, [], "GLOBEX LTD SALARY"
        self.slow: dict[str, float] = {}
        self.calls: list[str] = []

    def _do(self, name):
        self.calls.append(name)
        time.sleep(self.slow.get(name, 0))
        if name in self.fails:
            raise self.fails[name]

    def begin(self, *, person, market, language, back, state):
        self._do("begin")
        self.person = person
        return Visit(f"https://bank.example/{state}", f"handle of {person}")

    def finish(self, *, handle):
        self._do("finish")
        return "the-access-token"

    def read(self, access, *, currency, since):
        self._do("read")
        today = NOW.date()
        days = [today - timedelta(days=30 * back) for back in range(1, 7)]
        paid = [Movement(account="a", on=day, minor=500_000, text=self.texts) for day in days]
        return Statement((*paid, Movement(account="a", on=days[-1], minor=-100, text="Very private text")), {"a": 1_000})

    def end(self, access):
        self._do("end")
        self.ended.append(access)


@pytest.fixture
def bank(monkeypatch):
    made = Bank()
    monkeypatch.setattr(banks.gateways, "find_bank", lambda **_: made)
    monkeypatch.setattr(banks.gateways, "find_bank_of", lambda _: made)
    return made


def start(who, at=NOW):
    visit, _ = services.start_bank(consumer=who, currency="USD", language="en", return_path="/limit/bank/back", at=at)
    return visit


def read(who, at=NOW):
    return services.read_bank(consumer=who, access_id=start(who, at).public_id, at=at)


def decided(decide, who, amount=10_000, at=NOW, **more):
    return decide(who, amount, at=at, **more)


def test_a_reading_keeps_sums_only_and_ends_at_once(bank, person):
    found = read(person())
    assert (found.figures["income_minor"], found.read_at, found.closed_at) == (500_000, NOW, NOW)
    assert bank.ended == ["the-access-token"]
    stored = rows("SELECT handle, access, figures FROM credit_bankaccess")[0]
    assert stored[:2] == ("", "")
    assert "500000" not in stored[2]
    kept = ["income_minor", "fixed_minor", "lenders_minor", "spending_minor", "gambling_bps", "months"]
    assert sorted(found.figures) == sorted([*kept, "lowest_minor", "days_below_zero", "below_zero_30d", "returned_90d", "steady_bps"])
    assert not any(isinstance(value, str) for value in found.figures.values())


def test_what_opens_the_bank_is_encrypted_while_it_waits(bank, person):
    bank.fails["read"] = NotReady("later")
    visit = start(person())
    with pytest.raises(Unavailable):
        services.read_bank(consumer=visit.consumer, access_id=visit.public_id, at=NOW)
    stored = str(rows("SELECT handle, access FROM credit_bankaccess"))
    assert "token" not in stored
    assert bank.person not in stored
    again = BankAccess.objects.get()
    assert (again.access, again.read_at, again.ended_at) == ("the-access-token", None, None)
    bank.fails.clear()
    assert services.read_bank(consumer=visit.consumer, access_id=visit.public_id, at=NOW).read_at == NOW
    assert services.read_bank(consumer=visit.consumer, access_id=visit.public_id, at=NOW).read_at == NOW
    assert bank.ended == ["the-access-token"]


def test_an_access_that_watches_balances_stays_until_it_is_stopped_replaced_or_over(bank, person):
    def go(at, **more):
        visit, _ = services.start_bank(consumer=who, currency="USD", language="en", return_path="/limit/bank/back", at=at, **more)
        return services.read_bank(consumer=who, access_id=visit.public_id, at=at)

    who = person()
    first = go(NOW, watches=True)
    assert (first.read_at, first.ended_at, first.access, first.next_at) == (NOW, None, "the-access-token", NOW + timedelta(days=90))
    assert services.read_bank(consumer=who, access_id=first.public_id, at=NOW).read_at == NOW
    assert (services.end_banks(at=NOW + timedelta(days=89)), bank.ended) == (0, [])
    second = go(NOW + timedelta(hours=1), watches=True)
    assert [one.pk for one in queries.list_watched([who.pk], NOW + timedelta(hours=2))] == [second.pk]
    go(NOW + timedelta(hours=2))
    assert [one.pk for one in queries.list_watched([who.pk], NOW + timedelta(hours=2))] == [second.pk]
    assert services.stop_watching(consumer=who, currency="USD", at=NOW + timedelta(hours=3)) == 1
    assert services.stop_watching(consumer=who, currency="USD", at=NOW + timedelta(hours=3)) == 0
    assert (len(bank.ended), BankAccess.objects.filter(closed_at=None).count()) == (3, 0)
    assert BankAccess.objects.get(pk=second.pk).figures["income_minor"] == 500_000
    third = go(NOW + timedelta(hours=4), watches=True)
    assert services.end_banks(at=NOW + timedelta(days=91)) == 1
    assert BankAccess.objects.get(pk=third.pk).closed_at is not None
    go(NOW + timedelta(days=92), watches=True)
    assert services.take_back_bank(consumer=who, currency="USD", at=NOW + timedelta(days=93)) == 5
    assert BankAccess.objects.filter(closed_at=None).count() == 0


def test_the_looks_of_a_closed_account_are_ended_at_once(bank, person):
    who = person()
    visit, _ = services.start_bank(consumer=who, currency="USD", language="en", return_path="/limit/bank/back", at=NOW, watches=True)
    services.read_bank(consumer=who, access_id=visit.public_id, at=NOW)
    wish = accounts.open_request(consumer=who, kind="closure", text="", at=NOW)
    assert not rows(f"SELECT 1 WHERE {BANKS_DUE}", {"at": NOW})
    accounts.answer_request(request_id=wish.pk, user=make_boss("boss@kvart.example"), outcome="done", answer="It is closed.", at=NOW)
    assert rows(f"SELECT 1 WHERE {BANKS_DUE}", {"at": NOW})
    assert services.end_banks(at=NOW) == 1
    assert not rows(f"SELECT 1 WHERE {BANKS_DUE}", {"at": NOW})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ["finish", "read", "end"])
def test_a_slow_bank_is_not_waited_for_and_what_it_tells_later_counts(bank, person, monkeypatch, step):
    monkeypatch.setattr(banks.gateways, "find_bank_terms", lambda _: BankTerms(35, 5, "EUR", budget_ms=150))
    visit, bank.slow[step] = start(person()), 0.4
    began = time.monotonic()
    late = nullcontext() if step == "end" else pytest.raises(Unavailable, match="still collecting")
    with late:
        services.read_bank(consumer=visit.consumer, access_id=visit.public_id, at=NOW)
    assert time.monotonic() - began < 0.35
    if step == "finish":
        until(lambda: BankAccess.objects.get().access)
        services.read_bank(consumer=visit.consumer, access_id=visit.public_id, at=NOW)
    found = until(lambda: BankAccess.objects.filter(read_at=NOW, closed_at=NOW).first())
    assert (found.figures["income_minor"], bank.ended, found.access) == (500_000, ["the-access-token"], "")
    outcomes = {"finish": ["late", "ok"], "read": ["late", "ok"], "end": ["ok"]}[step]
    calls = BankCall.objects.filter(kind="read").order_by("id")
    assert [(one.outcome, one.cost_minor) for one in calls] == [(one, 35 * (one == "ok")) for one in outcomes]


def until(found, seconds=3.0):
    """Return what is found as soon as it is there."""
    end = time.monotonic() + seconds
    while not (value := found()) and time.monotonic() < end:
        time.sleep(0.02)
    return value


def test_a_bank_that_fails_is_asked_again_within_its_time_as_often_as_its_account_says(bank, person, monkeypatch):
    monkeypatch.setattr(banks.gateways, "find_bank_terms", lambda _: BankTerms(tries=3))
    bank.fails["begin"] = SourceUnavailable("out of order")
    with pytest.raises(Unavailable):
        start(person())
    assert bank.calls.count("begin") == 3


def test_what_a_bank_showed_counts_for_the_days_of_its_account(bank, person, decide, monkeypatch):
    monkeypatch.setattr(banks.gateways, "find_bank_terms", lambda _: BankTerms(report_days=5))
    who = person()
    decided(decide, who)
    read(who)
    assert decided(decide, who, at=NOW + timedelta(days=4)).inputs["banked"]["age_days"] == 4
    assert decided(decide, who, at=NOW + timedelta(days=5)).inputs["banked"] is None


def test_somebody_else_s_visit_is_not_found(bank, person):
    visit = start(person())
    for access_id in (visit.public_id, "bka_x", "", "dec_1"):
        with pytest.raises(NotFound):
            services.read_bank(consumer=person(), access_id=access_id, at=NOW)


@pytest.mark.parametrize("error", [NotConnected("left"), ConsentNeeded("over")])
def test_who_connects_no_bank_is_told_and_the_visit_ends(bank, person, error):
    bank.fails["finish"] = error
    with pytest.raises(Conflict):
        read(person())
    assert (BankAccess.objects.get().closed_at, len(bank.ended)) == (NOW, 1)


@pytest.mark.parametrize(
    ("step", "error"), [("begin", SourceUnavailable("x")), ("finish", TooOften("x")), ("read", SourceUnavailable("x"))]
)
def test_a_bank_that_does_not_answer_is_tried_again_or_ended_later(bank, person, step, error):
    bank.fails[step] = error
    with pytest.raises(Unavailable):
        read(person())
    assert not rows(f"SELECT 1 WHERE {BANKS_DUE}", {"at": NOW})
    later = NOW + timedelta(hours=5)
    assert rows(f"SELECT 1 WHERE {BANKS_DUE}", {"at": later})
    assert services.end_banks(at=later) == 1
    assert (bank.ended == ["the-access-token"]) == (step == "read")
    assert services.end_banks(at=later) == 0


def test_an_end_that_the_provider_does_not_confirm_is_tried_again(bank, person):
    bank.fails["end"] = SourceUnavailable("x")
    found = read(person())
    assert (found.closed_at, found.access) == (None, "the-access-token")
    kept = f"SELECT 1 FROM accounts_consumer c WHERE c.id = %(who)s AND {KEPT}"
    assert rows(kept, {"who": found.consumer_id, "at": NOW + timedelta(days=4_000)})
    assert services.end_banks(at=NOW + timedelta(minutes=5)) == 0
    assert services.end_banks(at=NOW + timedelta(minutes=11)) == 0
    bank.fails.clear()
    assert services.end_banks(at=NOW + timedelta(minutes=22)) == 1
    assert rows("SELECT handle, access FROM credit_bankaccess") == [("", "")]
    assert not rows(kept, {"who": found.consumer_id, "at": NOW + timedelta(days=4_000)})


def test_taking_it_back_ends_and_forgets(bank, person):
    who = person()
    read(who)
    waiting = start(who)
    assert services.take_back_bank(consumer=who, currency="USD", at=NOW) == 2
    assert [(one.figures, one.read_at, one.closed_at) for one in BankAccess.objects.all()] == [({}, None, NOW)] * 2
    assert bank.ended == ["the-access-token", f"handle of {bank.person}"]
    assert services.read_bank(consumer=who, access_id=waiting.public_id, at=NOW).read_at is None
    assert services.take_back_bank(consumer=person(), currency="USD", at=NOW) == 0


def test_an_answer_that_comes_while_it_is_taken_back_keeps_nothing(bank, person, monkeypatch):
    who = person()
    visit, _ = services.start_bank(consumer=who, currency="USD", language="en", return_path="/limit/bank/back", at=NOW)
    told, end = bank.read("the-access-token", currency="USD", since=NOW), banks.end_access

    def late(access, at, wait=None):
        banks._keep(BankAccess.objects.get(pk=visit.pk), who, told, NOW, None)
        end(access, at, wait)

    monkeypatch.setattr(banks, "end_access", late)
    assert services.take_back_bank(consumer=who, currency="USD", at=NOW) == 1
    kept = BankAccess.objects.get()
    assert (kept.figures, kept.read_at, kept.marks) == ({}, None, [])


def test_what_opens_the_accounts_of_a_visit_that_has_ended_is_ended_as_often_as_it_takes(bank, person):
    visit = start(person())
    stale = BankAccess.objects.get()
    assert services.take_back_bank(consumer=visit.consumer, currency="USD", at=NOW) == 1
    bank.fails["end"] = SourceUnavailable("down")
    banks._Reading(stale, bank, visit.consumer, NOW).read()
    kept = BankAccess.objects.get()
    assert (kept.access, kept.closed_at, kept.read_at, "read" in bank.calls) == ("the-access-token", None, None, False)
    bank.fails.clear()
    assert services.end_banks(at=NOW + timedelta(hours=5)) == 1
    assert (bank.ended[-1], BankAccess.objects.get().access) == ("the-access-token", "")


def test_a_verified_income_counts_in_the_next_decision_and_replays(bank, person, decide):
    who = person()
    before = decided(decide, who)
    read(who, NOW + timedelta(hours=1))
    after = decided(decide, who, at=NOW + timedelta(hours=2))
    assert before.inputs["banked"] is None
    assert after.inputs["bureau"]["disposable_income_minor"] == 500_000
    assert after.inputs["banked"]["bureau_minor"] == before.inputs["bureau"]["disposable_income_minor"]
    assert after.inputs["banked"]["age_days"] == 0
    assert after.limit_minor > before.limit_minor
    assert "Very private" not in json.dumps(after.inputs)
    services.take_back_bank(consumer=who, currency="USD", at=NOW + timedelta(hours=3))
    for decision in (before, after):
        assert replay(decision).differences == {}
    last = decided(decide, who, at=NOW + timedelta(hours=4))
    assert (last.inputs["banked"], last.limit_minor) == (None, before.limit_minor)


def test_a_low_verified_income_counts_too(bank, person, decide):
    who = person("+approve")
    before = decided(decide, who)
    bank.read = lambda *_, **__: Statement(
        tuple(Movement(account="a", on=NOW.date() - timedelta(days=30 * back), minor=60_000, text="Wages") for back in range(1, 7)), {}
    )
    read(who)
    assert decided(decide, who).limit_minor < before.limit_minor


def test_an_old_reading_and_a_newer_report_and_no_income_do_not_count(bank, person, decide):
    who = person()
    read(who)
    assert decided(decide, who, at=NOW + timedelta(days=2)).inputs["banked"] is None
    other = person()
    decided(decide, other)
    read(other)
    assert decided(decide, other, at=NOW + timedelta(days=29)).inputs["banked"]["age_days"] == 29
    third = person()
    bank.texts = "from a friend"
    read(third)
    assert decided(decide, third).inputs["banked"] is None


def test_the_pretended_bank_of_the_sandbox_is_read(person, world):
    who = person()
    visit, there = services.start_bank(consumer=who, currency="USD", language="en", return_path="/limit/bank/back", at=NOW)
    with pytest.raises(Conflict):
        services.read_bank(consumer=who, access_id=start(who).public_id, at=NOW)
    back = requests.post(there, data={"life": "salary", "answer": "yes"}, timeout=10, allow_redirects=False).headers["Location"]
    assert back.endswith(f"/limit/bank/back?state={visit.public_id}")
    found = services.read_bank(consumer=who, access_id=visit.public_id, at=NOW)
    assert (found.figures["income_minor"], found.closed_at, found.verifies_income) == (320_000, NOW, True)


class Named(Bank):
    """A bank that tells whose accounts it shows, and by which mark it knows them."""

    holders, marks = ("BERG ANN",), ()

    def read(self, access, *, currency, since):
        told = super().read(access, currency=currency, since=since)
        return Statement(told.movements, told.balances, self.holders, self.marks)


@pytest.fixture
def named(monkeypatch, bank):
    made = Named()
    monkeypatch.setattr(banks.gateways, "find_bank", lambda **_: made)
    monkeypatch.setattr(banks.gateways, "find_bank_of", lambda _: made)
    return made


@pytest.mark.parametrize(
    ("mine", "holder", "same"),
    [
        *(("Ann Marie Berg", "BERG ANN M", True), ("Bo Åkjær", "BO AKJAER", True), ("Bo Åkjær", "AAKJAER BO", True)),
        *(("Łukasz Đorđević-İşığ", "L. Dordevic", True), ("Hans Müller", "HANS MUELLER", True), ("Pat O'Brien", "PAT OBRIEN", True)),
        *(("Ann Berg", "Mr Ann Berg & Bo Berg", True), ("Ann Berg", "Berg, Ann", True), ("Ann Berg", "A Berg", True)),
        *(("Ann Berg", "Ann Marie Berg", True), ("Ann Berg", "Dr. Ann Berg og Bo Holm", True), ("Cher", "CHER", True)),
        *(("Ann Berg", "Bo Berg", False), ("Ann Berg", "A B Berg", False), ("Ann Berg", "Ann Bergmann", False)),
        *(("Ann Berg", "Berg", False), ("Ann Berg", "", False), ("", "Ann Berg", False), ("Ann Berg", "Globex Ltd", False)),
    ],
)
def test_a_bank_s_way_to_write_a_name_is_the_person_s_own_and_another_s_is_not(mine, holder, same):
    assert is_same_person(mine, [holder]) is same


def test_accounts_of_another_name_verify_nothing_until_an_operator_decides(person, decide, named):
    who = person("+approve")
    named.holders = ("Bo Holm",)
    visit = read(who)
    assert (visit.holder, visit.verifies_income, visit.is_own) == ("other", False, False)
    assert "banked" not in {name for name, value in decide(who, at=NOW).inputs.items() if value}
    assert [one.pk for one in queries.list_doubted()] == [visit.pk]
    nobody = make_operator("nobody@kvart.example", may=["view_person"])
    with pytest.raises(Forbidden):
        services.settle_holder(access_id=visit.pk, theirs=True, user=nobody, at=NOW)
    judge = make_operator("judge@kvart.example", may=["view_person", "answer_request"])
    settled = services.settle_holder(access_id=visit.pk, theirs=True, user=judge, at=NOW)
    assert (settled.holder, settled.verifies_income, settled.holder_by, queries.list_doubted()) == ("theirs", True, str(judge.pk), [])
    assert decide(who, at=NOW).inputs["banked"]
    with pytest.raises(Conflict):
        services.settle_holder(access_id=visit.pk, theirs=False, user=judge, at=NOW)


def test_the_own_name_counts_and_so_does_a_bank_that_tells_none(person, named):
    who = person("+approve")
    named.holders = ("EXAMPLE ANN",)
    assert (read(who).holder, read(who).verifies_income) == ("same", True)
    named.holders = ()
    assert (read(who).holder, read(who).verifies_income) == ("untold", True)


def test_one_account_verifies_one_person_and_no_mark_of_it_is_stored_plain(person, named):
    first, second = person("+approve"), person("+approve")
    named.holders, named.marks = ("Ann Example",), ("DK5000400440116243",)
    assert (read(first).holder, read(first).holder) == ("same", "same")
    other = read(second)
    assert (other.holder, other.verifies_income) == ("shared", False)
    assert "0440116243" not in str(rows("SELECT row_to_json(b)::text FROM credit_bankaccess b"))
    services.take_back_bank(consumer=first, currency="USD", at=NOW)
    for who in (second, person("+approve")):
        again = read(who)
        assert (again.holder, again.verifies_income) == ("shared", False)
    assert read(first).holder == "shared"


def test_who_alone_showed_an_account_may_take_it_back_and_show_it_again_and_a_new_hash_key_changes_nothing(person, named, settings):
    first, second = person(), person()
    named.holders, named.marks = (), ("DK5000400440116243",)
    read(first)
    services.take_back_bank(consumer=first, currency="USD", at=NOW)
    assert read(first).holder == "untold"
    settings.LOOKUP_KEYS = [b"another", *settings.LOOKUP_KEYS]
    assert read(second).holder == "shared"


def test_figures_go_after_half_a_year_and_the_hashes_of_accounts_after_a_year(person, named):
    first, second = person(), person()
    named.holders, named.marks = ("Ann Example",), ("DK5000400440116243",)
    read(first)
    assert services.end_banks(at=NOW + timedelta(days=179)) == 0
    assert BankAccess.objects.get().figures
    over = NOW + timedelta(days=181)
    assert rows(f"SELECT 1 WHERE {BANKS_DUE}", {"at": over})
    services.end_banks(at=over)
    left = BankAccess.objects.get()
    assert (left.figures, left.holders, left.read_at, len(left.marks)) == ({}, [], None, 1)
    assert not rows(f"SELECT 1 WHERE {BANKS_DUE}", {"at": over})
    assert read(second, over).holder == "shared"
    kept = next(one for one in RETENTIONS if one.model is BankAccess)
    assert forget_batch(kept, at=NOW + timedelta(days=364)) == 0
    assert forget_batch(kept, at=NOW + timedelta(days=366)) == 1
