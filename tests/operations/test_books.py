"""The ledger in debit and credit: accounts with their lines, entries with their causes, and a trial balance that balances."""

import csv
import io
import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from checkout import services as checkouts
from core.db import rows
from ledger.models import account_id
from ledger.statements import Span, get_account, list_account_lines, trial_balance_of
from tests.api.counting import count_but_the_clock
from tests.cast import NOW
from tests.operators import make_operator

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TRIAL = "/admin/ledger/account/trial/"


@pytest.fixture
def order(buy, merchant, settle_charge):
    """An order that is captured, and paid in part."""
    made = buy(merchant, 22_900)
    checkouts.capture_order(order_id=made.id, merchant=merchant, amount_minor=None, actor="key:test", at=NOW)
    settle_charge(made)
    return made


@pytest.fixture
def olga(client):
    """A browser of an operator who sees the books."""
    client.force_login(make_operator("olga@kvart.example", may=["view_account", "view_entry"]))
    return client


def text(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    page = answer.content.decode()
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[page.index('<div class="desk') :])))


def receivable(order):
    return account_id("receivable", order.plan.public_id, "USD")


def test_an_account_has_its_balance_on_one_side_and_its_lines(order, olga):
    address = reverse("admin:ledger_account_change", args=[receivable(order)])
    answer = olga.get(address)
    said = text(answer)
    assert "Owed by people" in answer.content.decode()
    for told in (order.plan.public_id, "$171.75 Debit", "$229.00", "$57.25", "Capture of a shop", "Payment of a person"):
        assert told in said, told
    assert not re.search(r"-\$|\$-|−|_minor", said)
    links = re.findall(r'href="([^"]+)"', answer.content.decode())
    assert any("/admin/ledger/entry/" in link for link in links)
    assert any(f"/admin/checkout/order/{order.pk}/" in link for link in links)
    payable = olga.get(reverse("admin:ledger_account_change", args=[account_id("merchant_payable", order.merchant.public_id, "USD")]))
    assert "Credit" in text(payable)


def test_an_entry_has_its_lines_on_two_sides(order, olga):
    (key,) = rows("SELECT id FROM ledger_entry WHERE kind = 'capture'")[0]
    answer = olga.get(reverse("admin:ledger_entry_change", args=[key]))
    said = text(answer)
    for told in ("Cause", "Owed by people", "Owed to shops", "Income from fees", "$229.00"):
        assert told in said, told
    assert f"/admin/checkout/order/{order.pk}/" in answer.content.decode()
    assert "$-" not in said


def test_the_trial_balance_of_a_day_balances_and_leads_to_its_accounts(order, olga):
    day = NOW.date()
    answer = olga.get(TRIAL, {"day": day.isoformat()})
    said = text(answer)
    assert ("Balances" in said, "Does not balance" in said) == (True, False)
    assert "Owed by people" in said
    asked = f"?from={day}&amp;until={day}"
    assert reverse("admin:ledger_account_of", args=["receivable", "USD"]) + asked in answer.content.decode()
    found = trial_balance_of(Span(day, day))
    assert sum(row.debit_minor for row in found) == sum(row.credit_minor for row in found) > 0
    assert sum(row.closing.debit_minor for row in found) == sum(row.closing.credit_minor for row in found) > 0
    assert trial_balance_of(Span(day - DAY, day - DAY)) == []
    assert "Nothing was booked" in text(olga.get(TRIAL, {"day": "2020-01-01"}))
    for rubbish in ("rubbish", "2026-13-45", "9999-01-01", ""):
        assert olga.get(TRIAL, {"day": rubbish, "until": rubbish}).status_code == 200
    listed = olga.get(reverse("admin:ledger_account_of", args=["receivable", "USD"]))
    assert order.plan.public_id in text(listed)
    assert olga.get(reverse("admin:ledger_account_of", args=["nothing", "USD"])).status_code == 404


def test_what_was_the_balance_before_stands_as_opening(order, buy, merchant, olga):
    later = NOW + 3 * DAY
    made = buy(merchant, 4_000, email="bo+approve@people.example", at=later)
    checkouts.capture_order(order_id=made.id, merchant=merchant, amount_minor=None, actor="key:test", at=later)
    (row,) = [row for row in trial_balance_of(Span(later.date(), later.date())) if row.kind == "receivable"]
    assert (row.opening.debit_minor, row.debit_minor, row.credit_minor, row.closing.debit_minor) == (17_175, 4_000, 0, 21_175)
    (row,) = [row for row in trial_balance_of(Span(NOW.date(), later.date())) if row.kind == "receivable"]
    assert (row.opening.debit_minor, row.debit_minor, row.credit_minor, row.closing.debit_minor) == (0, 26_900, 5_725, 21_175)


