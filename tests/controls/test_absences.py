"""Operators who are away: their mails go to others, a stand-in is told so, and a page notes and ends it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from controls import services
from controls.models import Absence
from core import relay
from core.clock import wall
from core.errors import Forbidden, Invalid
from core.once import new_key
from notifications.models import Message
from tests.operators import make_operator
from tests.shops import open_shop


@pytest.fixture
def people(db):
    return {
        name: make_operator(f"{name}@kvart.example", name=name.title(), may=["propose_shop", "approve_shop"])
        for name in ("anna", "bo", "cy")
    }


def away(user, stand_in="", *, first=0, last=3):
    today = wall().date()
    told = {"starts_on": today + timedelta(days=first), "ends_on": today + timedelta(days=last), "reason": "holidays"}
    return services.note_absence(**told, user=user, stand_in=str(stand_in and stand_in.pk), at=wall())


def propose(user):
    shop = open_shop()
    told = {"kind": "merchants.terms", "subject": shop.public_id, "after": {"fee_bps": 350}, "reason": "agreed in writing"}
    return services.propose(**told, starts_on=None, user=user, at=wall())


def told_people():
    relay.drain()
    return {str(one.user) for one in Message.objects.filter(kind="change_proposed").select_related("user")}


def sign_in(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_mails_go_to_those_who_are_here(people):
    away(people["bo"], people["cy"])
    propose(people["anna"])
    assert told_people() == {"Cy"}


def test_where_everybody_is_away_all_are_told(people):
    away(people["bo"])
    away(people["cy"])
    propose(people["anna"])
    assert told_people() == {"Bo", "Cy"}


def test_an_absence_to_come_or_ended_counts_not(people):
    away(people["bo"], first=1)
    services.end_absence(absence_id=away(people["cy"]).pk, user=people["cy"], at=wall())
    propose(people["anna"])
    assert told_people() == {"Bo", "Cy"}


def test_the_proposal_tells_a_stand_in_for_whom(people):
    away(people["bo"], people["cy"])
    made = propose(people["anna"])
    page = reverse("admin:controls_proposal_change", args=[made.pk])
    assert "Bo is away today, and you stand in for them." in sign_in(people["cy"]).get(page).content.decode()
    assert "you stand in" not in sign_in(people["bo"]).get(page).content.decode()


@pytest.mark.parametrize(("first", "last", "field"), [(0, -1, "ends_on"), (3, 1, "ends_on"), (0, 99, "ends_on"), (300, 380, "ends_on")])
def test_days_that_cannot_be(people, first, last, field):
    with pytest.raises(Invalid) as caught:
        away(people["bo"], first=first, last=last)
    assert list(caught.value.fields) == [field]
    assert not Absence.objects.exists()


def test_no_two_absences_on_one_day_and_only_their_person_ends_one(people):
    row = away(people["bo"])
    with pytest.raises(Invalid, match="already"):
        away(people["bo"], first=2, last=9)
    with pytest.raises(Forbidden):
        services.end_absence(absence_id=row.pk, user=people["cy"], at=wall())
    assert [one.ended_at for one in Absence.objects.all()] == [None]


def test_the_page_notes_an_absence_once_and_ends_it(people):
    client, add, today = sign_in(people["bo"]), reverse("admin:controls_absence_add"), wall().date()
    assert "Cy" in client.get(add).content.decode()
    told = {"starts_on": str(today), "ends_on": str(today), "stand_in": str(people["cy"].pk), "reason": "dentist", "once": new_key()}
    for _press in range(2):
        assert client.post(add, told).status_code == 302
    row = Absence.objects.get()
    listed = sign_in(people["anna"]).get(reverse("admin:controls_absence_changelist")).content.decode()
    assert all(name in listed for name in ("Bo", "Cy"))
    end = reverse("admin:controls_absence_end", args=[row.pk])
    assert "I am back" not in sign_in(people["anna"]).get(reverse("admin:controls_absence_change", args=[row.pk])).content.decode()
    sign_in(people["anna"]).post(end)
    assert Absence.objects.get().ended_at is None
    assert "I am back" in client.get(reverse("admin:controls_absence_change", args=[row.pk])).content.decode()
    for _press in range(2):
        client.post(end)
    assert Absence.objects.get().ended_at is not None


def test_the_list_takes_as_many_queries_for_many_absences(people, django_assert_max_num_queries):
    client = sign_in(people["bo"])
    for first in range(0, 60, 3):
        away(people["bo"], people["cy"], first=first, last=first + 1)
    client.get(reverse("admin:controls_absence_changelist"))
    with django_assert_max_num_queries(12):
        assert client.get(reverse("admin:controls_absence_changelist")).status_code == 200
