"""Orders of people who are erased: shops read them, and a refund is booked."""

import pytest

from core.clock import now
from core.models import Delivery
from core.subject_keys import destroy_key, subject_of
from core.timers import run_until_quiet
from notifications.models import Message
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
