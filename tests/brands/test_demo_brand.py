"""The demo's second brand: its shop sells to somebody new and to a customer of the first brand."""

import pytest

from accounts.models import Consumer
from brands.queries import get_brand
from checkout.services import capture_order
from core.clock import now
from simulation import second_brand
from tests.shops import open_shop

pytestmark = pytest.mark.django_db
BOTH = "anna+approve@people.example"


def test_a_person_buys_with_both_brands(buy):
    at = now()
    order = buy.whole(open_shop(market="DK"), 60_000, at=at, email=BOTH)
    capture_order(order_id=order.id, merchant=order.merchant, amount_minor=60_000, actor="test", at=at)
    second_brand.make_second_brand(at=at)
    shop = open_shop(market="DK", brand=second_brand.CODE, slug="havnens")
    assert second_brand.let_people_buy(shop, at=at) == [BOTH, second_brand.NEWCOMER]
    assert get_brand(second_brand.CODE).host == second_brand.HOST
    assert Consumer.objects.filter(brand_id=second_brand.CODE).count() == 2
    assert Consumer.objects.filter(brand_id="main").count() == 1
