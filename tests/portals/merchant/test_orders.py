"""Orders in the portal: found by filters, captured, refunded, voided and extended, each form once."""

import csv
import io
import re
from datetime import timedelta

import pytest

from checkout import services as checkouts
from checkout.models import Capture, Refund
from portals.merchant.paging import PAGE
from tests.portals.reading import asked_again, once_of, text_of, toasts

DAY = timedelta(days=1)


def path_of(order, tail=""):
    return f"/merchant/orders/{order.public_id}{tail}"


def numbers(response):
    return [row["number"] for row in response.context["orders"]]


@pytest.fixture
def order(buy, merchant):
    return buy(merchant, 22900, merchant_reference="10482")


def capture(order, merchant, at, minor=None):
    return checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=minor, actor="key:sk_sandbox_...abcd", at=at)


def test_the_list_is_narrowed_by_status_days_and_search(owner, buy, merchant, at):
    old = buy(merchant, 5000, merchant_reference="9001", at=at - 3 * DAY)
    new = buy(merchant, 6000, merchant_reference="10482", email="maja+approve@people.example")
    capture(new, merchant, at)
    every = owner.get("/merchant/orders")
    assert numbers(every) == ["#10482", "#9001"]
    for query, found in (
        ("status=captured", ["#10482"]),
        ("status=to_capture", ["#9001"]),
        ("status=nonsense", ["#10482", "#9001"]),
        ("from=2026-11-20", ["#10482"]),
        ("to=2026-11-20", ["#9001"]),
        ("from=2026-11-22&to=2026-11-22", ["#10482"]),
        ("from=soon", ["#10482", "#9001"]),
        ("q=104", ["#10482"]),
        ("q=%23104", ["#10482"]),
        (f"q={old.public_id}", ["#9001"]),
        ("q=maja%2Bapprove@people.example", ["#10482"]),
        ("q=nobody@people.example", []),
        ("q=%25", []),
        ("q=104&status=to_capture", []),
    ):
        assert numbers(owner.get(f"/merchant/orders?{query}")) == found, query
    assert "No order matches" in text_of(owner.get("/merchant/orders?q=zzz"))


@pytest.mark.parametrize(
    ("reference", "typed"),
    [
        ("#10069", ["#10069", "10069", "#100", "100"]),
        ("10069", ["#10069", "10069", " 10069 "]),
        ("WEB-77a", ["WEB-77a", "web-7", "#Web-7"]),
        ("#web-77", ["#web-77", "web-77", "WEB-77", "#WEB-77"]),
    ],
)
def test_an_order_is_found_by_its_number_as_it_is_shown(owner, buy, merchant, reference, typed):
    buy(merchant, 5000, merchant_reference=reference)
    buy(merchant, 5000, merchant_reference="other")
    for search in typed:
        assert len(numbers(owner.get("/merchant/orders", {"q": search}))) == 1, search
    for search in ("0069", "#", "77"):
        assert numbers(owner.get("/merchant/orders", {"q": search})) == [], search


def test_a_day_is_the_shops_day(owner, buy, merchant, at):
    buy(merchant, 5000, at=at.replace(hour=3))
    assert numbers(owner.get("/merchant/orders?from=2026-11-22")) == []
    assert len(numbers(owner.get("/merchant/orders?to=2026-11-21"))) == 1


def test_pages_go_older_and_newer_by_key_and_keep_the_filter(owner, buy, merchant, monkeypatch):
    monkeypatch.setattr("portals.merchant.paging.slice_of.__kwdefaults__", {**_defaults(), "size": 2})
    for number in range(1, 6):
        buy(merchant, 1000, merchant_reference=f"A{number}")
    first = owner.get("/merchant/orders?status=to_capture")
    assert (numbers(first), first.context["newer"]) == (["A5", "A4"], "")
    second = owner.get(f"/merchant/orders{first.context['older']}")
    assert numbers(second) == ["A3", "A2"]
    assert second.context["older"].startswith("?status=to_capture&before=")
    last = owner.get(f"/merchant/orders{second.context['older']}")
    assert (numbers(last), last.context["older"]) == (["A1"], "")
    assert numbers(owner.get(f"/merchant/orders{last.context['newer']}")) == ["A3", "A2"]
    assert numbers(owner.get(f"/merchant/orders{second.context['newer']}")) == ["A5", "A4"]
    assert owner.get("/merchant/orders?before=nonsense").status_code == 422
    assert PAGE == 25


def _defaults():
    from portals.merchant.paging import slice_of

    return slice_of.__kwdefaults__


