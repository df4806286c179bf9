"""Operators see which days were closed, what each step did, and what is stuck."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from django.urls import reverse

from collection import closing
from collection.closing import Step
from collection.models import ClosedDay
from core import clock
from tests.operators import make_operator

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 24, 6, tzinfo=UTC)
LIST = reverse("admin:collection_closedday_changelist")
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def fay(client, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    monkeypatch.setattr(closing, "STEPS", [])
    client.force_login(make_operator("fay@kvart.example", may=["view_closedday"]), backend=BACKEND)
    return client


def text(answer) -> str:
    assert answer.status_code == 200
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def day(number, **told):
    return ClosedDay.objects.create(zone="Europe/Berlin", day=date(2026, 11, number), opened_at=AT - timedelta(minutes=5), **told)


def test_the_list_tells_closed_from_open_and_stuck(fay):
    day(21, closed_at=AT, done={"noted": 3})
    day(22, closed_at=AT)
    day(23, fault="ValueError: no such rule", stuck_at=AT)
    page = text(fay.get(LIST))
    for words in ("Stuck", "Closed", "Noted: 3", "Nothing had to change", "Europe/Berlin"):
        assert words in page
    assert "Stuck" not in text(fay.get(f"{LIST}?closed_at__isnull=False"))
    assert "Europe/Berlin" not in text(fay.get(f"{LIST}?q=America"))


def test_a_day_s_page_tells_each_step(fay, monkeypatch):
    monkeypatch.setattr("collection.admin.closing.STEPS", steps := [Step("noted", "Noted", ""), Step("told", "Told", "")])
    monkeypatch.setattr(closing, "STEPS", steps)
    row = day(23, done={"noted": 3}, step="told", count=1, left=["x"], fault="ValueError: no such rule", stuck_at=AT)
    page = text(fay.get(reverse("admin:collection_closedday_change", args=[row.pk])))
    for words in ("Noted done 3 plans", "Told under way 1 plan", "ValueError: no such rule", "1 plan was in use", "Stuck"):
        assert words in page, words


def test_who_may_not_look_sees_nothing(client):
    client.force_login(make_operator("clerk@kvart.example"), backend=BACKEND)
    row = day(23)
    assert client.get(LIST).status_code == client.get(reverse("admin:collection_closedday_change", args=[row.pk])).status_code == 403
