"""Debts are placed by the close of day where a market has it so: within what an agency may get, and never again what came back by hand."""

import uuid
from datetime import date, timedelta

import pytest

from collection import services as collection
from collection.models import ClosedDay, Placement
from collection.placing import SETTING, Budget
from collection.services.choosing import place_daily
from core.errors import Conflict, Invalid
from markets.models import MarketSetting
from tests.collection.test_agencies import TERMS, agency, fay
from tests.collection.test_charge_offs import OWED, given_up, lost, people, plan_of
from tests.collection.test_disputes import sold
from tests.owner import as_owner

__all__ = ["agency", "fay", "given_up", "lost", "people", "sold"]


def set_daily(**value):
    since = date(2025, 1, 1) + timedelta(days=MarketSetting.objects.filter(key=SETTING).count())
    with as_owner():
        told = {"market_id": "US", "key": SETTING, "valid_from": since, "source": "Ours"}
        MarketSetting.objects.create(**told, value={"places": True} | value)


def run(order, days=0):
    at = order.late + timedelta(days=days)
    return place_daily(zone=plan_of(order).time_zone, day=at.date(), at=at)


def test_a_day_takes_what_is_left_of_it_and_passes_over_what_is_too_large():
    one, two, three = (uuid.UUID(int=number) for number in (1, 2, 3))
    found = {one: 100, two: 500, three: 200}
    assert Budget(None, 300).cut(found) == {one: 100, three: 200}
    assert Budget(2, None).cut(found) == {one: 100, two: 500}
    assert Budget(0, None).cut(found) == Budget(None, -1).cut(found) == {}


def test_the_close_of_day_places_once_where_the_market_has_it_so(given_up, agency, fay):
    assert run(given_up) == 0
    set_daily(places=False)
    assert run(given_up) == 0
    set_daily(most_minor=OWED - 1)
    assert run(given_up) == 0
    set_daily(most_debts=1, most_minor=OWED)
    assert place_daily(zone="Europe/Copenhagen", day=given_up.late.date(), at=given_up.late) == 0
    day = given_up.late + timedelta(days=1)
    collection.close_days(at=day)
    assert [closed.done["placing"] for closed in ClosedDay.objects.all()] == [1]
    one = Placement.objects.get()
    assert (one.face_minor, one.placed_by, one.told_at) == (OWED, "", day)
    # What an operator took back goes to no other agency by itself, and what is beyond a day's money not to any.
    other = collection.add_agency(user=fay, at=given_up.late, **TERMS | {"name": "Other"})
    collection.recall(placement_id=one.pk, user=fay, at=day)
    assert run(given_up, 2) == 0
    told = {"placement_id": one.pk, "user": fay, "at": given_up.late + timedelta(days=2)}
    with pytest.raises(Invalid, match="Say why"):
        collection.release(reason=" ", **told)
    # Until an operator lets it go, once and with a reason.
    assert collection.release(reason="The agency has other people now", **told).placement == one
    with pytest.raises(Conflict):
        collection.release(reason="Again", **told)
    assert run(given_up, 2) == 1
    two = Placement.objects.latest("id")
    assert two.agency_id == other.pk
    collection.recall(placement_id=two.pk, user=fay, at=given_up.late + timedelta(days=3))
    collection.add_agency(user=fay, at=given_up.late, **TERMS | {"name": "Third"})
    assert run(given_up, 3) == 0
    assert collection.place_all(market="US", user=fay, at=given_up.late + timedelta(days=3)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_closes_and_a_person_at_once_place_a_debt_once(given_up, agency, fay, at_once, monkeypatch):
    # A setting would stay after a test that commits.
    monkeypatch.setattr("collection.services.choosing.find_budgets", lambda at: {"US": Budget(None, None)})
    acts = [lambda: run(given_up), lambda: collection.place_all(market="US", user=fay, at=given_up.late), lambda: run(given_up)]
    assert sorted(at_once(3, lambda number: acts[number]())) == [0, 0, 1]
    assert Placement.objects.count() == 1
