"""The back office as its people see it: the work list first, every list and page in the theme, a held order decided by two people."""

import re
from html import unescape

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import Consumer, Look
from checkout import services as checkouts
from checkout.models import OrderReview
from checkout.rules import BasketRules, review_reasons
from core.crypto import lookup_hash
from core.db import unit
from core.money import Money
from core.readable import readable
from credit.models import CreditLine
from payments import services as payments
from payments.gateways.base import Outcome, RefundRequest
from payments.models import Break, Charge, Refund
from payments.queries import request_of
from payments.services.breaks import BreakDraft, open_breaks
from payments.services.refunds import record_refunds
from portals.merchant.orders.queries import Filters, find_orders
from tests.cast import NOW
from tests.operators import make_boss, make_operator, telling

pytestmark = pytest.mark.django_db
TERMS = {"10069": True, "#10069": True, "1006": True, "0069": False, "10070": False}


@pytest.fixture
def lived(buy, merchant):
    """An order of each kind: sold and refunded, held; and a settlement."""
    sold, held = buy(merchant, 22_900), buy(merchant, 120_000)
    who = {"merchant": merchant, "actor": "key:test", "at": NOW}
    checkouts.capture_order(order_id=sold.id, amount_minor=None, **who)
    checkouts.refund_order(order_id=sold.id, amount_minor=4_000, reason="Broken shade", **who)
    consumer = held.consumer
    consumer.birth_date, consumer.address = "1990-05-31", {"line1": "1 Main St", "postal_code": "10001", "city": "New York", "region": "NY"}
    consumer.save()
    return {"sold": sold, "hold": OrderReview.objects.get(order=held)}


@pytest.fixture
def boss(client):
    """A client of the administrator."""
    client.force_login(make_boss("boss@kvart.example", "demo-password", name="Ada Admin"))
    return client


def test_every_list_and_page_opens_and_speaks_plainly(lived, boss):
    for model in admin.site._registry:
        path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        page = boss.get(path)
        assert page.status_code == 200, path
        assert not re.search(r'(?<!value=")partially_captured|\bDKK\d|>None<|functools|bound method', page.content.decode()), path
        row = model._default_manager.first()
        if row is not None:
            one = boss.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk]), follow=True)
            assert one.status_code == 200, one.request["PATH_INFO"]
            assert " minor<" not in one.content.decode(), one.request["PATH_INFO"]


def test_stored_structures_are_readable(lived, client):
    """Inputs of a decision, a plan as agreed, goods, to who may not see people: no braces, no minor units, nothing of before."""
    client.force_login(make_operator("lea@kvart.example", may=["view_decision", "view_plan", "view_checkout"]))
    order = lived["sold"]
    for model, key, told in (
        (
            "credit_decision",
            order.decision_id,
            ("Income less regular spending, a month", "scorecard-3", "<dt>Little is known</dt><dd>No</dd>"),
        ),
        (
            "plans_plan",
            order.plan_id,
            ("<dt>APR</dt><dd>0%</dd>", "<dt>Amount</dt><dd>$229.00</dd>", "$57.25"),
        ),
        ("checkout_checkout", order.checkout_id, ("1 × ", "$229.00")),
    ):
        page = client.get(reverse(f"admin:{model}_change", args=[key])).content.decode()
        for words in told:
            assert words in page, (model, words)
        assert not re.search(r"_minor&|&#x27;: |(Items|Agreement|Inputs|Metadata) before<", page), model


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({}, "-"),
        ([], "-"),
        (None, "-"),
        (["many_inquiries", "thin"], "Many inquiries, thin"),
        ({"cap_minor": 5}, '<dl class="desk-tree"><div><dt>Cap</dt><dd>5 minor units</dd></div></dl>'),
        ({"<b>": "<i>"}, '<dl class="desk-tree"><div><dt>&lt;b&gt;</dt><dd>&lt;i&gt;</dd></div></dl>'),
        ([{"a": True}], '<ol class="desk-tree"><li><dl class="desk-tree"><div><dt>A</dt><dd>Yes</dd></div></dl></li></ol>'),
        ("two\nlines", '<pre class="desk-text" tabindex="0">two\nlines</pre>'),
    ],
)
def test_a_value_is_written_for_people(value, shown):
    assert readable(value) == shown