def test_the_page_shows_no_more_of_a_customer_than_needed(owner, order):
    text = text_of(owner.get(path_of(order)))
    name = order.consumer.name
    assert name not in text
    assert f"{name[0]}. {name.split()[-1]}" in text
    assert order.consumer.email not in text
    assert "a···@people.example" in text


def test_a_part_is_captured_and_then_the_rest(owner, order):
    page = owner.get(path_of(order, "/capture"))
    assert page.context["form"]["amount"].value() == "229.00"
    response = owner.post(path_of(order, "/capture"), {"amount": "$100.00", "once": once_of(page)}, follow=True)
    assert response.redirect_chain == [(path_of(order), 302)]
    assert toasts(response) == ["Captured $100.00."]
    order.refresh_from_db()
    assert (order.status, order.captured_minor) == ("partially_captured", 10000)
    assert "by Mia Owner" in text_of(response)
    page = owner.get(path_of(order, "/capture"))
    owner.post(path_of(order, "/capture"), {"amount": "129", "once": once_of(page)})
    order.refresh_from_db()
    assert (order.status, order.captured_minor) == ("captured", 22900)
    assert owner.get(path_of(order, "/capture")).headers["Location"] == path_of(order)


def test_a_capture_form_that_is_sent_twice_captures_once(owner, order):
    sent = {"amount": "50.00", "once": once_of(owner.get(path_of(order, "/capture")))}
    answers = [owner.post(path_of(order, "/capture"), sent) for _ in range(3)]
    assert [answer.headers["Location"] for answer in answers] == [path_of(order)] * 3
    assert list(Capture.objects.values_list("amount_minor", flat=True)) == [5000]


def test_the_same_form_with_another_amount_is_refused(owner, order):
    sent = {"amount": "50.00", "once": once_of(owner.get(path_of(order, "/capture")))}
    owner.post(path_of(order, "/capture"), sent)
    response = owner.post(path_of(order, "/capture"), sent | {"amount": "60.00"})
    response = asked_again(response)
    assert "already sent with other values" in text_of(response)
    missing = asked_again(owner.post(path_of(order, "/capture"), {"amount": "60.00"}))
    assert "This page was too old" in text_of(missing)
    assert Capture.objects.count() == 1


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("", "Enter an amount."),
        ("0", "Enter an amount above zero."),
        ("-5", "Enter an amount, such as 57.25."),
        ("1e3", "Enter an amount, such as 57.25."),
        ("5.001", "Enter an amount, such as 57.25."),
        ("0.001", "Enter an amount, such as 57.25."),
        ("0,001", "Enter an amount, such as 57.25."),
        ("5,001", "At most $229.00 is left now."),
        ("229.01", "At most $229.00 is left now."),
        ("99999999999999999", "Enter an amount, such as 57.25."),
        ("12.3456", "Enter an amount, such as 57.25."),
        ("ten", "Enter an amount, such as 57.25."),
    ],
)
def test_an_amount_that_cannot_be_is_told_beside_its_field(owner, order, amount, told):
    response = owner.post(path_of(order, "/capture"), {"amount": amount, "once": "k1"})
    response = asked_again(response)
    assert response.context["form"].errors == {"amount": [told]}
    assert Capture.objects.count() == 0


def test_a_refund_is_shown_before_it_is_booked(owner, order, merchant, at, settle_charge):
    capture(order, merchant, at)
    settle_charge(order)
    page = owner.get(path_of(order, "/refund"))
    assert page.context["form"]["amount"].value() == "229.00"
    preview = asked_again(owner.post(path_of(order, "/refund"), {"amount": "40", "reason": "Broken shade", "step": "preview"}))
    text = text_of(preview)
    for told in ("Refund $40.00", "Nothing is refunded yet", '<s class="soft">$57.25</s>', "<b>$17.25</b>", "$38.40"):
        assert told in text, told
    assert Refund.objects.count() == 0
    sent = {"amount": "40", "reason": "Broken shade", "step": "confirm", "seen": preview.context["seen"], "once": once_of(preview)}
    done = [owner.post(path_of(order, "/refund"), sent) for _ in range(2)]
    assert [answer.headers["Location"] for answer in done] == [path_of(order)] * 2
    refund = Refund.objects.get()
    assert (refund.amount_minor, refund.reason, refund.outcome["canceled_minor"]) == (4000, "Broken shade", 4000)
    text = text_of(owner.get(path_of(order)))
    assert "Refunded $40" in text
    assert f'id="{refund.public_id}"' in text


