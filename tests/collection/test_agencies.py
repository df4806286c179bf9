"""Agencies collect what was given up: after a notice, one at a time, until it is recalled."""

import json
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from collection import services as collection
from collection.agencies import find_placement, lines_of
from collection.models import Agency, Case, Complaint, LateNotice, Placement
from collection.services import note_told
from collection.services.agencies import place_with
from collection.services.recalling import recall_ended
from core import clock, relay
from core.errors import Conflict, Forbidden, Invalid
from core.once import new_key
from markets.models import MarketSetting
from markets.queries import forget_rows
from notifications.letters import compose_briefs, compose_letter
from notifications.models import Message, Notice
from notifications.queries import load_named
from operations.agencies import admin
from plans.sales import open_minor_of
from tests.collection.test_charge_offs import OWED, given_up, lost, pay, people, plan_of
from tests.collection.test_disputes import sold
from tests.collection.test_sales import note
from tests.operators import make_operator
from tests.owner import as_owner

__all__ = ["given_up", "lost", "people", "sold"]
TERMS = {"name": "Fair Agency", "contact": "+1 617 555 0100", "market": "US", "rate_bps": 2_500}
TERMS |= {"notice_days": 14, "least_days": 0, "least_minor": 1, "most_minor": 10**9}


@pytest.fixture
def fay(db):
    return make_operator("fay@kvart.example", may=["manage_agency", "view_agency", "view_person"])


@pytest.fixture
def agency(given_up, fay):
    return collection.add_agency(user=fay, at=given_up.late, **TERMS)


def place(agency, fay, order):
    return collection.place_debts(agency_id=agency.pk, user=fay, at=order.late)


def recalled(order, days=1):
    return recall_ended(zone=plan_of(order).time_zone, day=order.late.date(), at=order.late + timedelta(days=days))


def test_a_debt_is_told_first_and_in_the_file_after_the_notice(given_up, agency, fay):
    assert (place(agency, fay, given_up), place(agency, fay, given_up)) == (1, 0)
    one = Placement.objects.get()
    assert (one.face_minor, one.placed_on) == (OWED, given_up.late.date() + timedelta(days=14))
    relay.drain()
    letter = Message.objects.get(kind="debt_placed", channel="email")
    assert (letter.context["agency"], letter.context["due_date"]) == ("Fair Agency", one.placed_on.isoformat())
    # What of it is the price, interest and fees is told.
    assert [letter.context[f"{name}_minor"] for name in ("principal", "interest", "fees")] == [OWED, 0, 0]
    assert "is left of the price, $0.00 is interest and $0.00 is fees." in compose_letter(letter, load_named([letter])).text
    assert list(lines_of(agency, one.placed_on - timedelta(days=1), given_up.late)) == []
    [line] = lines_of(agency, one.placed_on, given_up.late)
    assert (line["status"], line["open_minor"], line["email"], line["account"]) == (
        *("placed", OWED, given_up.consumer.email),
        given_up.plan.public_id,
    )


def test_what_was_paid_since_it_was_found_is_not_placed(given_up, agency, fay):
    found = {given_up.plan_id: OWED}
    pay(given_up, given_up.late, scope="next")
    assert place_with(agency=agency, found=found, actor="x", at=given_up.late) == 1
    assert Placement.objects.get().face_minor == open_minor_of([given_up.plan_id])[given_up.plan_id] < OWED


def test_what_is_paid_or_stands_still_is_recalled_by_the_close_of_day_once(given_up, agency, fay):
    place(agency, fay, given_up)
    assert recalled(given_up) == 0
    pay(given_up, given_up.late)
    assert (recalled(given_up, 15), recalled(given_up, 15)) == (1, 0)
    one = Placement.objects.get()
    assert (one.recall_cause, find_placement(given_up.plan_id)) == ("paid", None)
    [line] = lines_of(agency, one.placed_on, given_up.late)
    assert (line["status"], line["cause"], line["open_minor"], line["email"]) == ("recalled", "paid", 0, "")


def test_nothing_of_a_person_who_died_is_placed_and_what_was_comes_back(given_up, agency, fay):
    place(agency, fay, given_up)
    note(given_up, "deceased")
    # The file names them no more from that moment on, not only from the next day.
    [line] = lines_of(agency, Placement.objects.get().placed_on, given_up.late)
    assert (line["status"], line["cause"], line["open_minor"], line["name"], line["email"]) == ("recalled", "standstill", 0, "", "")
    assert (recalled(given_up), Placement.objects.get().recall_cause, place(agency, fay, given_up)) == (1, "standstill", 0)


def test_an_operator_recalls_it_once_and_the_person_is_told(given_up, agency, fay):
    place(agency, fay, given_up)
    told = {"placement_id": Placement.objects.get().pk, "user": fay, "at": given_up.late}
    collection.recall(**told)
    with pytest.raises(Conflict):
        collection.recall(**told)
    relay.drain()
    assert Message.objects.filter(kind="debt_recalled", channel="email").count() == 1
    assert place(agency, fay, given_up) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Placement.objects.filter(pk=told["placement_id"]).update(recalled_at=None, recall_cause="")


def test_a_stopped_contract_does_not_get_what_people_were_only_told_of(given_up, agency, fay):
    place(agency, fay, given_up)
    collection.stop_agency(agency_id=agency.pk, user=fay, at=given_up.late)
    one = Placement.objects.get()
    assert list(lines_of(agency, one.placed_on, given_up.late)) == []
    assert (one.recall_cause, find_placement(given_up.plan_id)) == ("by_hand", None)
    relay.drain()
    assert Message.objects.filter(kind="debt_recalled", channel="email").count() == 1