def test_the_work_list_comes_first_and_says_what_is_next(lived, boss):
    text = boss.get("/admin/").content.decode()
    review = lived["hold"]
    for told in ("Work list", "$1,200.00", review.get_reason_display(), "Prepare", "Needs a look", "Ada Admin"):
        assert told.replace("'", "&#x27;") in text, told
    assert reverse("admin:checkout_orderreview_change", args=[review.id]) in text


def test_a_held_order_shows_all_and_is_decided_by_a_second_person(lived, client, operators):
    review = lived["hold"]
    path = reverse("admin:checkout_orderreview_change", args=[review.id])
    first, second = operators
    client.force_login(first)
    text = client.get(path).content.decode()
    for told in (
        "$1,200.00",
        review.rule,
        "Limit in use",
        "Orders of the same person",
        "Payments, if approved",
        "Somebody has to prepare this order first",
        "May 31, 1990 (36 years old)",
        "1 Main St, New York, NY 10001, United States",
        "Total of payments",
        "Interest",
        "APR",
    ):
        assert told.replace("'", "&#x27;") in text, told
    client.post(reverse("admin:checkout_orderreview_prepare", args=[review.id]), {"recommendation": "approve", "note": "Known address."})
    assert "You prepared this order, so another person has to decide." in client.get(path).content.decode()
    client.force_login(second)
    decide = reverse("admin:checkout_orderreview_decide", args=[review.id])
    told = {
        "decision": "approve",
        "reason": "Income fits.",
        "seen": re.search(r'name="seen" value="(\d+)"', client.get(path).content.decode())[1],
    }
    asked = client.post(decide, told)
    review.refresh_from_db()
    assert ("Approve this order of $1,200.00?" in asked.content.decode(), review.status) == (True, "prepared")
    client.post(decide, told | {"confirmed": "1"})
    review.refresh_from_db()
    assert (review.status, review.approved_by) == ("approved", second)
    text = client.get(path).content.decode()
    assert "Income fits." in text
    assert "Known address." in text


def test_who_only_looks_reads_the_accounts_id_in_place_of_the_person(lived, client):
    looker = make_operator("lea@kvart.example", "demo-password", name="Lea Look")
    permit(looker, "view_orderreview")
    client.force_login(looker)
    review, looks = lived["hold"], Look.objects.count()
    consumer, page = review.order.consumer, reverse("admin:checkout_orderreview_change", args=[review.id])
    text = client.get(page).content.decode()
    assert consumer.public_id in text
    for secret in ("1990", "1 Main St", "10001", "New York", consumer.name, consumer.email, ".pdf"):
        assert secret not in text
    paper = reverse("admin:checkout_order_paper", args=[review.order_id, "payment_plan"])
    assert client.get(paper).status_code == 403
    assert Look.objects.count() == looks
    permit(looker, "view_person")
    text = client.get(page).content.decode()
    assert consumer.name in text
    assert ".pdf" in text
    assert client.get(paper).status_code == 200


def test_a_referred_order_says_why_in_words():
    facts = {"outcome": "refer", "reasons": ["manual_review"], "amount": Money(100, "USD"), "order_limit_minor": 1_000, "items": []}
    reasons = review_reasons(**facts, basket=BasketRules(held_categories=frozenset(), max_quantity=9))
    assert [(cause.reason, cause.rule) for cause in reasons] == [
        ("referred", "The credit decision asks for a person: the bureau's file has to be reviewed by hand")
    ]


@pytest.mark.parametrize("typed", ["lamp-77", "Lamp-7", "#LAMP", "#lamp-77"])
def test_every_list_finds_a_number_by_the_same_rule(buy, merchant, boss, typed):
    """Stored with the sign and in capitals, typed without either."""
    order = buy(merchant, 120_000, merchant_reference="#LAMP-77")
    keys = {"orderreview": OrderReview.objects.get(order=order).pk, "order": order.pk, "checkout": order.checkout_id}
    found = {model: boss.get(reverse(f"admin:checkout_{model}_changelist"), {"q": typed}).content.decode() for model in keys}
    assert {model: f"/{keys[model]}/" in page for model, page in found.items()} == dict.fromkeys(keys, True)
    assert list(find_orders(merchant, Filters(search=typed))) == [order]


