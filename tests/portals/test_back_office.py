"""The back office as its people see it: the work list first, every list and page in the theme, a held order decided by two people."""

import re
from html import unescape

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import Consumer, User
from checkout import services as checkouts
from checkout.models import Hold
from checkout.rules import hold_reasons
from core.crypto import lookup_hash
from core.money import Money
from credit.models import CreditLine
from tests.cast import NOW

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
    return {"sold": sold, "hold": Hold.objects.get(order=held)}


@pytest.fixture
def boss(client):
    """A client of the administrator."""
    client.force_login(User.objects.create_superuser("boss@kvart.example", "demo-password", name="Ada Admin"))
    return client


def test_every_list_and_page_opens_and_speaks_plainly(lived, boss):
    for model in admin.site._registry:
        path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        page = boss.get(path)
        assert page.status_code == 200, path
        assert not re.search(r'(?<!value=")partially_captured|DKK\d|>None<', page.content.decode()), path
        row = model._default_manager.first()
        if row is not None:
            one = boss.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk]))
            assert one.status_code == 200, one.request["PATH_INFO"]
            assert " minor<" not in one.content.decode(), one.request["PATH_INFO"]


def test_the_work_list_comes_first_and_says_what_is_next(lived, boss):
    text = boss.get("/admin/").content.decode()
    hold = lived["hold"]
    for told in ("Work list", "$1,200.00", hold.get_reason_display(), "Prepare", "Needs a look", "Ada Admin"):
        assert told.replace("'", "&#x27;") in text, told
    assert reverse("admin:checkout_hold_change", args=[hold.id]) in text


def test_a_held_order_shows_all_and_is_decided_by_a_second_person(lived, client, operators):
    hold = lived["hold"]
    path = reverse("admin:checkout_hold_change", args=[hold.id])
    first, second = operators
    client.force_login(first)
    text = client.get(path).content.decode()
    for told in (
        "$1,200.00",
        hold.rule,
        "Limit in use",
        "Linked orders",
        "Payments, if approved",
        "Somebody has to prepare this order first",
        "May 31, 1990 (36 years old)",
        "1 Main St, New York, NY 10001, United States",
        "Total of payments",
        "Interest",
        "APR",
    ):
        assert told.replace("'", "&#x27;") in text, told
    client.post(reverse("admin:checkout_hold_prepare", args=[hold.id]), {"recommendation": "approve", "note": "Known address."})
    assert "You prepared this order, so another person has to decide." in client.get(path).content.decode()
    client.force_login(second)
    decide = reverse("admin:checkout_hold_decide", args=[hold.id])
    told = {
        "decision": "approve",
        "reason": "Income fits.",
        "seen": re.search(r'name="seen" value="(\d+)"', client.get(path).content.decode())[1],
    }
    asked = client.post(decide, told)
    hold.refresh_from_db()
    assert ("Approve this order of $1,200.00?" in asked.content.decode(), hold.status) == (True, "prepared")
    client.post(decide, told | {"confirmed": "1"})
    hold.refresh_from_db()
    assert (hold.status, hold.approved_by) == ("approved", second)
    text = client.get(path).content.decode()
    assert "Income fits." in text
    assert "Known address." in text


def test_who_only_looks_sees_neither_birth_date_nor_street(lived, client):
    looker = User.objects.create_user("lea@kvart.example", "demo-password", name="Lea Look", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_hold"))
    client.force_login(looker)
    text = client.get(reverse("admin:checkout_hold_change", args=[lived["hold"].id])).content.decode()
    assert "New York, United States" in text
    assert "Shown to approvers" in text
    for secret in ("1990", "1 Main St", "10001"):
        assert secret not in text


def test_a_referred_order_says_why_in_words():
    reasons = hold_reasons(outcome="refer", reasons=["manual_review"], amount=Money(100, "USD"), order_limit_minor=1_000, items=[])
    assert reasons == [("referred", "The credit decision asks for a person: the bureau's file has to be reviewed by hand")]


def test_an_order_is_found_by_its_number_without_the_sign(buy, merchant, boss):
    hold = Hold.objects.get(order=buy(merchant, 120_000, merchant_reference="#10069"))
    for model, key in (("hold", hold.pk), ("order", hold.order_id)):
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
    hold = lived["hold"]
    olivia = User.objects.create_superuser("olivia@kvart.example", "demo-password", name="Olivia Brandt")
    oscar = User.objects.create_superuser("oscar@kvart.example", "demo-password", name="Oscar Lund")
    checkouts.prepare_hold(hold_id=hold.id, user=olivia, recommendation="approve", note="Fine", at=NOW)
    checkouts.approve_hold(hold_id=hold.id, user=oscar, seen=1, reason="Income confirmed by payslip", at=NOW)

    def finds(term: str) -> bool:
        page = boss.get(reverse("admin:checkout_hold_changelist"), {"q": term})
        return f"/admin/checkout/hold/{hold.pk}/" in page.content.decode()

    for term in (hold.order.merchant_reference, hold.order.merchant.name[:4], "oscar@", "payslip", "incom PAYS", "'payslip'"):
        assert finds(term), term
    for term in ("olivia@", "passport", "income passport", "!!", "nobody@"):
        assert not finds(term), term
