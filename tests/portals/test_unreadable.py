"""One value that cannot be opened among good ones: lists show the others, decisions are refused, and somebody is told."""

import logging
import re
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag
from django.contrib import admin
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import services as accounts
from accounts.models import Consumer, ConsumerRequest
from checkout import services as checkouts
from core.clock import wall
from core.unreadable import Unreadable, count_unreadable, list_unreadable, listing, tell_unreadable
from tests.api.conftest import Api
from tests.operators import make_boss, make_operator
from tests.owner import tamper
from tests.portals.merchant.conftest import join
from tests.shops import make_key

pytestmark = pytest.mark.django_db
GARBAGE = {"garbage": "x", "no base64": "v2:k0:*", "too short": "v2:k0:AAAA", "a key that is gone": "v2:gone:AAAAAAAAAAAAAAAAAAAAAAAA"}


@pytest.fixture
def pair(buy, merchant, at):
    """Two orders of two people; of the first the person's name and address of mail, the basket, and why it was refunded are broken."""
    broken, good = (buy(merchant, 22_900, email=f"{name}+approve@people.example") for name in ("ann", "bea"))
    for order in (broken, good):
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
        checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=900, reason="Too late", actor="test", at=at)
        accounts.open_request(consumer=order.consumer, kind="copy", text="Please", at=at)
    tamper("UPDATE accounts_consumer SET name = 'x', email = 'v2:k0:AAAA' WHERE id = %s", [broken.consumer_id])
    tamper("UPDATE accounts_consumerrequest SET text = 'x' WHERE consumer_id = %s", [broken.consumer_id])
    tamper("UPDATE checkout_checkout SET items_sealed = 'x', metadata_sealed = 'x' WHERE id = %s", [broken.checkout_id])
    tamper("UPDATE checkout_refund SET reason_sealed = 'x' WHERE order_id = %s", [broken.id])
    return broken, good


@pytest.mark.parametrize("stored", GARBAGE.values(), ids=GARBAGE)
def test_a_decision_on_it_is_refused_and_a_list_shows_a_word(buy, merchant, stored):
    order = buy(merchant, 22_900)
    tamper("UPDATE accounts_consumer SET name = %s WHERE id = %s", [stored, order.consumer_id])
    with pytest.raises(InvalidTag):
        Consumer.objects.get(pk=order.consumer_id)
    with listing():
        shown = Consumer.objects.get(pk=order.consumer_id)
    assert isinstance(shown.name, Unreadable)
    assert shown.name == "unreadable"
    assert shown.email
    with pytest.raises(InvalidTag), transaction.atomic():
        shown.save()
    with pytest.raises(InvalidTag):
        Consumer.objects.get(pk=order.consumer_id)


def test_lists_of_the_api_answer_null(pair, merchant):
    broken, good = pair
    api = Api(make_key(merchant))
    found = {row["id"]: row for row in api.get("checkouts").json()["data"]}
    one, other = (found[order.checkout.public_id] for order in (broken, good))
    assert (one["items"], one["metadata"], one["amount"]) == (None, None, 22_900)
    assert (other["items"][0]["name"], other["metadata"]) == ("Lamp", {})
    found = {row["id"]: row for row in api.get("orders").json()["data"]}
    assert [found[order.public_id]["refunds"][0]["reason"] for order in pair] == [None, "Too late"]
    one = api.get(f"checkouts/{broken.checkout.public_id}").json()
    assert (one["items"], one["metadata"], one["amount"]) == (None, None, 22_900)
    assert api.get(f"orders/{broken.public_id}").json()["refunds"][0]["reason"] is None


def test_the_shops_list_shows_the_other_rows(pair, merchant, client):
    client.force_login(join(merchant, "owner"), backend="django.contrib.auth.backends.ModelBackend")
    for name, shown in (("merchant_orders", 1), ("merchant_refunds", 2)):
        text = client.get(reverse(name), {"status": ""}).content.decode()
        assert text.count(">unreadable<") == shown, name
        assert all(order.public_id in text for order in pair), name


