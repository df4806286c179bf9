"""A settlement for less, through both doors: offered by an operator, accepted and paid by the person, who gets its letter as a PDF."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from collection.models import JointSettlement, Settlement
from collection.services import close_days, mark_overdue
from core import clock, relay
from core.once import new_key
from plans.models import Plan
from portals.consumer import frame
from tests.operators import make_operator
from tests.portals.test_consumer_pages import text
from tests.portals.test_promises import late, letters

__all__ = ["late"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk():
    client = Client()
    client.force_login(
        make_operator("rita@kvart.example", may=["view_case", "view_person", "work_case"]),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return client


def test_a_person_accepts_a_settlement_pays_it_and_keeps_its_letter(late, client, desk):
    order, _path, now = late
    settle, mine = reverse("admin:collection_settle", args=[order.plan_id]), f"/purchases/{order.public_id}/settlement"
    assert client.get(mine).status_code == 404
    told = {"amount": "210.00", "parts": "1", "first": f"{now:%Y-%m-%d}", "every": "30", "reason": ""}
    assert "One operator may take 90% or more of what is open, in 1 payment." in text(desk.get(settle))
    assert "less than what is open" in text(desk.post(settle, told | {"amount": "229.00", "once": new_key()}))
    beyond = desk.post(settle, told | {"parts": "2", "first": "9999-12-31", "once": new_key()})
    assert "from today on, and all within a year" in text(beyond)
    assert "Offered. The person is told." in text(desk.post(settle, told | {"once": new_key()}, follow=True))
    assert "we may say no" not in letters("settlement_offered")[0].text
    assert "Pay $210.00, and owe nothing more for it." in text(client.get(f"/purchases/{order.public_id}"))
    page = client.get(mine)
    assert "$210.00 instead of $229.00" in text(page)
    assert "we may say no" in text(page)
    sent = {"accept": re.findall(r'name="accept" value="(\w+)"', page.content.decode())[0], "once": new_key()}
    assert "You accepted it. We write to you with the days." in text(client.post(mine, sent, follow=True))
    client.post(mine, sent)
    assert len(letters("settlement_accepted")) == 1
    pay = re.findall(r'href="(/pay\?[^"]+)"', client.get(mine).content.decode())[0].replace("&amp;", "&")
    shown = client.get(pay)
    assert "https:" in shown["Content-Security-Policy"].split("form-action")[1].split(";")[0]
    assert "Left to pay after that $0.00 You do not have to pay $19.00" in text(shown)
    assert client.get(f"/purchases/{order.public_id}/pay").url == mine
    page = shown.content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    fields |= {"card": order.plan.payment_method.public_id}
    paid = client.post("/pay", fields, follow=True)
    assert "You paid what we agreed on, and owe nothing more for it." in text(paid)
    relay.drain()
    assert (Plan.objects.get(pk=order.plan_id).status, Settlement.objects.get().status) == ("completed", "settled")
    assert "You owe nothing more for this purchase." in text(client.get(mine))
    assert "Settled" in text(client.get(f"/purchases/{order.public_id}"))
    assert "Your purchase is settled" in letters("settlement_paid")[0].text
    assert client.get(f"/purchases/{order.public_id}/documents/settlement.pdf").content.startswith(b"%PDF")
    assert "Settled" in text(desk.get(settle))


@pytest.fixture
def both(bought, client, sign_in, monkeypatch, email):
    """Two purchases of a signed-in person, of which the first payments are late for two days."""
    address, now = email("+approve"), clock.now() + timedelta(days=2)
    orders = [bought(minor, email=address) for minor in (22_900, 8_000)]
    close_days(at=clock.now())
    for place in (clock, frame):
        monkeypatch.setattr(place, "now", lambda: now)
    mark_overdue(at=now)
    sign_in(client, orders[0].consumer)
    return *orders, now


def test_two_late_purchases_are_settled_by_one_offer_and_one_button(both, client, desk):
    order, other, now = both
    all_of, mine = reverse("admin:collection_settle_all", args=[order.plan_id]), f"/purchases/{other.public_id}/settlement"
    assert "Settle all that is late by one offer" in text(desk.get(reverse("admin:collection_settle", args=[order.plan_id])))
    page = desk.get(all_of)
    told = {"amount": "285.00", "parts": "1", "first": f"{now:%Y-%m-%d}", "every": "30", "reason": "", "once": new_key()}
    assert "changed since you looked" in text(desk.post(all_of, told | {"plans": "x"}))
    told |= {"plans": re.findall(r'name="plans" value="([^"]+)"', page.content.decode())[0], "once": new_key()}
    assert "Offered. The person is told." in text(desk.post(all_of, told, follow=True))
    assert "for 2 purchases" in letters("settlement_offered")[0].text
    assert "Pay $285.00 for 2 purchases, and owe nothing more for them." in text(client.get(f"/purchases/{order.public_id}"))
    page = client.get(mine)
    assert "$285.00 instead of $309.00" in text(page)
    assert "instead of $80.00" in text(page)
    sent = {"accept": re.findall(r'name="accept" value="(\w+)"', page.content.decode())[0], "once": new_key()}
    page = client.post(mine, sent, follow=True)
    assert "Your bank shows one charge for each purchase" in text(page)
    assert re.findall(r'class="page-back" href="([^"]+)"', page.content.decode()) == ["/purchases"]
    for path in ("/home", "/limit"):
        assert "New purchases wait until $285.00 is paid, as we agreed." in text(client.get(path)), path
    seen = re.findall(r'name="seen" value="(\w+)"', page.content.decode())[0]
    sent = {"seen": seen, "card": order.plan.payment_method.public_id, "once": new_key()}
    assert "What is to be paid changed" in text(client.post(mine, sent | {"seen": "x", "once": new_key()}, follow=True))
    client.post(mine, sent, follow=True)
    relay.drain()
    assert set(Settlement.objects.values_list("status", flat=True)) == {"settled"}
    assert JointSettlement.objects.get().amount_minor == sum(Settlement.objects.values_list("paid_minor", flat=True)) == 28_500
    assert ["Your purchases are settled" in one.text for one in letters("settlement_paid")] == [True]
    assert "You owe nothing more for this purchase." in text(client.get(mine))
    assert "Settled" in text(desk.get(all_of))
