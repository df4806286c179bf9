"""Balances are exact at every moment: many write while another folds and others read."""

import itertools
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

import pytest
from django.db import connection

from core.db import rows, unit
from ledger import services
from ledger.models import Checkpoint, Line
from ledger.postings import Draft, post
from ledger.queries import balance, stream_balances, trial_balance, unbalanced_entries

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def eager(monkeypatch):
    """Fold accounts with ten lines already."""
    monkeypatch.setattr(services, "FOLD_LINES", 10)


def move(source: str, minor: int, owner: str = "mer_1", currency: str = "USD") -> Draft:
    return Draft("test", source, currency, (("merchant_payable", owner, -minor), ("fee_income", "", minor)), AT)


def payable(owner: str = "mer_1", currency: str = "USD") -> int:
    return balance(kind="merchant_payable", owner=owner, currency=currency)


def put(*drafts: Draft) -> None:
    with unit():
        post(drafts)


def test_an_account_that_was_never_posted_to_has_nothing():
    assert payable("nobody") == 0


def fold(accounts: int) -> int:
    """Fold until so many are: lines wait while anything older still runs anywhere in the cluster."""
    folded, until = 0, time.monotonic() + 60
    while folded < accounts and time.monotonic() < until:
        folded += services.fold_balances(at=AT)
        time.sleep(0.05)
    return folded


def test_folding_changes_no_balance():
    put(*(move(str(n), n + 1) for n in range(25)))
    put(*(move(f"few-{n}", 3, owner="mer_2") for n in range(5)), move("kr", 7, currency="DKK"))
    before = (payable(), payable("mer_2"), payable(currency="DKK"), balance(kind="fee_income", owner="", currency="USD"))
    assert before == (-325, -15, -7, 340)
    assert fold(2) == 2
    assert services.fold_balances(at=AT) == 0
    assert Checkpoint.objects.count() == 2
    assert (payable(), payable("mer_2"), payable(currency="DKK"), balance(kind="fee_income", owner="", currency="USD")) == before
    put(*(move(f"more-{n}", 2) for n in range(12)))
    assert payable() == -349
    assert fold(2) == 2
    assert (payable(), Checkpoint.objects.count()) == (-349, 2)


def test_reading_a_folded_balance_looks_at_the_lines_since():
    put(*(move(str(n), 1) for n in range(50)))
    fold(1)
    put(move("after", 1))
    through = Checkpoint.objects.values_list("through_xid", flat=True)[0]
    assert Line.objects.filter(xid__gte=through).count() == 2
    assert payable() == -51


def test_what_is_not_committed_is_not_folded(at_once):
    put(*(move(str(n), 1) for n in range(20)))
    opened, folded = threading.Event(), threading.Event()

    def work(number: int) -> object:
        if number:
            opened.wait(30)
            try:
                return fold(2), payable()
            finally:
                folded.set()
        with unit():
            post([move("late", 1_000)])
            opened.set()
            assert folded.wait(90)
        return payable()

    assert at_once(2, work) == [-1_020, (2, -20)]
    assert payable() == -1_020
    put(*(move(f"x{n}", 1) for n in range(20)))
    services.fold_balances(at=AT)
    assert (payable(), list(stream_balances("merchant_payable"))) == (-1_040, [("mer_1", "USD", -1_040)])


def test_what_was_undone_is_not_folded():
    put(*(move(str(n), 1) for n in range(20)))
    with pytest.raises(KeyError), unit():
        _post_and_fail()
    services.fold_balances(at=AT)
    assert payable() == -20


def _post_and_fail() -> None:
    post(move(f"undone-{n}", 500) for n in range(20))
    raise KeyError("undo")


def test_many_write_while_others_fold_and_read(at_once):
    """Six write three accounts in commits of different lengths, two fold all the time; no reader ever sees a wrong sum.

    A fold goes no further than the oldest transaction of the whole server, which may be that of a test in the next database: those who
    write go on until something was folded.
    """
    turns, writing = 40, threading.Semaphore(0)
    done, some_folded = threading.Event(), threading.Event()
    until = time.monotonic() + 90
    wrong: list[object] = []

    def write(number: int) -> None:
        chance = Random(number)
        for turn in itertools.count():
            if turn >= turns and (some_folded.wait(0.2) or time.monotonic() > until):
                break
            owner = f"mer_{chance.randrange(3)}"
            put(*(move(f"{number}-{turn}-{part}", chance.randrange(1, 900), owner) for part in range(chance.randrange(1, 5))))
        writing.release()

    def fold() -> int:
        folded = 0
        while not done.is_set():
            folded += services.fold_balances(at=AT)
            if folded > 3:
                some_folded.set()
            time.sleep(0.01)
        return folded

    def read() -> int:
        looks = 0
        while not done.is_set():
            looks += 1
            wrong.extend(compared())
            time.sleep(0.01)
        return looks

    def work(number: int) -> object:
        if number < 6:
            return write(number)
        if number == 9:
            for _ in range(6):
                writing.acquire()
            done.set()
            return None
        return fold() if number < 8 else read()

    results = at_once(10, work)
    assert results[:6] == [None] * 6
    assert results[6] + results[7] > 3
    assert results[8] > 3
    assert (wrong, list(unbalanced_entries())) == ([], [])
    assert list(compared()) == []
    assert sum(line.balance_minor for line in trial_balance()) == 0


_COMPARE = """
    SELECT a.kind, a.owner,
        coalesce(c.balance_minor, 0) + coalesce((
            SELECT sum(amount_minor) FROM ledger_line l WHERE l.account_id = a.id AND l.xid >= coalesce(c.through_xid, 0)), 0),
        (SELECT sum(amount_minor) FROM ledger_line l WHERE l.account_id = a.id)
    FROM ledger_account a LEFT JOIN ledger_checkpoint c ON c.account_id = a.id"""


def compared() -> Iterator[tuple[str, str, int, int]]:
    """Yield accounts whose balance is not the sum of all lines, both taken from one snapshot."""
    with connection.cursor() as cursor:
        cursor.execute(_COMPARE)
        yield from (row for row in cursor.fetchall() if row[2] != row[3])


def test_posters_of_the_same_new_accounts_do_not_wait_in_a_circle(at_once):
    def work(number: int) -> None:
        owners = [f"mer_{n}" for n in range(12)]
        for turn in range(5):
            Random(number * 10 + turn).shuffle(owners)
            put(*(move(f"{number}-{turn}-{owner}", 1, owner, currency=f"C{turn:02}") for owner in owners))

    assert at_once(6, work) == [None] * 6
    assert {minor for _, _, minor in stream_balances("merchant_payable")} == {-6}


def test_the_trial_balance_sums_to_nothing_in_each_currency():
    put(move("1", 100), move("2", 50, owner="mer_2"), move("3", 9, currency="DKK"))
    found = [(line.kind, line.currency, line.accounts, line.balance_minor) for line in trial_balance()]
    assert found == [
        ("fee_income", "DKK", 1, 9),
        ("merchant_payable", "DKK", 1, -9),
        ("fee_income", "USD", 1, 150),
        ("merchant_payable", "USD", 2, -150),
    ]


def test_folding_is_done_by_one_at_a_time(at_once):
    put(*(move(str(n), 1) for n in range(30)))
    folded, until = 0, time.monotonic() + 60
    while not folded and time.monotonic() < until:
        folded = max(at_once(4, lambda _: services.fold_balances(at=AT)))
    assert folded == 2
    assert payable() == -30
    assert rows("SELECT count(*), sum(balance_minor) FROM ledger_checkpoint") == [(2, 0)]
