"""Debts are placed over all agencies at once: by what each leaves us and how it behaves, never the same agency twice."""

from urllib.parse import urlencode

import pytest
from django.urls import reverse

from collection import services as collection
from collection.allotting import Bidder, allot
from collection.models import AgencyHold, Placement
from collection.services.choosing import lots_of
from core import clock
from core.errors import Forbidden
from core.once import new_key
from tests.collection.test_agencies import TERMS, agency, fay
from tests.collection.test_charge_offs import OWED, given_up, lost, people
from tests.collection.test_disputes import sold
from tests.operators import make_operator

__all__ = ["agency", "fay", "given_up", "lost", "people", "sold"]


def test_amounts_come_out_by_weight_and_who_misbehaves_gets_less_or_nothing():
    debts = [(f"d{n:03}", 100) for n in range(90)]
    fitting = {key: {"a", "b", "c"} for key, _minor in debts} | {"d000": {"c"}, "d001": set()}
    found = allot(debts, fitting, [Bidder("a", 2_500, 100), Bidder("b", 2_500, 50), Bidder("c", 2_500, 0)])
    counts = {key: list(found.values()).count(key) for key in "abc"}
    assert (counts["a"] + counts["b"], counts["c"], round(counts["a"] / counts["b"], 1)) == (88, 0, 2.0)
    assert allot(debts, fitting, []) == {}


def test_a_debt_goes_to_the_agency_that_leaves_us_more_then_to_another_and_never_back(given_up, agency, fay):
    dear = collection.add_agency(user=fay, at=given_up.late, **TERMS | {"name": "Dear", "rate_bps": 6_000})
    told = {"market": "US", "user": fay, "at": given_up.late}
    assert [(lot.agency.name, len(lot.debts), lot.total_minor) for lot in lots_of("US", given_up.late)] == [
        ("Fair Agency", 1, OWED),
        ("Dear", 0, 0),
    ]
    assert (collection.place_all(**told), collection.place_all(**told)) == (1, 0)
    one = Placement.objects.get()
    assert one.agency_id == agency.pk
    collection.recall(placement_id=one.pk, user=fay, at=given_up.late)
    assert (collection.place_all(**told), Placement.objects.latest("id").agency_id) == (1, dear.pk)
    collection.recall(placement_id=Placement.objects.latest("id").pk, user=fay, at=given_up.late)
    assert collection.place_all(**told) == 0
    with pytest.raises(Forbidden):
        collection.place_all(**told | {"user": make_operator("zoe@kvart.example", may=["view_agency"])})


def test_who_is_stopped_for_conduct_is_not_chosen(given_up, agency, fay):
    AgencyHold.objects.create(agency=agency, since=given_up.late, figures={})
    assert lots_of("US", given_up.late) == []


@pytest.mark.django_db(transaction=True)
def test_a_choice_beside_a_placement_by_hand_places_it_once(given_up, agency, fay, at_once):
    collection.add_agency(user=fay, at=given_up.late, **TERMS | {"name": "Other"})
    acts = [
        lambda: collection.place_all(market="US", user=fay, at=given_up.late),
        lambda: collection.place_debts(agency_id=agency.pk, user=fay, at=given_up.late),
    ]
    assert sorted(at_once(2, lambda number: acts[number]())) == [0, 1]
    assert Placement.objects.filter(recalled_at=None).count() == 1


def test_operators_see_who_would_get_what_before_they_place_it(given_up, agency, fay, client, monkeypatch):
    reverse("admin:index")
    monkeypatch.setattr(clock, "now", lambda: given_up.late)
    client.force_login(fay)
    door = f"{reverse('admin:collection_agency_choose')}?{urlencode({'market': 'US'})}"
    page = client.get(door).content.decode()
    assert "Fair Agency" in page
    assert "$171.75" in page
    assert not Placement.objects.exists()
    client.post(door, {"once": new_key()})
    assert Placement.objects.count() == 1
    client.force_login(make_operator("zoe@kvart.example", may=["view_agency"]))
    assert client.post(door, {"once": new_key()}).status_code == 403
