"""A plan that is late for very long, as its operators and its person see it."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from accounts.models import User
from core import clock
from plans.models import ChargeOff, Plan
from tests.collection.test_charge_offs import FACTS, lost, people
from tests.collection.test_disputes import sold
from tests.operators import permit

__all__ = ["lost", "people", "sold"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def today(lost, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: lost.late)


def text(answer):
    return unescape(answer.content.decode())


def door(step, order):
    return reverse(f"admin:plans_chargeoff_{step}", args=[order.plan_id])


def test_two_operators_give_a_plan_up_from_the_work_list(lost, people, client, today):
    one, other = (User.objects.get(pk=key) for key in people)
    permit(one, "propose_chargeoff")
    permit(other, "confirm_chargeoff")
    client.force_login(one)
    assert (page := text(client.get("/admin/"))).count("Late for very long") == 2
    assert door("plan", lost) in page
    assert "Why" in text(client.get(door("plan", lost)))
    assert "Proposed. Another person confirms it now." in text(client.post(door("propose", lost), FACTS, follow=True))
    assert "Waits for another person" in text(client.get("/admin/"))
    assert client.post(door("confirm", lost), {"seen": 17_175, "confirmed": 1}).status_code == 403
    assert Plan.objects.get(id=lost.plan_id).status == "active"
    client.force_login(other)
    assert client.post(door("withdraw", lost)).status_code == 403
    page = text(client.post(door("confirm", lost), {"seen": 17_175}))
    assert "Give up $171.75?" in page
    assert Plan.objects.get(id=lost.plan_id).status == "active"
    page = text(client.post(door("confirm", lost), {"seen": 17_175, "confirmed": 1}, follow=True))
    assert "Given up. Nothing is collected any more; the person may still pay." in page
    assert Plan.objects.get(id=lost.plan_id).status == "charged_off"
    assert door("plan", lost) not in text(client.get("/admin/"))
    row = ChargeOff.objects.get()
    assert client.get(reverse("admin:plans_chargeoff_change", args=[row.id])).url == door("plan", lost)
    assert client.get(reverse("admin:plans_chargeoff_changelist")).status_code == 200


def test_a_plan_that_is_not_late_for_long_says_when_it_may_be_given_up(lost, people, client, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: lost.late - timedelta(days=60))
    permit(one := User.objects.get(pk=people[0]), "propose_chargeoff")
    client.force_login(one)
    page = text(client.get(door("plan", lost)))
    assert "It can be proposed once a payment is late for 120 days." in page
    assert "Owed since" in page
    assert door("propose", lost) not in page
    monkeypatch.setattr(clock, "now", lambda: lost.late - timedelta(days=300))
    page = text(client.get(door("plan", lost)))
    assert "Nothing is late. The next payment is due" in page


def test_who_may_not_give_plans_up_sees_nothing_of_it(lost, people, client, today):
    client.force_login(User.objects.get(pk=people[0]))
    assert "Late for very long" not in text(client.get("/admin/"))
    assert client.get(door("plan", lost)).status_code == 403
    assert client.post(door("propose", lost), FACTS).status_code == 403
    assert ChargeOff.objects.count() == 0
