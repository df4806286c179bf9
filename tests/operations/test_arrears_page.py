"""Operators read what rolled from bucket to bucket, and how late a plan is and was."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from checkout import services as checkouts
from collection.models import RolledDay
from collection.services import close_days
from core import clock
from plans import services as plans
from plans.hardship import Answers
from tests.operators import make_operator

pytestmark = pytest.mark.django_db
LIST = reverse("admin:collection_rolledday_changelist")
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def rita(client):
    client.force_login(make_operator("rita@kvart.example", may=["view_rolledday", "view_plan"]), backend=BACKEND)
    return client


def text(answer) -> str:
    assert answer.status_code == 200
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def roll(source, target, plans, minor, **more):
    told = {"day": date(2026, 11, 23), "market": "DK", "brand": "kvart", "product": "pay_in_4", "currency": "DKK"} | more
    RolledDay.objects.create(source=source, target=target, plans=plans, late_minor=minor, **told)


def test_the_matrix_tells_counts_money_and_shares(rita):
    roll("current", "current", 90, 0)
    roll("current", "1-3", 10, 1_000_00)
    roll("1-3", "1-3", 30, 3_000_00)
    roll("1-3", "4-30", 10, 1_000_00)
    page = text(rita.get(f"{LIST}?market=DK"))
    for words in ("1–3 days late 50", "40 stayed · 80 %", "10 20 % · DKK 1,000.00"):
        assert words in page.replace("\N{NO-BREAK SPACE}", " ").replace("80%", "80 %").replace("20%", "20 %"), words
    assert "No day of this market was closed yet" in text(rita.get(f"{LIST}?market=SE"))


def test_the_page_asks_as_much_however_much_there_is(rita):
    rita.get(f"{LIST}?market=DK")
    with CaptureQueriesContext(connection) as few:
        rita.get(f"{LIST}?market=DK")
    for number in range(20):
        roll("current", "1-3", 1, 100, day=date(2026, 11, 1) + timedelta(days=number))
    with CaptureQueriesContext(connection) as many:
        rita.get(f"{LIST}?market=DK")
    assert len(many) <= len(few) + 1


def test_a_plan_s_page_tells_how_late_it_is_and_was(rita, buy, merchant, at, monkeypatch):
    order = buy(merchant, 22_900)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    close_days(at=at)
    close_days(at=at + timedelta(days=6))
    monkeypatch.setattr(clock, "now", lambda: at + timedelta(days=6))
    page = text(rita.get(reverse("admin:plans_plan_change", args=[order.plan_id])))
    for words in ("6 days late", "4–30 days late Nov 26, 2026 – now", "1–3 days late Nov 23, 2026 – Nov 26, 2026"):
        assert words in page, words


def test_who_may_not_look_sees_nothing(client):
    client.force_login(make_operator("clerk@kvart.example"), backend=BACKEND)
    assert client.get(LIST).status_code == 403


def test_what_came_of_relief_stands_there(rita, buy, merchant, at, monkeypatch):
    order = buy(merchant, 22_900)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    answers = Answers("income", "month", can_pay=False)
    plans.choose_relief(plan_id=order.plan_id, kind="pause", answers=answers, actor="test", at=at)
    monkeypatch.setattr(clock, "now", lambda: at + timedelta(days=6))
    assert f"{at:%Y-%m} A pause 1 0 0 0 0 1 –" in text(rita.get(f"{LIST}?market=US"))