def test_a_persons_purchases_show_the_other_rows(buy, merchant, at, client, sign_in):
    broken, good = buy(merchant, 22_900), buy(merchant, 23_900)
    tamper("UPDATE checkout_checkout SET items_sealed = 'x' WHERE id = %s", [broken.checkout_id])
    sign_in(client, good.consumer)
    for path in ("/purchases", "/home"):
        page = client.get(path)
        assert page.status_code == 200, path
        assert "unreadable" in page.content.decode(), path


def test_every_list_of_the_back_office_opens(pair, client):
    client.force_login(make_boss("boss@kvart.example", "demo-password"))
    for model in admin.site._registry:
        path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert client.get(path).status_code == 200, path
    asked = unescape(client.get("/admin/").content.decode())
    assert "unreadable" in asked
    assert "Encrypted values that could not be opened" in asked


def test_somebody_is_told_once_an_hour_for_each_value(pair, merchant, caplog):
    broken, _ = pair
    before = count_unreadable()
    with caplog.at_level(logging.ERROR, "bnpl.sealed"):
        for _try in range(2):
            with listing():
                list(Consumer.objects.all())
            with pytest.raises(InvalidTag):
                Consumer.objects.get(pk=broken.consumer_id)
    told = [record.getMessage() for record in caplog.records]
    assert sorted(told) == [
        f"sealed.unreadable table=accounts_consumer field={field} key={broken.consumer_id}" for field in ("email", "name")
    ]
    assert count_unreadable() == before + 2


def test_the_count_leads_to_a_list_of_tables_rows_and_times(pair, client):
    broken, _ = pair
    client.force_login(make_boss("boss@kvart.example", "demo-password"))
    with listing():
        list(Consumer.objects.all())
    assert f'href="{reverse("admin:core_unreadable")}"' in client.get("/admin/").content.decode()
    found = [one for one in list_unreadable(10_000) if one.key == str(broken.consumer_id)]
    assert sorted((one.table, one.field) for one in found) == [("accounts_consumer", "email"), ("accounts_consumer", "name")]
    assert all(timedelta(seconds=-2) <= wall() - one.since < timedelta(minutes=5) for one in found)
    page = client.get(reverse("admin:core_unreadable")).content.decode()
    assert page.count(f'href="{reverse("admin:accounts_consumer_change", args=[broken.consumer_id])}"') == 2
    assert "<code>accounts_consumer</code>" in page


def test_who_may_not_see_charges_does_not_see_the_list(client, db):
    client.force_login(make_operator("ida@kvart.example", may=["view_merchant"]))
    assert client.get(reverse("admin:core_unreadable")).status_code == 403


def test_the_list_of_unreadable_values_costs_the_same_for_any_number(client, db):
    client.force_login(make_boss("boss@kvart.example", "demo-password"))
    counts = []
    for number in (1, 50):
        for _value in range(number):
            tell_unreadable("accounts_consumer", "name", str(uuid4()))
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("admin:core_unreadable")).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_every_page_of_one_thing_in_the_back_office_opens(pair, client):
    client.force_login(make_boss("boss@kvart.example", "demo-password"))
    opened = 0
    for model in admin.site._registry:
        with listing():
            keys = [row.pk for row in model.objects.all()[:20]]
        for key in keys:
            path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[key])
            assert client.get(path, follow=True).status_code == 200, path
            opened += 1
    assert opened > 10
    broken, _ = pair
    with listing():
        row = ConsumerRequest.objects.get(consumer_id=broken.consumer_id)
    path = reverse("admin:accounts_consumerrequest_change", args=[row.pk])
    assert "unreadable" in client.get(path).content.decode()
    there = reverse("admin:accounts_consumerrequest_answer", args=[row.pk])
    answer = client.post(there, {"outcome": "done", "answer": "Sent"}, follow=True)
    assert "We have been told and look into it. Nothing was charged or changed." in answer.content.decode()
    assert ConsumerRequest.objects.filter(pk=row.pk, answered_at=None).exists()


