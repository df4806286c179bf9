"""Overview and settlements: figures, statements that add up, files that no spreadsheet runs."""

import csv
import io
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from checkout import services as checkouts
from core import relay
from core.amounts import read_amount
from core.csv_files import csv_stream, escape_cell, write_csv
from merchants import services as merchants
from merchants.rules import arrives_by
from payments.texts import account_name
from reports.services import add_to_day
from tests.owner import tamper
from tests.portals.reading import text_of

DAY = timedelta(days=1)


def words_of(response) -> str:
    """Return what a page says, without its tags, every space a plain one."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def settled(buy, merchant, at):
    """A day with a capture of 229.00 (fee 9.16) and a refund of 40.00 (fee back 1.60), settled."""
    order = buy(merchant, 22900, merchant_reference="+10482")
    who = {"order_id": order.id, "merchant": merchant, "actor": "key:test", "at": at}
    checkouts.capture_order(amount_minor=None, **who)
    checkouts.refund_order(amount_minor=4000, reason="", **who)
    merchants.settle_merchants(at=at + DAY)
    return merchant.settlements.get(), order


def test_a_statement_adds_up_and_traces_each_line(owner, settled):
    settlement, order = settled
    page = owner.get(f"/merchant/settlements/{settlement.public_id}")
    assert page.context["sums"] == [
        ("Balance before", 0),
        ("Sales", 22900),
        ("Returns", -4000),
        ("Fees", -916),
        ("Fees given back", 160),
    ]
    assert sum(minor for _, minor in page.context["sums"]) == settlement.payout_minor + settlement.closing_minor == 18144
    assert page.context["total"] == {"gross": 18900, "fee": -756, "net": 18144}
    capture, refund = order.captures.get(), order.refunds.get()
    hrefs = [line["href"] for line in page.context["lines"]]
    assert hrefs == [f"/merchant/orders/{order.public_id}#{source.public_id}" for source in (refund, capture)]
    detail = text_of(owner.get(f"/merchant/orders/{order.public_id}"))
    assert all(f'id="{source.public_id}"' in detail for source in (capture, refund))
    assert "On its way" in text_of(page)


def test_a_payout_says_where_it_goes_and_when_it_is_there(owner, settled):
    settlement, _ = settled
    page = words_of(owner.get(f"/merchant/settlements/{settlement.public_id}"))
    assert "Paid out to you $181.44" in page
    assert "-$181.44" not in page
    # Sent on a Monday, two bank days before.
    assert "To account ···· ANK1 Sent Nov 23, 2026, 4:30 AM EST At your bank by Wed, Nov 25, 2026" in page


def test_a_payout_that_came_back_has_no_day(owner, settled):
    settlement, _ = settled
    tamper("UPDATE payments_payout SET status = 'failed' WHERE id = %s", [settlement.payout_id])
    page = words_of(owner.get(f"/merchant/settlements/{settlement.public_id}"))
    assert "Your bank did not take it; it is owed to you again, and paid when your account is mended" in page
    assert "At your bank by" not in page


@pytest.mark.parametrize(
    ("destination", "shown"),
    [
        ("DK50 0040 0440 1162 43", "DK ···· 6243"),
        ("000123456789", "···· 6789"),
        ("acct_1MX2fTa", "···· 2FTA"),
        ("DK-trail-account", "···· OUNT"),
    ],
)
def test_an_account_is_known_by_its_end(destination, shown):
    assert account_name(destination).replace("\N{NO-BREAK SPACE}", " ") == shown


@pytest.mark.parametrize(
    ("sent", "there"),
    [("2026-11-23", "2026-11-25"), ("2026-11-26", "2026-11-30"), ("2026-11-27", "2026-12-01"), ("2026-11-28", "2026-12-01")],
)
def test_a_bank_takes_two_bank_days(sent, there):
    assert arrives_by(date.fromisoformat(sent)) == date.fromisoformat(there)


def test_every_time_of_the_portal_names_its_clock(owner, settled):
    _, order = settled
    page = words_of(owner.get(f"/merchant/orders/{order.public_id}"))
    assert "Nov 22, 2026, 4:30 AM EST" in page
    assert "All times: New York, 4:30 AM EST" in page


def test_a_statement_is_a_file_without_formulas(owner, settled):
    settlement, order = settled
    response = owner.get(f"/merchant/settlements/{settlement.public_id}/lines.csv")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [(row["type"], row["reference"], row["amount"], row["fee"], row["net"]) for row in rows] == [
        ("capture", "'+10482", "229.00", "-9.16", "219.84"),
        ("refund", "'+10482", "-40.00", "1.60", "-38.40"),
    ]
    assert {row["order"] for row in rows} == {order.public_id}


def test_the_next_payout_stands_above_the_statements(owner, buy, merchant, at):
    checkouts.capture_order(order_id=buy(merchant, 10000).id, merchant=merchant, amount_minor=None, actor="key:test", at=at)
    page = owner.get("/merchant/settlements")
    assert page.context["next"].amount_minor == 9600
    assert "Since the last statement: 1 captured, 0 refunded" in text_of(page)


def test_the_overview_compares_with_the_time_before(owner, merchant, at):
    figures = {"merchant_id": merchant.id}
    add_to_day(at=at - 40 * DAY, opened=10, identified=8, approved=8, declined=2, finished=4, completed=4, sales_minor=40000, **figures)
    add_to_day(at=at - DAY, opened=20, identified=18, approved=16, declined=2, finished=5, completed=5, sales_minor=44960, **figures)
    page = owner.get("/merchant/")
    sales, rate, average, payout = page.context["stats"]
    assert (sales["value"], sales["change"], sales["good"]) == ("$450", "12.4%", True)
    assert (rate["value"], rate["change"], rate["good"]) == ("88.9%", "8.9 pt", True)
    assert (average["value"], average["change"], average["good"]) == ("$89.92", "-10.1%", False)
    assert (payout["value"], payout["note"]) == ("$0.00", "nothing new yet")
    assert [(step.label, step.value) for step in page.context["steps"]] == [
        ("Opened", 20),
        ("Identified", 18),
        ("Approved", 16),
        ("Completed", 5),
    ]
    assert page.context["funnel_note"] == "11 people left while choosing a plan."
    assert page.context["period"]["text"] == "Oct 24 – Nov 22"
    week = owner.get("/merchant/?days=7")
    assert week.context["stats"][0]["note"] == "nothing to compare with yet"
    assert len(week.context["sales"].bars) == 7
    assert owner.get("/merchant/?days=100000").context["period_note"] == "Last 30 days, compared with the 30 before"


def test_the_overview_says_which_plans_were_chosen(owner, buy, merchant, at):
    assert "Plans chosen" not in text_of(owner.get("/merchant/"))
    for product in ("pay_in_4", "monthly_6", "pay_in_4"):
        buy(merchant, 20000, product=product)
    relay.drain()
    page = owner.get("/merchant/")
    assert [(one.label, one.value, one.width) for one in page.context["chosen"]] == [("4 payments", 2, 1000), ("6 months", 1, 500)]
    assert "<h2>Plans chosen</h2>" in text_of(page)


def test_a_danish_shop_sees_its_own_money_and_days(desk_of, buy, merchant, at):
    from markets.models import Market
    from merchants.services import create_merchant

    shop = create_merchant(
        name="Trailhead", legal_name="Trailhead ApS", market=Market.objects.get(code="DK"), payout_destination="b", slug="trail", at=at
    )
    order = buy(shop, 98750, email="maja+approve@people.example")
    client = desk_of(shop)
    text = text_of(client.get(f"/merchant/orders/{order.public_id}"))
    assert "987,50" in text
    assert "22 Nov 2026" in text
    page = client.get(f"/merchant/orders/{order.public_id}/capture")
    assert page.context["form"]["amount"].value() == "987,50"
    client.post(f"/merchant/orders/{order.public_id}/capture", {"amount": "900,50", "once": page.context["once"]})
    order.refresh_from_db()
    assert order.captured_minor == 90050


@pytest.mark.parametrize(
    ("text", "locale", "minor"),
    [
        ("57.25", "en_US", 5725),
        ("57,25", "en_US", 5725),
        ("57,25 kr.", "da_DK", 5725),
        ("57.25", "da_DK", 5725),
        ("$57.2", "en_US", 5720),
        ("USD 57", "en_US", 5700),
        ("1,234.50", "en_US", 123450),
        ("1.234,50", "da_DK", 123450),
        ("1.234,50", "en_DK", 123450),
        ("1 234,50", "da_DK", 123450),
        ("1\u00a0234,50", "sv_SE", 123450),
        ("1'057.25", "en_US", 105725),
        ("1,000", "en_US", 100000),
        ("1.000", "da_DK", 100000),
        ("10,999", "en_US", 1099900),
        ("1,234,567.89", "en_US", 123456789),
        ("0.01", "en_US", 1),
    ],
)
def test_amounts_are_read_as_people_write_them(text, locale, minor):
    assert read_amount(text, "USD", locale) == minor


NOT_AMOUNTS = [
    *((text, "en_US") for text in ("", "abc", "-5", "−5", "1.2.3", "1,2,3", "5.005.00", "1,00,000", ".", "٣٤", "1" * 30, ".50")),
    *((text, "en_US") for text in ("10000000000.01", "0.001", "0,001", "10.999", "1.000", "1.234,50", "1,234,50", "1 2", "012,345")),
    *((text, "da_DK") for text in ("0.001", "0,001", "10,999", "1,234.50", "1.23.456", "1.234.50")),
    *((text, "sv_SE") for text in ("10.999", "10,999")),
]


@pytest.mark.parametrize(("text", "locale"), NOT_AMOUNTS)
def test_what_is_no_amount_is_refused(text, locale):
    with pytest.raises(ValueError, match=r"amount|sign|more"):
        read_amount(text, "USD", locale)


def test_a_currency_without_decimals_takes_only_groups():
    assert read_amount("1,234", "JPY", "en_US") == 1234
    with pytest.raises(ValueError, match="amount"):
        read_amount("1.23", "JPY", "en_US")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1", "＝1"])
def test_texts_that_spreadsheets_would_run_are_escaped(text):
    assert escape_cell(text) == f"'{text}"


UNSEEN = "\u200b\u200e\u2060\ufeff\u00ad\u034f\u2800\u3164\u3000\u00a0\ufe0f\u061c\x00\x1b\x0b\u2028\U000e0001\U000e0100\ue000\uffff"


@pytest.mark.parametrize("mark", [*UNSEEN, UNSEEN], ids=ascii)
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "＝", "﹣", "\u2212"])
def test_what_cannot_be_seen_hides_no_formula(mark, start):
    text = f"{mark}{start}1+1"
    assert escape_cell(text) == f"'{text}"
    assert write_csv(["a"], [(text,)]).splitlines()[0] == '"a"'


@pytest.mark.parametrize("text", ["", "\u200b", "Ann", "\u200bAnn=1", "A-1", "“=1”", "'=1", "5 - 3", "§1"])
def test_what_is_no_formula_is_left_alone(text):
    assert escape_cell(text) == text


def test_plain_texts_and_numbers_stay_what_they_are():
    assert escape_cell("10482") == "10482"
    assert write_csv(["a", "b"], [('x,"y"', -5)]) == '"a","b"\r\n"x,""y""",-5\r\n'
    assert write_csv(["a", "b"], [("Lamp;=1+1", Decimal("1.50"))]) == '"a","b"\r\n"Lamp;=1+1",1.50\r\n'


@pytest.mark.parametrize("language", ["da", "sv", "de"])
def test_spreadsheets_that_read_a_decimal_comma_split_at_semicolons(language):
    with translation.override(language):
        assert write_csv(["a", "b"], [("Lamp 1.5", Decimal("-1234.50"))]) == '"a";"b"\r\n"Lamp 1.5";-1234,50\r\n'
        streamed = csv_stream("x", ["a"], [(Decimal("1.50"),)])
    assert b"".join(streamed).decode() == '\ufeff"a"\r\n1,50\r\n'
