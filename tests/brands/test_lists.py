"""Lists of the back office tell the brand of each row, and show those of one."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from brands.queries import house_name
from checkout.services import capture_order
from collection.services.due import charge_plan_now
from core.clock import now
from payments.models import Charge
from plans.models import Plan
from tests.api.counting import count_but_the_clock
from tests.brands.cast import HOST, make_bank
from tests.operators import make_boss
from tests.shops import open_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    client = Client()
    client.force_login(make_boss())
    return client


def sell(buy, shop, times: int = 1):
    for _time in range(times):
        order = buy(shop, 22900)
        capture_order(order_id=order.pk, merchant=shop, amount_minor=None, actor="test", at=now())
        charge_plan_now(plan_id=order.plan_id, at=now())


@pytest.mark.parametrize(("model", "name"), [(Plan, "plans_plan"), (Charge, "payments_charge")])
def test_plans_and_charges_are_shown_by_brand(desk, buy, model, name):
    make_bank()
    ours, theirs = open_shop(name="Ours"), open_shop(name="Theirs", brand="bank")
    sell(buy, ours)
    sell(buy, theirs)
    page = reverse(f"admin:{name}_changelist")
    found = {code: desk.get(page, {"brand": code} if code else {}) for code in ("", "main", "bank")}
    assert {code: len(answer.context["cl"].result_list) for code, answer in found.items()} == {"": 2, "main": 1, "bank": 1}
    (row,) = found["bank"].context["cl"].result_list
    assert row.brand_code == "bank"
    assert "Fjordbank" in found["bank"].content.decode()
    with CaptureQueriesContext(connection) as few:
        desk.get(page, {"brand": "main"})
    sell(buy, ours, 3)
    with CaptureQueriesContext(connection) as many:
        answer = desk.get(page, {"brand": "main"})
    assert len(answer.context["cl"].result_list) == 4
    assert count_but_the_clock(many) == count_but_the_clock(few)
    assert desk.get(page, {"brand": "nobody"}).context["cl"].result_list == []


def test_the_back_office_is_named_after_the_installation_and_none_of_several_brands(desk, settings):
    title = reverse("admin:index")
    assert house_name() == "kvart"
    assert "kvart back office" in desk.get(title).content.decode()
    make_bank()
    for host in ("testserver", HOST):
        text = desk.get(title, headers={"host": host}).content.decode()
        assert "kvart back office" not in text
        assert "Fjordbank back office" not in text
    settings.BACK_OFFICE_NAME = "Nordic Credit"
    assert "Nordic Credit back office" in desk.get(title).content.decode()