def test_the_shops_page_of_an_order_says_what_cannot_be_opened(pair, merchant, client):
    broken, _ = pair
    client.force_login(join(merchant, "owner"), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("merchant_order", args=[broken.public_id]))
    assert page.status_code == 200
    assert page.content.decode().count("unreadable") >= 3


def test_a_persons_page_of_a_purchase_says_what_cannot_be_opened(buy, merchant, client, sign_in):
    order = buy(merchant, 22_900)
    tamper("UPDATE checkout_checkout SET items_sealed = 'x' WHERE id = %s", [order.checkout_id])
    sign_in(client, order.consumer)
    page = client.get(reverse("purchase", args=[order.public_id]))
    assert page.status_code == 200
    assert "<p>unreadable</p>" in page.content.decode()


PAGES = ("/home", "/purchases", "/payments", "/limit", "/help", "/inbox", "/profile", "/requests")


def test_a_person_of_whom_something_cannot_be_opened_sees_the_rest_and_changes_nothing(pair, client, sign_in):
    broken, _ = pair
    tamper("UPDATE accounts_consumer SET address = 'x', birth_date = 'x' WHERE id = %s", [broken.consumer_id])
    with listing():
        sign_in(client, Consumer.objects.get(pk=broken.consumer_id))
    before, purchase = count_unreadable(), reverse("purchase", args=[broken.public_id])
    for path in (*PAGES, purchase, f"{purchase}/card", "/requests/new/correction"):
        page = client.get(path)
        assert page.status_code == 200, path
        assert "Some of what we keep about you cannot be opened." in page.content.decode(), path
    assert count_unreadable() >= before + 2
    asked = ConsumerRequest.objects.filter(consumer_id=broken.consumer_id).count()
    answer = client.post("/requests/new/correction", {"text": "My name is Ann"}, follow=True)
    assert answer.status_code == 500
    told = answer.content.decode()
    assert "Something here cannot be opened" in told
    assert "Nothing was charged or changed." in told
    assert ConsumerRequest.objects.filter(consumer_id=broken.consumer_id).count() == asked
    assert client.get("/").headers["Location"] == "/home"


def test_an_agreement_that_cannot_be_opened_is_a_plain_page(buy, merchant, client, sign_in):
    order = buy(merchant, 22_900)
    tamper("UPDATE plans_plan SET agreement_sealed = 'x' WHERE id = %s", [order.plan_id])
    sign_in(client, order.consumer)
    page = client.get(reverse("purchase_agreement", args=[order.public_id]))
    assert page.status_code == 500
    assert "Your agreement stands as you agreed to it." in page.content.decode()


def test_a_shop_does_what_it_has_to_for_a_customer_who_cannot_be_named(buy, merchant, client):
    captured, voided = (buy(merchant, 22_900) for _ in range(2))
    for order in (captured, voided):
        tamper("UPDATE accounts_consumer SET name = 'x', email = 'x' WHERE id = %s", [order.consumer_id])
    client.force_login(join(merchant, "owner"), backend="django.contrib.auth.backends.ModelBackend")
    for order, deed, sent in ((captured, "capture", {"amount": "229"}), (captured, "refund", {"amount": "10"}), (voided, "void", {})):
        path = f"{reverse('merchant_order', args=[order.public_id])}/{deed}"
        page = client.get(path)
        assert page.status_code == 200, deed
        once = re.search(r'name="once" value="([^"]+)"', page.content.decode())
        assert client.post(path, sent | ({"once": once[1]} if once else {})).status_code == 302, deed
    for order in (captured, voided):
        order.refresh_from_db()
    assert (captured.status, captured.captured_minor, voided.status) == ("captured", 22_900, "voided")
