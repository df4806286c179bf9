"""An administrator frees a colleague who typed a wrong password too often, from the colleague's page."""

import re

import pytest
from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from accounts.passwords import tried_for
from tests.operators import make_boss, make_operator
from tests.portals.reading import text_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def boss(client):
    client.force_login(make_boss(), backend="django.contrib.auth.backends.ModelBackend")
    return client


def type_password(email: str, password: str, address: str = "203.0.113.7") -> bool:
    """Try a password at the back office's door, in a browser of its own; return whether it opened."""
    answer = Client().post("/admin/login/?next=/admin/", {"username": email, "password": password}, REMOTE_ADDR=address)
    return answer.status_code == 302 and "login" not in answer["Location"]


def page(user, act: str = "change") -> str:
    return reverse(f"admin:accounts_user_{act}", args=[user.pk])


def test_who_is_shut_out_gets_in_at_once(boss, settings):
    nora, other = make_operator("nora@kvart.example"), make_operator("omar@kvart.example")
    assert "None lately" in text_of(boss.get(page(nora)))
    assert [type_password(nora.email, "wrong") for _ in range(5)] == [False] * 5
    type_password(other.email, "wrong")
    assert type_password(nora.email, "demo-password") is False
    seen = boss.get(page(nora))
    told = text_of(seen)
    assert ("nobody gets in before" in told, "Let them try again now" in told) == (True, True)
    assert re.search(r'formaction="([^"]+)"', seen.content.decode())[1] == page(nora, "free")
    assert "nora@kvart.example may sign in at once." in text_of(boss.post(page(nora, "free"), follow=True))
    assert type_password(nora.email, "demo-password") is True
    assert (tried_for(nora.email).failures, tried_for(other.email).failures) == (0, 1)
    boss.post(page(nora, "free"))
    assert [entry.change_message for entry in LogEntry.objects.filter(object_id=str(nora.pk))] == ["Forgot 6 failed sign-ins"]


def test_few_wrong_passwords_shut_nobody_out(boss):
    nora = make_operator("nora@kvart.example")
    type_password(nora.email, "wrong")
    told = text_of(boss.get(page(nora)))
    assert ("1, at" in told, "nobody gets in before" in told) == (True, False)


def test_who_may_not_change_users_frees_nobody(client):
    boss = make_boss("ada@kvart.example")
    type_password(boss.email, "wrong")
    client.force_login(make_operator("kim@kvart.example", may=["view_user"]), backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(page(boss, "free")).status_code == 403
    assert "Let them try again now" not in client.get(page(boss)).content.decode()
    assert (AccessAttempt.objects.count(), LogEntry.objects.count()) == (1, 0)


def test_an_administrator_frees_a_colleague_who_may_more_than_they(client):
    boss = make_boss("ada@kvart.example")
    type_password(boss.email, "wrong")
    may = ["view_user", "change_user"]
    client.force_login(make_operator("idun@kvart.example", may=may), backend="django.contrib.auth.backends.ModelBackend")
    assert "Let them try again now" in client.get(page(boss)).content.decode()
    assert client.post(page(boss, "free")).status_code == 302
    assert (AccessAttempt.objects.count(), LogEntry.objects.count()) == (0, 1)
    client.post(page(boss), {"email": "mine@kvart.example", "name": "Mine", "is_staff": "on", "is_active": "on"})
    boss.refresh_from_db()
    assert boss.email == "ada@kvart.example"


def test_looking_frees_nobody(boss):
    nora = make_operator("nora@kvart.example")
    type_password(nora.email, "wrong")
    assert boss.get(page(nora, "free")).status_code == 403
    assert AccessAttempt.objects.count() == 1