def test_a_day_leads_to_the_accounts_and_lines_of_that_day(order, buy, merchant, olga):
    before = NOW - 3 * DAY
    made = buy(merchant, 4_000, email="bo+approve@people.example", at=before)
    checkouts.capture_order(order_id=made.id, merchant=merchant, amount_minor=None, actor="key:test", at=before)
    asked = {"day": before.date().isoformat()}
    said = text(olga.get(reverse("admin:ledger_account_of", args=["receivable", "USD"]), asked))
    assert (made.plan.public_id in said, order.plan.public_id in said, "$40.00" in said) == (True, False, True)
    payable = reverse("admin:ledger_account_change", args=[account_id("merchant_payable", merchant.public_id, "USD")])
    that_day, all_days = text(olga.get(payable, asked)), text(olga.get(payable))
    assert (that_day.count("Capture of a shop"), all_days.count("Capture of a shop")) == (1, 2)
    assert "did not move" in text(olga.get(payable, {"day": "2026-01-01"}))
    long = {"from": "2026-01-01", "until": NOW.date().isoformat()}
    assert "too long to list" in text(olga.get(reverse("admin:ledger_account_of", args=["receivable", "USD"]), long))


def test_the_file_has_the_page_in_plain_numbers(order, olga):
    answer = olga.get(TRIAL, {"day": NOW.date().isoformat(), "as": "csv"})
    assert (answer["Content-Type"], answer["Content-Disposition"]) == (
        "text/csv; charset=utf-8",
        f'attachment; filename="trial-balance-{NOW.date()}-{NOW.date()}.csv"',
    )
    header, *lines = csv.reader(io.StringIO(answer.content.decode().removeprefix("\ufeff")))
    assert header[:4] == ["Currency", "Account", "Code", "Opening balance, Debit"]
    assert ["USD", "Owed by people", "receivable", "0.00", "0.00", "229.00", "57.25", "171.75", "0.00"] in lines
    in_debit, in_credit = (sum(Decimal(line[at]) for line in lines) for at in (5, 6))
    assert in_debit == in_credit > 0


def test_the_page_takes_the_same_queries_however_many_days_it_spans(order, olga):
    def count(**asked) -> int:
        with CaptureQueriesContext(connection) as made:
            assert olga.get(TRIAL, asked).status_code == 200
        assert len([query for query in made if "ledger_line" in query["sql"]]) == 1
        return count_but_the_clock(made)

    count()
    assert count(day=NOW.date().isoformat()) == count(**{"from": "2020-01-01", "until": NOW.date().isoformat()})


def test_lines_are_paged_by_key_and_none_is_lost(order, buy, merchant, olga):
    for number in range(4):
        made = buy(merchant, 2_000 + number, email=f"p{number}+approve@people.example")
        checkouts.capture_order(order_id=made.id, merchant=merchant, amount_minor=None, actor="key:test", at=NOW)
    account = account_id("merchant_payable", merchant.public_id, "USD")
    whole, seen, before = list_account_lines(account, limit=100), [], ""
    while page := list_account_lines(account, before=before, limit=2):
        seen += page
        before = page[-1].cursor
    assert seen == whole
    assert len(whole) == 5
    balance = get_account(account).balance
    assert balance.credit_minor - balance.debit_minor == sum(line.amount.credit_minor - line.amount.debit_minor for line in whole)
    address = reverse("admin:ledger_account_change", args=[account])
    with CaptureQueriesContext(connection) as asked:
        olga.get(address)
    assert len([query for query in asked if "ledger_line" in query["sql"]]) == 2
    assert olga.get(address, {"before": "rubbish"}).status_code == 404


def test_who_may_not_see_the_books_sees_nothing(order, client):
    addresses = [TRIAL, reverse("admin:ledger_account_change", args=[receivable(order)]), "/admin/ledger/account/of/cash/USD/"]
    assert [client.get(address).status_code for address in addresses] == [302] * 3
    client.force_login(make_operator("lea@kvart.example", may=["view_order"]))
    assert [client.get(address).status_code for address in addresses] == [403] * 3


def test_the_menu_marks_one_page_of_the_books_as_the_present_one(order, olga):
    def marked(path: str) -> set[str]:
        page = olga.get(path).content.decode()
        return {
            link for link, names in re.findall(r'<a href="([^"]+)" class="([^"]+)"', page) if "active" in names.split() and "ledger" in link
        }

    accounts = reverse("admin:ledger_account_changelist")
    assert (marked(TRIAL), marked(accounts)) == ({TRIAL}, {accounts})
    assert marked(reverse("admin:ledger_account_change", args=[receivable(order)])) == {accounts}
