"""A purchase of which a payment is disputed, as its consumer and as operators see it."""

import pytest
import requests
from django.urls import reverse

from payments import services as payments
from payments.models import Break, Charge
from plans.models import Plan
from tests.operators import make_boss, make_operator

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def disputed(bought, settings, moment):
    """A purchase whose first payment is disputed at the bank."""
    order = bought(charge=True)
    address = f"{settings.SANDBOX_URL}/control/charges/{Charge.objects.get().public_id}/dispute"
    answer = requests.post(address, json={}, headers={"Authorization": f"Bearer {settings.SANDBOX_KEY}"}, timeout=30)
    payments.take_dispute(gateway="sandbox", ref=answer.json()["id"], at=moment)
    return order


def plan_of(order):
    return Plan.objects.get(id=order.plan_id)


def test_the_consumer_reads_that_payments_are_stopped(disputed, client, sign_in):
    sign_in(client, disputed.consumer)
    page = client.get(reverse("purchase", args=[disputed.public_id])).content.decode()
    assert "Payments of this purchase are stopped." in page
    assert "Not taken while payments are stopped" in page
    assert reverse("purchase_pay", args=[disputed.public_id]) not in page
    assert "Payments stopped" in client.get(reverse("purchases")).content.decode()
    assert "are stopped while your bank looks into one. Nothing is taken meanwhile." in client.get(reverse("home")).content.decode()


def test_an_operator_lets_payments_go_on_and_nobody_else_does(disputed, client):
    row = Break.objects.get()
    door = reverse("admin:payments_break_resume", args=[row.id])
    reader = make_operator("reader@kvart.example", "demo-password")
    client.force_login(reader)
    assert client.post(door, {"note": "x"}).status_code == 403
    assert plan_of(disputed).stopped_at is not None
    boss = make_boss("boss@kvart.example", "demo-password", name="Ada Admin")
    client.force_login(boss)
    assert "A payment is disputed at the bank" in client.get("/admin/").content.decode()
    page = client.get(reverse("admin:payments_break_change", args=[row.id])).content.decode()
    assert "Let payments go on" in page
    assert "disputes $57.25 at the bank (product not received)" in page
    client.post(door, {"note": " "})
    assert plan_of(disputed).stopped_at is not None
    client.post(door, {"note": "Withdrawn"})
    row.refresh_from_db()
    assert (plan_of(disputed).stopped_at, row.closed_by, row.note) == (None, str(boss.pk), "Withdrawn")