def test_a_refund_is_not_booked_on_a_plan_that_changed_meanwhile(owner, order, merchant, at, settle_charge):
    capture(order, merchant, at)
    preview = asked_again(owner.post(path_of(order, "/refund"), {"amount": "200", "step": "preview"}))
    settle_charge(order)
    sent = {"amount": "200", "reason": "", "step": "confirm", "seen": preview.context["seen"], "once": once_of(preview)}
    again = owner.post(path_of(order, "/refund"), sent)
    again = asked_again(again)
    assert "The plan changed since you looked" in text_of(again)
    assert Refund.objects.count() == 0
    order.refresh_from_db()
    assert order.refunded_minor == 0
    owner.post(path_of(order, "/refund"), sent | {"seen": again.context["seen"], "once": once_of(again)})
    assert Refund.objects.get().amount_minor == 20000


def test_more_than_was_captured_cannot_be_refunded(owner, order, merchant, at):
    capture(order, merchant, at, 10000)
    for step in ("preview", "confirm"):
        response = owner.post(path_of(order, "/refund"), {"amount": "100.01", "step": step, "once": "k"})
        response = asked_again(response)
        assert response.context["form"].errors == {"amount": ["At most $100.00 can be refunded now."]}
    assert Refund.objects.count() == 0


def test_what_is_left_to_capture_and_what_was_refunded_are_both_said(owner, order, merchant, at):
    capture(order, merchant, at, 10000)
    checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=4000, reason="", actor="key:test", at=at)
    assert owner.get(path_of(order)).context["pill"].text == "Partly captured, $40 refunded"
    assert owner.get("/merchant/orders").context["orders"][0]["pill"] == "Partly captured, $40 refunded"
    capture(order, merchant, at)
    assert owner.get(path_of(order)).context["pill"].text == "Refunded $40"


def test_only_a_sale_promises_a_settlement_and_an_end_of_its_authorization(owner, buy, merchant, at):
    held, voided, sold = buy(merchant, 120000), buy(merchant, 5000), buy(merchant, 6000)
    checkouts.void_order(order_id=voided.id, merchant=merchant, actor="key:test", at=at)

    def told(order):
        text = text_of(owner.get(path_of(order)))
        return "You are paid with your next settlement" in text, "Authorized until" in text

    assert [told(order) for order in (held, voided, sold)] == [(False, False), (False, False), (True, True)]
    capture(sold, merchant, at)
    assert told(sold) == (True, False)


def test_a_refund_can_name_its_capture(owner, order, merchant, at):
    first, _ = capture(order, merchant, at, 10000), capture(order, merchant, at, 5000)
    page = owner.get(path_of(order, "/refund"))
    assert [text for _, text in page.context["form"].fields["capture"].choices][1] == "$100.00 of Nov 22, $100.00 refundable"
    sent = {"amount": "80", "capture": first.public_id, "reason": ""}
    preview = asked_again(owner.post(path_of(order, "/refund"), sent | {"step": "preview"}))
    owner.post(path_of(order, "/refund"), sent | {"step": "confirm", "seen": preview.context["seen"], "once": once_of(preview)})
    first.refresh_from_db()
    assert first.refunded_minor == 8000
    response = asked_again(owner.post(path_of(order, "/refund"), sent | {"capture": "cap_other", "step": "preview"}))
    assert "capture" in response.context["form"].errors


def test_voiding_asks_first_and_is_done_once(owner, order):
    page = owner.get(path_of(order, "/void"))
    assert "Void order #10482?" in text_of(page)
    order.refresh_from_db()
    assert order.status == "authorized"
    for _ in range(2):
        assert owner.post(path_of(order, "/void"), {"once": once_of(page)}).status_code == 302
    order.refresh_from_db()
    assert order.status == "voided"
    assert owner.post(path_of(order, "/extend"), {"once": "k"}).status_code == 302
    assert "there is nothing to extend" in toasts(owner.get(path_of(order)))[-1]


def test_releasing_the_rest_asks_first_and_is_done_once(owner, order, merchant, at):
    assert owner.get(path_of(order, "/release")).headers["Location"] == path_of(order)
    assert "/release" not in owner.get(path_of(order)).content.decode()
    capture(order, merchant, at, 10000)
    page = owner.get(path_of(order, "/release"))
    for words in (
        "Release the rest of order #10482?",
        "$129.00 is released",
        "never charged for it, and is told so. What you captured is not touched.",
    ):
        assert words in text_of(page)
    order.refresh_from_db()
    assert (order.status, order.released_minor) == ("partially_captured", 0)
    for _ in range(2):
        assert owner.post(path_of(order, "/release"), {"once": once_of(page)}).status_code == 302
    order.refresh_from_db()
    assert (order.status, order.captured_minor, order.released_minor) == ("captured", 10000, 12900)
    shown = owner.get(path_of(order))
    assert (shown.context["pill"].text, shown.context["actions"]["release"]) == ("Captured", False)
    assert re.search(r"Released <span class=\"amount\">\$129\.00", text_of(shown))
    told = [(one.title, one.minor, one.actor) for one in shown.context["timeline"]]
    assert told[0] == ("Rest released", 12900, "by Mia Owner")
    row = next(csv.DictReader(io.StringIO(owner.get("/merchant/orders.csv").content.decode("utf-8-sig"))))
    assert (row["amount"], row["captured"], row["released"]) == ("229.00", "100.00", "129.00")