def test_a_stopped_contract_gets_nothing_and_terms_are_checked(given_up, agency, fay):
    collection.stop_agency(agency_id=agency.pk, user=fay, at=given_up.late)
    with pytest.raises(Conflict):
        place(agency, fay, given_up)
    with pytest.raises(Invalid):
        collection.add_agency(user=fay, at=given_up.late, **TERMS | {"rate_bps": 10_001})
    stranger = make_operator("stan@kvart.example", may=["view_agency"])
    with pytest.raises(Forbidden):
        collection.add_agency(user=stranger, at=given_up.late, **TERMS)
    assert (Placement.objects.count(), Agency.objects.count()) == (0, 1)


@pytest.mark.django_db(transaction=True)
def test_two_agencies_at_once_and_one_has_it(given_up, agency, fay, at_once):
    other = collection.add_agency(user=fay, at=given_up.late, **TERMS | {"name": "Other"})
    results = at_once(2, lambda number: place([agency, other][number], fay, given_up))
    assert (sorted(results), Placement.objects.filter(recalled_at=None).count()) == ([0, 1], 1)


def test_operators_place_download_and_recall_on_the_page(given_up, agency, fay, client, monkeypatch):
    reverse("admin:index")
    monkeypatch.setattr(clock, "now", lambda: given_up.late)
    client.force_login(fay)
    door = reverse("admin:collection_agency_change", args=[agency.pk])
    client.post(reverse("admin:collection_agency_place", args=[agency.pk]), {"once": new_key()})
    one = Placement.objects.get()
    assert "$171.75" in client.get(door).content.decode()
    with monkeypatch.context() as few:
        few.setattr(admin, "SHOWN", 0)
        assert "page=2" in client.get(door).content.decode()
    monkeypatch.setattr(clock, "now", lambda: given_up.late + timedelta(days=15))
    file = reverse("admin:collection_agency_file", args=[agency.pk])
    assert given_up.consumer.email in client.get(file).content.decode()
    assert json.loads(client.get(file + "?as=json").content)["placements"][0]["placement"] == one.public_id
    client.post(reverse("admin:collection_agency_recall", args=[agency.pk, one.pk]), {"once": new_key()})
    one.refresh_from_db()
    assert one.recall_cause == "by_hand"
    assert "Fair Agency" in client.get(reverse("admin:collection_agency_changelist")).content.decode()
    assert client.get(reverse("admin:collection_agency_new")).status_code == 200
    client.force_login(make_operator("zoe@kvart.example", may=["view_agency"]))
    assert client.get(file).status_code == 403


@pytest.fixture
def wanted_before():
    """A law that wants people told eight days before an agency gets their debt."""
    value = {"from_days": 40, "payments": 1, "days": 8, "law": "A law, s. 5"}
    with as_owner():
        MarketSetting.objects.create(market_id="US", key="notice.hand_over", value=value, valid_from=date(2025, 1, 1), source="A law")
    forget_rows("notice.hand_over")
    yield
    forget_rows("notice.hand_over")


def test_where_the_law_wants_a_notice_before_it_is_given_first_and_its_days_pass(given_up, agency, fay, wanted_before):
    assert (place(agency, fay, given_up), place(agency, fay, given_up)) == (0, 0)
    given = LateNotice.objects.get()
    assert (given.kind, given.days, given.law, given.told_at) == ("hand_over", 8, "A law, s. 5", None)
    relay.drain()
    kept = Notice.objects.get(kind="hand_over_notice")
    (brief,) = compose_briefs(list(Message.objects.filter(kind="late_notice", channel="inbox")))
    assert (kept.subject, brief.url.rpartition("/notices/")[2]) == (given.public_id, kept.public_id)
    assert Message.objects.filter(kind="late_notice", channel="email").exists()
    note_told(notices=[given.pk], at=given_up.late)
    told = {"agency_id": agency.pk, "user": fay}
    assert collection.place_debts(at=given_up.late + timedelta(days=8), **told) == 0
    assert collection.place_debts(at=given_up.late + timedelta(days=9), **told) == 1
    assert LateNotice.objects.count() == 1


def test_nothing_is_placed_of_who_complains_before_the_answer(given_up, agency, fay):
    told = {"currency": "USD", "opened_on": given_up.late.date(), "rank": 1, "days": 3, "plans": 1, "late_minor": OWED}
    case = Case.objects.create(consumer=given_up.consumer, **told)
    words = {"about": "Broken", "answer_by": given_up.late.date(), "made_by": "lea", "made_at": given_up.late}
    made = Complaint.objects.create(case=case, consumer=given_up.consumer, **words)
    assert place(agency, fay, given_up) == 0
    made.answer, made.ended_by, made.ended_at = "Mended", "lea", given_up.late
    made.save(update_fields=["answer", "ended_by", "ended_at"])
    assert place(agency, fay, given_up) == 1


def test_an_agency_hears_nothing_of_what_was_recalled_before_it_got_it(given_up, agency, fay):
    place(agency, fay, given_up)
    pay(given_up, given_up.late)
    assert recalled(given_up, 13) == 1
    assert list(lines_of(agency, Placement.objects.get().placed_on, given_up.late)) == []