def test_an_order_is_found_by_its_number_without_the_sign(buy, merchant, boss):
    review = OrderReview.objects.get(order=buy(merchant, 120_000, merchant_reference="#10069"))
    for model, key in (("orderreview", review.pk), ("order", review.order_id)):
        path = reverse(f"admin:checkout_{model}_changelist")
        assert {term: f"/{key}/" in boss.get(path, {"q": term}).content.decode() for term in TERMS} == TERMS


def test_a_person_is_found_by_what_they_sign_in_with(lived, boss):
    person = lived["sold"].consumer
    listed = reverse("admin:accounts_consumer_changelist")
    page = reverse("admin:accounts_consumer_change", args=[person.pk])

    def finds(term: str) -> bool:
        return page in boss.get(listed, {"q": term}).content.decode()

    assert [finds(term) for term in (person.email, f" {person.email.upper()} ", person.public_id)] == [True] * 3
    assert [finds(term) for term in (person.email[1:], "nobody@people.example", "+12125550199", "ann")] == [False] * 4
    Consumer.objects.filter(pk=person.pk).update(phone_hash=lookup_hash("+12125550111"))
    assert finds("+1 212 555 0111")


def test_a_persons_page_leads_to_their_orders_and_shows_the_limit(lived, buy, merchant, boss):
    person, others = lived["sold"].consumer, buy(merchant, 22_900, email="ben+approve@people.example")
    text = unescape(boss.get(reverse("admin:accounts_consumer_change", args=[person.pk])).content.decode())
    line = CreditLine.objects.get(consumer=person)
    assert f"{Money(line.used_minor, 'USD').text()} of {Money(line.limit_minor, 'USD').text()}" in text
    orders = re.search(r'href="(/admin/checkout/order/\?consumer__id__exact=[^"]+)"', text)[1]
    listed = boss.get(orders).content.decode()
    shown = [f"/{order.pk}/change/" in listed for order in (lived["sold"], lived["hold"].order, others)]
    assert shown == [True, True, False]


@pytest.mark.parametrize("few", [0, 200])
def test_a_held_order_is_found_by_what_somebody_remembers_of_it(lived, boss, monkeypatch, few):
    monkeypatch.setattr("checkout.desk.FEW", few)
    review = lived["hold"]
    olivia = make_boss("olivia@kvart.example", "demo-password", name="Olivia Brandt")
    oscar = make_boss("oscar@kvart.example", "demo-password", name="Oscar Lund")
    checkouts.prepare_review(review_id=review.id, user=olivia, recommendation="approve", note="Fine", at=NOW)
    checkouts.approve_review(review_id=review.id, user=oscar, seen=1, reason="Income confirmed by payslip", at=NOW)

    def finds(term: str) -> bool:
        page = boss.get(reverse("admin:checkout_orderreview_changelist"), {"q": term})
        return f"/admin/checkout/orderreview/{review.pk}/" in page.content.decode()

    for term in (review.order.merchant_reference, review.order.merchant.name[:4], "oscar@", "payslip", "incom PAYS", "'payslip'"):
        assert finds(term), term
    for term in ("olivia@", "passport", "income passport", "!!", "nobody@"):
        assert not finds(term), term


@pytest.fixture
def lost_refund(lived):
    """A refund to a card that did not arrive, on the work list."""
    plan = lived["sold"].plan
    card = plan.payment_method
    charge = Charge.objects.create(
        gateway="sandbox",
        payment_method=card,
        reference=plan.public_id,
        amount_minor=5_000,
        currency="USD",
        created_at=NOW,
    )
    charge.succeed()
    charge.save()
    with unit():
        wanted = {"gateway": "sandbox", "charge_id": charge.id, "charge_ref": "ch_1", "reference": plan.public_id}
        (refund,) = payments.open_refunds(requests=[RefundRequest(**wanted, amount_minor=1_234, currency="USD")], at=NOW)
    record_refunds([(request_of(refund), Outcome("failed", "", "expired_or_canceled_card"))], NOW)
    return {"row": Break.objects.get(), "refund": refund, "order": lived["sold"]}


