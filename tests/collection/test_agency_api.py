"""Agencies' programs read what they have and report by a key of their contract, which is shown once."""

import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from collection import services as collection
from collection.models import AgencyComplaint, AgencyContact, AgencyKey, Placement
from core import clock
from core.api import limits
from core.errors import Conflict, Forbidden, NotFound
from core.once import new_key
from plans.models import AgencyPayment
from tests.collection.test_agencies import TERMS, agency, fay
from tests.collection.test_agency_payments import placed
from tests.collection.test_charge_offs import given_up, lost, people, wrong
from tests.collection.test_disputes import sold
from tests.operators import make_operator

__all__ = ["agency", "fay", "given_up", "lost", "people", "placed", "sold"]


class Api:
    """Calls by a key."""

    def __init__(self, key: str) -> None:
        self.client = Client(headers={"Authorization": f"Bearer {key}"})

    def get(self, **query):
        return self.client.get("/api/agency/v1/placements", query)

    def post(self, what, *lines, **body):
        return self.client.post(f"/api/agency/v1/{what}", {what: list(lines)} | body, content_type="application/json")

    def lines(self, what, *lines):
        return [(one["status"], one["field"]) for one in self.post(what, *lines).json()["lines"]]


@pytest.fixture
def now(placed, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: placed.then)
    return placed.then


def key_of(agency, fay, at):
    return Api(collection.make_agency_key(agency_id=agency.pk, user=fay, at=at)[1])


def test_a_key_is_shown_once_and_ends_when_it_is_revoked(placed, fay, client, now):
    client.force_login(fay)
    door, form = reverse("admin:collection_agency_key_make", args=[placed.agency.pk]), {"once": new_key()}
    page = client.post(door, form)
    full = re.search(r"ak_sandbox_\w{40}", page.content.decode())[0]
    one = AgencyKey.objects.get()
    assert ("no-store" in page["Cache-Control"], one.hint, full in str(vars(one))) == (True, f"ak_sandbox_...{full[-4:]}", False)
    again = client.post(door, form, follow=True).content.decode()
    assert ("shown once" in again, full in again, one.hint in again, AgencyKey.objects.count()) == (True, False, True, 1)
    assert Api(full).get().status_code == 200
    key_of(placed.agency, fay, now)
    with pytest.raises(Conflict):
        key_of(placed.agency, fay, now)
    other = collection.add_agency(user=fay, at=now, **TERMS)
    for agency_id, who, error in ((other.pk, fay, NotFound), (placed.agency.pk, make_operator("zoe@kvart.example"), Forbidden)):
        with pytest.raises(error):
            collection.revoke_agency_key(agency_id=agency_id, key_id=one.pk, user=who, at=now)
    assert client.post(reverse("admin:collection_agency_key_revoke", args=[other.pk, one.pk]), {"once": new_key()}).status_code == 404
    client.post(reverse("admin:collection_agency_key_revoke", args=[placed.agency.pk, one.pk]), {"once": new_key()})
    one.refresh_from_db()
    assert (one.revoked_at, one.revoked_by) == (now, str(fay.pk))
    for bad in (full, "ak_live_x", "x", ""):
        answer = Api(bad).get()
        assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    with pytest.raises(IntegrityError), transaction.atomic():
        AgencyKey.objects.filter(pk=one.pk).update(revoked_at=None, revoked_by="")
    client.force_login(make_operator("stan@kvart.example", may=["view_agency"]))
    assert (client.post(door, {"once": new_key()}).status_code, AgencyKey.objects.count()) == (403, 2)


def test_an_agency_reads_and_reports_its_own_debts_each_line_once(placed, fay, now, monkeypatch):
    mine, other = key_of(placed.agency, fay, now), key_of(collection.add_agency(user=fay, at=now, **TERMS), fay, now)
    plc, moment = placed.placement.public_id, f"{placed.day}T12:00:00-05:00"
    [told] = mine.get(limit=1).json()["data"]
    assert (told["placement"], told["status"], told["email"]) == (plc, "placed", placed.consumer.email)
    assert (other.get().json(), mine.get(limit=0).status_code) == ({"data": [], "next_cursor": None}, 422)

    paid = {"placement": plc, "reference": "R-1", "amount_minor": 7_000, "currency": "USD", "paid_on": str(placed.day)}
    dear = paid | {"reference": "R-2", "amount_minor": 10**9}
    assert mine.lines("payments", paid, paid, dear) == [("accepted", ""), ("repeated", ""), ("refused", "amount_minor")]
    call = {"placement": plc, "reference": "C-1", "at": moment, "channel": "call", "outcome": "spoke"}
    assert mine.lines("contacts", call | {"reference": "\n\x07"}, call, call, {}) == [
        ("refused", "reference"),
        ("accepted", ""),
        ("repeated", ""),
        ("refused", "reference"),
    ]
    said = {"placement": plc, "reference": "K-1", "at": moment, "about": "They shouted."}
    for what, line in (("payments", paid | {"reference": "R-9"}), ("contacts", call), ("complaints", said)):
        assert other.lines(what, line) == [("refused", "placement")]
    faults = {
        "contacts[0]": mine.post("contacts", 1),
        "contacts[0].iban": mine.post("contacts", call | {"iban": ""}),
        "contacts[0].at": mine.post("contacts", call | {"at": [1]}),
        "more": mine.post("contacts", call, more=1),
        "contacts": mine.post("contacts", *[call] * 501),
    }
    for field, answer in faults.items():
        assert (answer.status_code, list(answer.json()["fields"])) == (422, [field])

    # A stopped contract reads and reports on; a complaint takes the debt from it, and what people paid before still counts.
    collection.stop_agency(agency_id=placed.agency.pk, user=fay, at=now)
    assert mine.lines("complaints", said, said) == [("accepted", ""), ("repeated", "")]
    [told] = mine.get().json()["data"]
    assert (told["status"], told["cause"], told["name"]) == ("recalled", "complaint", "")
    assert mine.lines("payments", paid | {"reference": "R-3"}, paid) == [("accepted", ""), ("repeated", "")]
    assert (AgencyPayment.objects.count(), AgencyContact.objects.count(), AgencyComplaint.objects.count(), wrong()) == (2, 1, 1, [])
    assert {one.told_by for one in AgencyContact.objects.all()} == {f"agency:{placed.agency.public_id}"}
    assert Placement.objects.count() == 1
    monkeypatch.setattr(limits, "value_of", lambda _setting: 1)
    assert 429 in [mine.get().status_code for _ in range(3)]
