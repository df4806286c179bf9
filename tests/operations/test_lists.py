"""Versions of lists of sanctions in the back office: what changed, what came of it, and for officers alone."""

import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import PublishedList, ScreeningMatch
from accounts.screening.lists.services import load_list
from accounts.states import ListSource
from fraud.models import LaunderingLook
from tests.accounts.published import sdn
from tests.cast import NOW
from tests.operators import make_operator

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def client_of(name, *may):
    client = Client()
    client.force_login(make_operator(f"{name}@kvart.example", name=name.title(), may=may), backend=BACKEND)
    return client


def test_officers_read_what_changed_and_what_it_raised_and_nobody_else_does(buy, merchant):
    people = [("1", "Ann", "Example"), ("2", "Bo", "Quill"), ("3", "Cy", "Marek")]
    changed = [("1", "Anna", "Example"), ("2", "Bo", "Quill"), ("4", "Di", "Berg")]
    for at, those in ((NOW - timedelta(days=2), people), (NOW, changed)):
        load_list(source=ListSource.OFAC, file=io.BytesIO(sdn(*those)), at=at)
    first, second = PublishedList.objects.order_by("id")
    consumer = buy(merchant, 22_900).consumer
    told = {"kind": "sanctions", "list_name": "OFAC SDN", "provider": "own", "screening": "scr_1", "told": {}}
    for at, mark in ((NOW - timedelta(days=1), "a"), (NOW + timedelta(hours=1), "b")):
        ScreeningMatch.objects.create(consumer=consumer, raised_at=at, fingerprint=mark * 64, **told)
    desk, page = client_of("mona", "handle_laundering"), reverse("admin:accounts_publishedlist_change", args=[second.pk])
    text = desk.get(page).content.decode()
    for word in ("Anna Example", "Di Berg", "Cy Marek", "added", "changed", "removed", consumer.name):
        assert word in text, word
    assert ("Bo Quill" in text, text.count(consumer.name)) == (False, 1)
    assert "United States (OFAC)" in desk.get(reverse("admin:accounts_publishedlist_changelist")).content.decode()
    assert LaunderingLook.objects.count() == 2
    assert desk.get(reverse("admin:accounts_publishedlist_change", args=["x"])).status_code == 404
    else_ = client_of("otto", "view_consumer")
    assert [else_.get(one).status_code for one in (page, reverse("admin:accounts_publishedlist_changelist"))] == [403, 403]
    assert desk.get(reverse("admin:accounts_publishedlist_change", args=[first.pk])).status_code == 200
