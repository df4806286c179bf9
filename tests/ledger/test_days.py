"""Totals of days are exact at every moment: each line counts once, in the day of its entry, folded or not."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from core.db import rows, unit
from ledger import services
from ledger.models import DayFold, DayTotal
from ledger.postings import Draft, post
from ledger.queries import wrong_day_totals
from ledger.statements import Span, trial_balance_of
from reports.books.ledger import check_day_totals
from tests.owner import tamper

AT = datetime(2026, 11, 22, 23, 59, tzinfo=UTC)
NEXT = AT + timedelta(minutes=2)
pytestmark = pytest.mark.django_db(transaction=True)


def put(source: str, minor: int, at: datetime = AT, currency: str = "USD") -> None:
    with unit():
        post([Draft("test", source, currency, (("merchant_payable", "mer_1", -minor), ("fee_income", "", minor)), at)])


def income(first: datetime, last: datetime, currency: str = "USD") -> tuple[int, int, int, int]:
    found = trial_balance_of(Span(first.date(), last.date()))
    (row,) = [row for row in found if (row.kind, row.currency) == ("fee_income", currency)]
    assert row.closing.debit_minor - row.closing.credit_minor == _opening(row) + row.debit_minor - row.credit_minor
    return _opening(row), row.debit_minor, row.credit_minor, row.closing.debit_minor - row.closing.credit_minor


def _opening(row) -> int:
    return row.opening.debit_minor - row.opening.credit_minor


def fold_all() -> None:
    """Fold until the newest line is: lines wait while anything older still runs anywhere in the cluster."""
    until = time.monotonic() + 60
    while rows("SELECT EXISTS (SELECT 1 FROM ledger_line WHERE xid >= coalesce((SELECT through_xid FROM ledger_dayfold), 0))")[0][0]:
        assert time.monotonic() < until
        services.fold_days(at=AT)
        time.sleep(0.05)


def test_folding_changes_no_total_and_a_late_line_is_added_to_its_day():
    put("1", 500)
    put("2", -200)
    put("3", 40, NEXT)
    put("kr", 7, currency="DKK")
    before = (income(AT, AT), income(NEXT, NEXT), income(AT, NEXT), income(AT, AT, "DKK"))
    assert before == ((0, 500, 200, 300), (300, 40, 0, 340), (0, 540, 200, 340), (0, 7, 0, 7))
    fold_all()
    assert DayTotal.objects.count() == 6
    assert (income(AT, AT), income(NEXT, NEXT), income(AT, NEXT), income(AT, AT, "DKK")) == before
    put("late", 1_000, AT)
    assert (income(AT, AT), income(NEXT, NEXT)) == ((0, 1_500, 200, 1_300), (1_300, 40, 0, 1_340))
    fold_all()
    assert (income(AT, AT), income(NEXT, NEXT)) == ((0, 1_500, 200, 1_300), (1_300, 40, 0, 1_340))
    assert list(wrong_day_totals()) == []
    assert services.fold_days(at=AT) == 0


def test_a_ledger_that_was_never_folded_is_folded_in_several_runs(monkeypatch):
    for number in range(5):
        put(str(number), 100)
    with unit():
        newest = DayFold.objects.create(through_xid=0) and 0
    monkeypatch.setattr(services, "MOST_TRANSACTIONS", 200)
    for _ in range(3):
        services.fold_days(at=AT)
        through = DayFold.objects.get().through_xid
        assert newest < through <= newest + 200
        newest = through
        assert income(AT, AT) == (0, 500, 0, 500)


def test_what_is_not_committed_is_not_folded(at_once):
    put("1", 100)
    opened, folded = threading.Event(), threading.Event()

    def work(number: int) -> object:
        if number:
            assert opened.wait(30)
            try:
                services.fold_days(at=AT)
                return income(AT, AT)
            finally:
                folded.set()
        with unit():
            put("slow", 1_000)
            opened.set()
            assert folded.wait(60)
        return income(AT, AT)

    assert at_once(2, work) == [(0, 1_100, 0, 1_100), (0, 100, 0, 100)]
    fold_all()
    assert income(AT, AT) == (0, 1_100, 0, 1_100)


def test_two_who_fold_at_once_count_each_line_once(at_once):
    for number in range(20):
        put(str(number), 10)
    at_once(4, lambda _number: services.fold_days(at=AT))
    fold_all()
    assert income(AT, AT) == (0, 200, 0, 200)
    assert list(wrong_day_totals()) == []


def test_a_wrong_total_is_named():
    put("1", 100)
    fold_all()
    assert check_day_totals().wrong == 0
    tamper("UPDATE ledger_daytotal SET debit_minor = debit_minor + 1 WHERE kind = 'fee_income'", [])
    assert income(AT, AT)[1] == 101
    check = check_day_totals()
    assert (check.wrong, "fee_income" in check.offenders[0]) == (1, True)
