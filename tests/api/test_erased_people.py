"""Orders of people who are erased: shops read them, and a refund is booked."""

import pytest

from core.clock import now
from core.subject_keys import destroy_key, subject_of

pytestmark = pytest.mark.django_db


def test_a_shop_reads_and_refunds_the_order_of_an_erased_person(api, shop, buy):
    order = buy(shop, 22_900, now())
    assert api.post(f"orders/{order.public_id}/captures", {"amount": 22_900}).status_code == 201
    destroy_key(subject_of(order.consumer_id), at=now())
    assert api.get("orders").status_code == 200
    assert api.post(f"orders/{order.public_id}/refunds", {"amount": 1_000}).status_code == 201
    assert api.get(f"orders/{order.public_id}").json()["refunded"] == 1_000
