"""Orders of people who are erased: shops read them, and a refund is booked."""

import pytest
from cryptography.exceptions import InvalidTag
from django.urls import reverse
from rest_framework.test import APIRequestFactory

from accounts import services as accounts
from accounts.models import ConsumerRequest
from core import relay
from core.api.problems import handle
from core.clock import now
from core.crypto import Erased
from core.ids import public_id
from core.models import Delivery
from core.subject_keys import destroy_key, subject_of
from core.timers import run_until_quiet
from core.unreadable import listing
from notifications.models import Message
from plans.models import Plan
from tests.operators import make_boss
from tests.owner import tamper
from webhooks.models import MerchantEvent

pytestmark = pytest.mark.django_db


def test_a_shop_reads_and_refunds_the_order_of_an_erased_person(api, shop, buy):
    order = buy(shop, 22_900, now())
    assert api.post(f"orders/{order.public_id}/captures", {"amount": 22_900}).status_code == 201
    destroy_key(subject_of(order.consumer_id), at=now())
    assert api.get("orders").status_code == 200
    assert api.post(f"orders/{order.public_id}/refunds", {"amount": 1_000}).status_code == 201
    assert api.get(f"orders/{order.public_id}").json()["refunded"] == 1_000


def test_what_happens_to_an_order_of_an_erased_person_is_told_to_the_shop_and_to_nobody_else(api, shop, buy):
    order = buy(shop, 22_900, now())
    assert api.post(f"orders/{order.public_id}/captures", {"amount": 22_900}).status_code == 201
    run_until_quiet(at=now())
    consumer = order.consumer
    consumer.name = consumer.birth_date = consumer.email = consumer.phone = ""
    consumer.address, consumer.email_hash, consumer.phone_hash = {}, consumer.erased_hash, None
    consumer.save()
    destroy_key(subject_of(consumer.pk), at=now())
    queued = Message.objects.count()
    assert api.post(f"orders/{order.public_id}/refunds", {"amount": 1_000}).status_code == 201
    run_until_quiet(at=now())
    assert not Delivery.objects.filter(done_at=None).exists()
    assert Message.objects.count() == queued
    assert MerchantEvent.objects.filter(type="order.refunded").count() == 1


def erase(order):
    """Destroy the key of the person who bought, as the erasure does, and nothing else."""
    destroy_key(subject_of(order.consumer_id), at=now())


WRITES = {
    "orders/{order}": {"merchant_reference": "R-9"},
    "orders/{order}/captures": {"amount": 100},
    "orders/{order}/refunds": {"amount": 100, "reason": "Anna sent it back"},
    "orders/{order}/void": {},
    "orders/{order}/release": {},
    "orders/{order}/extend": {},
    "checkouts/{checkout}/expire": {},
    "sandbox/checkouts/{checkout}/complete": {},
}


@pytest.mark.parametrize("captured", [False, True])
@pytest.mark.parametrize("path", WRITES)
def test_no_write_about_an_erased_person_breaks(api, shop, buy, path, captured):
    order = buy(shop, 22_900, now())
    if captured:
        assert api.post(f"orders/{order.public_id}/captures", {"amount": 22_000}).status_code == 201
    erase(order)
    there = path.format(order=order.public_id, checkout=public_id("chk", order.checkout_id))
    send = api.patch if path == "orders/{order}" else api.post
    answer = send(there, WRITES[path])
    assert answer.status_code < 500, answer.content
    if answer.status_code == 410:
        assert answer.json()["code"] == "erased"


def test_what_needs_their_data_is_gone_and_nothing_changes(shop, buy):
    order = buy(shop, 22_900, now())
    erase(order)
    answer = handle(caught(lambda: Plan.objects.get(pk=order.plan_id)), {"request": APIRequestFactory().post("/")})
    assert (answer.status_code, answer.data["code"], answer.data["title"]) == (410, "erased", "The person's data was erased")
    assert Plan.objects.only("status").get(pk=order.plan_id).status == "pending"


def test_what_somebody_tampered_with_is_a_problem_too_and_no_bare_error(shop, buy):
    order = buy(shop, 22_900, now())
    tamper("UPDATE plans_plan SET agreement_sealed = 'x' WHERE id = %s", [order.plan_id])
    answer = handle(caught(lambda: Plan.objects.get(pk=order.plan_id)), {"request": APIRequestFactory().post("/")})
    assert (answer.status_code, answer.data["code"]) == (500, "unreadable")


def caught(read):
    with pytest.raises(InvalidTag) as fault:
        read()
    return fault.value


def test_the_back_office_says_that_it_was_erased(client, shop, buy):
    order = buy(shop, 22_900, now())
    boss = make_boss("boss@kvart.example", "demo-password")
    client.force_login(boss)
    wish = accounts.open_request(consumer=order.consumer, kind="complaint", text="Please", at=now())
    erase(order)
    there = reverse("admin:accounts_consumerrequest_change", args=[wish.pk])
    assert client.get(there).status_code == 200
    answer = client.post(there, {"answer": "It is done.", "outcome": "done"}, follow=True)
    assert answer.status_code in (200, 410)
    assert "erased for good" in answer.content.decode()
    with listing():
        assert ConsumerRequest.objects.get(pk=wish.pk).answered_at is None


def test_a_handler_that_needs_what_was_erased_is_given_up_at_once(shop, buy):
    order = buy(shop, 22_900, now())
    erase(order)
    relay.drain()
    duty = Delivery.objects.order_by("pk").last()
    relay._note_failure(duty.pk, Erased())
    assert Delivery.objects.get(pk=duty.pk).attempts == duty.attempts
    Delivery.objects.filter(pk=duty.pk).update(done_at=None)
    relay._note_failure(duty.pk, Erased())
    assert Delivery.objects.get(pk=duty.pk).attempts == relay.MAX_ATTEMPTS