def test_a_rest_that_expired_is_told_as_one(owner, order, merchant, at):
    capture(order, merchant, at, 10000)
    checkouts.expire_orders(at=at + 29 * DAY)
    timeline = owner.get(path_of(order)).context["timeline"]
    assert [(one.title, one.minor) for one in timeline if one.title.startswith("Rest")] == [("Rest expired", 12900)]


def test_a_captured_order_cannot_be_voided(owner, order, merchant, at):
    capture(order, merchant, at)
    response = owner.post(path_of(order, "/void"), {"once": "k"})
    response = asked_again(response, 409)
    assert "Refund it instead." in text_of(response)
    order.refresh_from_db()
    assert order.status == "captured"


def test_extending_gives_the_full_time_again(owner, buy, merchant, at):
    order = buy(merchant, 5000, at=at - 10 * DAY)
    before = order.expires_at
    for _ in range(2):
        response = owner.post(path_of(order, "/extend"), {"once": "k"}, follow=True)
        order.refresh_from_db()
        assert order.expires_at == before + 10 * DAY
        assert toasts(response) == ["Extended until Dec 20, 2026, 4:30\u202fAM."]


def test_many_orders_are_captured_at_once_each_by_itself(owner, buy, merchant, at):
    orders = [buy(merchant, 1000 * (n + 1)) for n in range(3)]
    capture(orders[0], merchant, at)
    page = owner.get("/merchant/orders?status=to_capture")
    sent = {"order": [order.public_id for order in orders], "back": "/merchant/orders?status=to_capture", "once": once_of(page)}
    for _ in range(2):
        response = owner.post("/merchant/orders/capture", sent, follow=True)
        assert response.redirect_chain == [("/merchant/orders?status=to_capture", 302)]
        assert toasts(response) == ["Captured 2 orders, $50.00 in all.", "1 order could not be captured. Nothing of it changed."]
    assert sorted(Capture.objects.values_list("amount_minor", flat=True)) == [1000, 2000, 3000]
    again = owner.post("/merchant/orders/capture", sent | {"back": "https://evil.example", "once": "another"}, follow=True)
    assert again.redirect_chain == [("/merchant/orders", 302)]
    assert toasts(again) == ["3 orders could not be captured. Nothing of them changed."]
    assert Capture.objects.count() == 3


def test_the_list_is_also_a_file_of_the_same_filter(owner, buy, merchant, at):
    buy(merchant, 5000, merchant_reference='=HYPERLINK("https://evil.example")')
    capture(buy(merchant, 22900, merchant_reference="10482"), merchant, at)
    response = owner.get("/merchant/orders.csv?status=to_capture")
    assert response.headers["Content-Disposition"] == 'attachment; filename="orders-2026-11-22.csv"'
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [(row["reference"], row["amount"], row["captured"], row["status"]) for row in rows] == [
        ('\'=HYPERLINK("https://evil.example")', "50.00", "0.00", "authorized")
    ]
    assert len(owner.get("/merchant/orders.csv").content.decode().strip().splitlines()) == 3


def test_an_order_in_review_says_so_and_offers_no_capture(owner, buy, merchant):
    order = buy(merchant, 120000)
    assert order.status == "pending_review"
    text = text_of(owner.get(path_of(order)))
    for told in ("In review", "Do not ship anything yet", "Nobody has looked at it yet", "Held for review"):
        assert told in text
    assert "/capture" not in text
    answer = owner.post(path_of(order, "/capture"), {"amount": "1", "once": "k"})
    assert "again=" in answer["Location"]
    assert Capture.objects.count() == 0


def test_a_search_that_is_refused_keeps_its_hint(owner):
    page = owner.get("/merchant/orders", {"q": "x" * 121}).content.decode()
    field = page.partition('name="q"')[2].partition(">")[0]
    assert 'aria-describedby="id_q_helptext id_q_error"' in field
    assert (page.count('id="id_q_helptext"'), page.count('id="id_q_error"')) == (1, 1)
