"""The database itself refuses what does not balance, what changes history, and what was posted before."""

import uuid
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.db import Error, IntegrityError, connection, transaction

from core.db import execute, rows, unit
from ledger.models import Entry, Line, account_id
from ledger.postings import Draft, post
from tests.owner import as_owner

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
pytestmark = pytest.mark.django_db

NEW_LINES = "INSERT INTO ledger_line (entry_id, account_id, currency, amount_minor) VALUES "


def draft(source: str, minor: int = 100, other: int | None = None, kind: str = "test", currency: str = "USD") -> Draft:
    lines = (("cash", "here", minor), ("receivable", "pln_1", -minor if other is None else other))
    return Draft(kind, source, currency, lines, AT)


@pytest.fixture
def entry() -> Entry:
    """An entry of 100 from one account to another."""
    with unit():
        post([draft("first")])
    return Entry.objects.get()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_added_to_an_entry_that_was_posted_before():
    with unit():
        post([draft("first")])
    posted, before = Entry.objects.get(), counts()
    one, other = accounts("USD")
    values = [posted.pk, one, posted.pk, other]
    refused(NEW_LINES + "(%s, %s, 'USD', 70), (%s, %s, 'USD', -70)", values, match="was posted before")
    with pytest.raises(Error, match="was posted before"), transaction.atomic():
        entry = bare_entry()
        execute(
            NEW_LINES.replace("_minor)", "_minor, xid)") + "(%s, %s, 'USD', 7, 1), (%s, %s, 'USD', -7, 1)",
            [entry, one, entry, other],
        )
    assert counts() == before


def test_an_entry_may_be_posted_in_more_than_one_statement_of_its_transaction():
    one, other = accounts("USD")
    entry = bare_entry()
    for _ in range(2):
        with transaction.atomic():
            execute(NEW_LINES + "(%s, %s, 'USD', 70), (%s, %s, 'USD', -70)", [entry, one, entry, other])
    assert Line.objects.count() == 4


def counts() -> tuple[int, int]:
    return Entry.objects.count(), Line.objects.count()


def refused(sql: str, params: object = (), match: str = ".") -> None:
    """Run SQL that the database must refuse, in a savepoint of its own."""
    with pytest.raises(Error, match=match), transaction.atomic():
        execute(sql, params)


def accounts(*currencies: str) -> list[str]:
    """Make two accounts for each currency and return their keys."""
    made = []
    for currency in currencies:
        for owner in ("a", "b"):
            key = str(account_id("test", owner, currency))
            execute("INSERT INTO ledger_account (id, kind, owner, currency) VALUES (%s, 'test', %s, %s)", [key, owner, currency])
            made.append(key)
    return made


def bare_entry(source: str = "bare") -> str:
    key = str(uuid.uuid4())
    execute("INSERT INTO ledger_entry (id, kind, source, at) VALUES (%s, 'test', %s, now())", [key, source])
    return key


def test_an_entry_that_does_not_balance_is_refused():
    with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic():
        post([draft("good"), draft("bad", 100, -99)])
    assert counts() == (0, 0)


def test_two_wrongs_do_not_make_a_right():
    """Two entries that are off by the same in opposite directions are both refused."""
    with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic():
        post([draft("plus", 100, -99), draft("minus", 100, -101)])
    assert counts() == (0, 0)


def test_currencies_balance_each_by_itself():
    a, _, c, _ = accounts("USD", "EUR")
    key = bare_entry()
    refused(NEW_LINES + "(%s, %s, 'USD', 5), (%s, %s, 'EUR', -5)", [key, a, key, c], "does not balance")
    assert Line.objects.count() == 0


def test_one_line_after_the_other_is_refused_even_if_they_would_balance_in_the_end():
    a, b = accounts("USD")
    key = bare_entry()
    refused(NEW_LINES + "(%s, %s, 'USD', 5)", [key, a], "does not balance")
    assert execute(NEW_LINES + "(%s, %s, 'USD', 5), (%s, %s, 'USD', -5)", [key, a, key, b]) == 2


def test_later_statements_cannot_unbalance_an_entry(entry):
    a, b = (str(line.account_id) for line in entry.lines.order_by("id"))
    refused(NEW_LINES + "(%s, %s, 'USD', 1)", [str(entry.id), a], "does not balance")
    refused(NEW_LINES + "(%s, %s, 'USD', 7), (%s, %s, 'USD', -8)", [str(entry.id), a, str(entry.id), b], "does not balance")
    assert counts() == (1, 2)