def permit(user, *names):
    with telling(user):
        user.user_permissions.add(*Permission.objects.filter(codename__in=names))


def test_money_that_needs_a_person_stands_on_the_work_list_and_its_page_says_whom_it_is_about(lost_refund, boss):
    row, order = lost_refund["row"], lost_refund["order"]
    text = unescape(boss.get("/admin/").content.decode())
    for told in (
        "Money that needs a person",
        "A refund did not reach the card",
        f"Order {order.merchant_reference}, Nordlys Lamps",
        "$12.34",
    ):
        assert told in text, told
    assert order.consumer.name not in text
    page = unescape(boss.get(reverse("admin:payments_break_change", args=[row.id])).content.decode())
    for told in (
        "$12.34 was to go back to Visa\xa0····\xa04242 and did not arrive.",
        "expired or canceled card",
        order.consumer.email,
        "Send $12.34 again",
    ):
        assert told in page, told
    for model, key in (("checkout_order", order.id), ("payments_refund", lost_refund["refund"].id)):
        assert reverse(f"admin:{model}_change", args=[key]) in page


def test_an_operator_sends_a_refund_again(lost_refund, client, operators):
    row, operator = lost_refund["row"], operators[0]
    permit(operator, "view_break", "handle_break", "view_refund")
    client.force_login(operator)
    page = reverse("admin:payments_break_change", args=[row.id])
    answer = client.post(reverse("admin:payments_break_resend", args=[row.id]), follow=True)
    assert "It is sent again." in answer.content.decode()
    again = Refund.objects.get(replaces=lost_refund["refund"])
    assert (again.amount_minor, again.status) == (1_234, "pending")
    row.refresh_from_db()
    assert (row.status, row.closed_by) == ("closed", str(operator.pk))
    text = client.get(page).content.decode()
    assert f"Sent again as {again.public_id}" in text
    assert str(operator) in text
    client.post(reverse("admin:payments_break_resend", args=[row.id]))
    assert Refund.objects.count() == 2


def test_a_break_is_closed_with_what_was_found(lived, client, operators):
    operator, plan = operators[0], lived["sold"].plan
    told = {"subject": "chg_1", "reference": plan.public_id, "gateway": "sandbox", "amount_minor": 5_000, "currency": "USD"}
    open_breaks(drafts=[BreakDraft(kind="answer_differs", **told)], at=NOW)
    row = Break.objects.get()
    permit(operator, "view_break", "handle_break")
    client.force_login(operator)
    door = reverse("admin:payments_break_close", args=[row.id])
    assert "This field is required." in client.post(door, {"note": " "}).content.decode()
    row.refresh_from_db()
    assert row.status == "open"
    client.post(door, {"note": "The gateway has corrected it"})
    row.refresh_from_db()
    assert (row.status, row.note) == ("closed", "The gateway has corrected it")
    assert "Nothing waits. What needs a person" in client.get("/admin/", {"kind": "money"}).content.decode()


def test_a_refund_that_is_owed_stays_on_the_work_list(lost_refund, client, operators):
    row, operator = lost_refund["row"], operators[0]
    permit(operator, "view_break", "handle_break")
    client.force_login(operator)
    answer = client.post(reverse("admin:payments_break_close", args=[row.id]), {"note": "Paid by bank transfer on Friday"}, follow=True)
    assert "It closes by itself when it is paid." in answer.content.decode()
    row.refresh_from_db()
    assert (row.status, row.note) == ("open", "")


def test_who_may_not_handle_money_does_not(lost_refund, client, operators):
    row, operator = lost_refund["row"], operators[0]
    client.force_login(operator)
    assert "Money that needs a person" not in client.get("/admin/").content.decode()
    assert client.get(reverse("admin:payments_break_change", args=[row.id])).status_code == 403
    permit(operator, "view_break")
    page = client.get(reverse("admin:payments_break_change", args=[row.id])).content.decode()
    assert "You may look at this, not act on it." in page
    assert lost_refund["order"].consumer.email not in page
    for act in ("close", "resend"):
        assert client.post(reverse(f"admin:payments_break_{act}", args=[row.id]), {"note": "x"}).status_code == 403
    row.refresh_from_db()
    assert (row.status, Refund.objects.count()) == ("open", 1)