def test_copy_is_checked_like_insert(entry):
    account = entry.lines.first().account_id
    with pytest.raises(Exception, match="does not balance"), transaction.atomic(), connection.cursor() as cursor:
        cursor.copy_expert(
            "COPY ledger_line (entry_id, account_id, currency, amount_minor) FROM STDIN", StringIO(f"{entry.id}\t{account}\tUSD\t5\n")
        )
    assert counts() == (1, 2)


def test_a_statement_that_writes_elsewhere_too_is_checked(entry):
    account = str(entry.lines.first().account_id)
    sql = "WITH l AS (" + NEW_LINES + "(%s, %s, 'USD', 5) RETURNING id) UPDATE ledger_checkpoint SET through_xid = 0"
    refused(sql, [str(entry.id), account], "does not balance")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ledger_line SET amount_minor = amount_minor * 2",
        "UPDATE ledger_line SET amount_minor = amount_minor WHERE amount_minor > 0",
        "UPDATE ledger_line SET currency = 'EUR'",
        "DELETE FROM ledger_line",
        "UPDATE ledger_entry SET at = now()",
        "UPDATE ledger_entry SET source = 'other'",
        "DELETE FROM ledger_entry",
        "WITH gone AS (DELETE FROM ledger_line RETURNING id) SELECT count(*) FROM gone",
        "INSERT INTO ledger_entry (id, kind, source, at) SELECT * FROM ledger_entry ON CONFLICT (id) DO UPDATE SET kind = 'x'",
        "MERGE INTO ledger_line l USING (SELECT 1) s ON l.amount_minor > 0 WHEN MATCHED THEN DELETE",
    ],
)
def test_history_does_not_change(entry, sql):
    refused(sql, match="append-only")
    assert counts() == (1, 2)
    assert sorted(entry.lines.values_list("amount_minor", flat=True)) == [-100, 100]


@pytest.mark.parametrize("tables", ["ledger_line", "ledger_entry, ledger_line", "ledger_entry CASCADE"])
def test_history_is_not_emptied(entry, tables):
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    refused(f"TRUNCATE {tables}", match="permission denied")
    with as_owner():
        refused(f"TRUNCATE {tables}", match="append-only")
        refused(f"SET bnpl.allow_truncate = on; TRUNCATE {tables}", match="append-only")
    assert counts() == (1, 2)


def test_the_orm_cannot_either(entry):
    line = entry.lines.first()
    line.amount_minor += 1
    for change in (line.save, line.delete, entry.delete, entry.save, Line.objects.all().delete):
        with pytest.raises(Error), transaction.atomic():
            change()
    assert sorted(entry.lines.values_list("amount_minor", flat=True)) == [-100, 100]


def test_the_same_cause_is_posted_once(entry):
    for again in ([draft("first")], [draft("first", 55)], [draft("second"), draft("second")]):
        with pytest.raises(IntegrityError, match="ledger_entry_once"), transaction.atomic():
            post(again)
    assert counts() == (1, 2)


def test_another_kind_of_the_same_cause_is_another_entry(entry):
    post([draft("first", kind="other")])
    assert counts() == (2, 4)


def test_lines_of_nothing_are_refused_and_posting_leaves_them_out():
    a, b = accounts("USD")
    refused(NEW_LINES + "(%s, %s, 'USD', 0), (%s, %s, 'USD', 0)", [key := bare_entry(), a, key, b], "ledger_line_not_zero")
    post([draft("nothing", 0), Draft("test", "three", "USD", (("cash", "x", 5), ("cash", "y", 0), ("cash", "z", -5)), AT)])
    assert sorted(rows("SELECT amount_minor FROM ledger_line")) == [(-5,), (5,)]
    assert not Entry.objects.filter(source="nothing").exists()


def test_accounts_with_history_stay(entry):
    refused("DELETE FROM ledger_account WHERE kind = 'cash'; SET CONSTRAINTS ALL IMMEDIATE")
    assert rows("SELECT count(*) FROM ledger_account") == [(2,)]


def test_posting_many_costs_as_many_statements_as_one(django_assert_num_queries):
    with unit():
        with django_assert_num_queries(3):
            post([draft("one")])
        with django_assert_num_queries(3):
            post(draft(f"many-{n}") for n in range(300))
        with django_assert_num_queries(0):
            post([])
    assert counts() == (301, 602)
