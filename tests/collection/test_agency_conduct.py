"""Agencies report contacts and complaints, each once; what breaks the code is named, and who breaks it gets nothing new."""

from datetime import date, datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from collection import services as collection
from collection.code_of_conduct import Conduct, Limits, Score, is_beyond, score_of
from collection.conduct import conduct_of, scores_of
from collection.models import AgencyComplaint, AgencyContact, AgencyHold, Breach, Case, Complaint, ContactStop, Placement
from controls import services as controls
from core import clock, relay
from core.errors import Conflict, Forbidden
from core.once import new_key
from markets.models import MarketSetting
from plans.models import Hardship, Standstill
from portals.consumer.account.copying import everything
from tests.collection.test_agencies import TERMS, agency, fay, place
from tests.collection.test_charge_offs import given_up, lost, people
from tests.collection.test_disputes import sold
from tests.collection.test_recalls import _another
from tests.operators import make_operator
from tests.owner import as_owner

__all__ = ["agency", "fay", "given_up", "lost", "people", "sold"]


@pytest.fixture
def placed(given_up, agency, fay):
    place(agency, fay, given_up)
    one = Placement.objects.select_related("plan").get()
    one.noon = datetime.combine(one.placed_on, datetime.min.time(), ZoneInfo(one.plan.time_zone)) + timedelta(days=2, hours=12)
    return one


@pytest.fixture
def strict(db):
    value = {"days": 90, "contacts": 2, "breaches": 400, "complaints": 1_000}
    with as_owner():
        MarketSetting.objects.create(market_id="US", key="agency.conduct", value=value, valid_from=date(2025, 1, 1), source="Ours")


def contact(placed, number, at, **how):
    told = {"reference": f"C-{number}", "placement": placed.public_id, "at": at.isoformat(), "channel": "call", "outcome": "not_reached"}
    return told | how


def report(placed, *lines, at=None):
    return collection.report_contacts(agency_id=placed.agency_id, lines=lines, told_by="agency", at=at or placed.noon + timedelta(days=40))


def broken(reference="C-1"):
    return sorted(Breach.objects.filter(contact__reference=reference).values_list("rule", flat=True))


def test_a_contact_counts_once_and_a_wrong_line_names_its_field(placed, fay, given_up):
    line = contact(placed, 1, placed.noon)
    assert (report(placed, line, line).taken, report(placed, line).again, AgencyContact.objects.count(), broken()) == (1, 1, 1, [])
    other = collection.add_agency(user=fay, at=given_up.late, **TERMS | {"name": "Other"})
    bad = [
        line | {"channel": "sms"},
        contact(placed, 2, placed.noon, placement="plc_1"),
        contact(placed, 3, placed.noon) | {"at": "2026-03-01 10:30"},
        contact(placed, 4, placed.noon + timedelta(days=99)),
        contact(placed, 5, placed.noon, channel="drum"),
        contact(placed, "", placed.noon, reference=" "),
        contact(placed, 6, placed.noon) | {"at": "0001-01-01T00:00:00+00:00"},
        contact(placed, 7, placed.noon) | {"reference": "\ud800"},
    ]
    told = report(placed, *bad)
    assert [(one.line, one.field) for one in told.refused] == list(
        enumerate(["reference", "placement", "at", "at", "channel", "reference", "at", "reference"], 1)
    )
    foreign = collection.report_contacts(agency_id=other.pk, lines=[contact(placed, 1, placed.noon)], told_by="x", at=placed.noon)
    assert ([one.field for one in foreign.refused], AgencyContact.objects.count()) == (["placement"], 1)


def test_words_that_no_table_holds_are_refused_and_what_people_said_later_stands(placed):
    told = {"reference": "K-1", "placement": placed.public_id, "at": placed.noon.isoformat(), "about": "\ud83d"}
    found = collection.report_complaints(agency_id=placed.agency_id, lines=[told], told_by="agency", at=placed.noon)
    assert [one.field for one in found.refused] == ["about"]
    collection.report_complaints(agency_id=placed.agency_id, lines=[told | {"about": "Rude\nman"}], told_by="agency", at=placed.noon)
    assert [one["about"] for one in everything(placed.plan.consumer)["complaints"]] == ["Rude\nman"] * 2
    person, day = placed.plan.consumer_id, timedelta(days=1)
    collection.stop_contact(consumer_id=person, channel="call", actor="her", at=placed.noon)
    collection.allow_contact(consumer_id=person, channel="call", actor="her", at=placed.noon + 2 * day)
    report(placed, contact(placed, 1, placed.noon + day, outcome="asked_not"))
    assert not ContactStop.objects.filter(ended_at=None).exists()


def test_each_rule_that_a_contact_breaks_is_named(placed, given_up):
    noon, day = placed.noon, timedelta(days=1)
    report(placed, contact(placed, 1, noon.replace(hour=6)), contact(placed, 2, noon - 5 * day), contact(placed, 3, noon, outcome="spoke"))
    assert (broken(), broken("C-2"), broken("C-3")) == (["hours"], ["early"], [])
    report(placed, contact(placed, 4, noon + day), contact(placed, 5, noon + day, channel="letter", outcome="sent"))
    assert (broken("C-4"), broken("C-5")) == (["talked"], [])
    report(placed, contact(placed, 6, noon + 8 * day, outcome="asked_not"), contact(placed, 7, noon + 9 * day))
    assert (broken("C-6"), broken("C-7")) == ([], ["asked_not"])
    assert ContactStop.objects.get().stopped_at == noon + 8 * day
    report(placed, *(contact(placed, f"S{n}", noon + timedelta(days=11, minutes=n), channel="sms", outcome="sent") for n in range(3)))
    assert broken("C-S0") == []


def test_the_eighth_call_in_a_week_is_one_too_many_in_whatever_order_they_come(placed):
    calls = [contact(placed, n, placed.noon + timedelta(minutes=n)) for n in range(8)]
    report(placed, *calls[1:])
    assert Breach.objects.count() == 0
    report(placed, calls[0])
    assert (broken("C-7"), Breach.objects.count()) == (["often"], 1)


def test_who_died_complains_or_has_relief_is_left_alone_from_the_next_day_on(placed, given_up):
    person, noon, day = given_up.consumer, placed.noon, timedelta(days=1)
    Standstill.objects.create(consumer=person, person=person.pk, kind="deceased", noted_by="test", noted_at=noon)
    facts = {"currency": "USD", "opened_on": noon.date(), "rank": 1, "days": 1, "plans": 1, "late_minor": 1}
    case = Case.objects.create(consumer=person, **facts)
    Complaint.objects.create(case=case, consumer=person, about="x", answer_by=noon.date(), made_by="test", made_at=noon + day)
    answers = {"reason": "income", "lasts": "month", "can_pay": False, "actor": "test", "at": noon + 2 * day}
    Hardship.objects.create(plan=_another(given_up), kind="pause", days=30, **answers)
    Placement.objects.filter(pk=placed.pk).update(recalled_at=noon + 3 * day, recall_cause="standstill")
    report(placed, *(contact(placed, n, noon + n * day) for n in range(5)))
    assert [broken(f"C-{n}") for n in range(5)] == [
        [],
        ["standstill"],
        ["complaint", "standstill"],
        ["complaint", "hardship", "standstill"],
        ["complaint", "hardship", "recalled", "standstill"],
    ]
    with pytest.raises(IntegrityError), transaction.atomic():
        Breach.objects.update(rule="hours")


def test_a_complaint_to_the_agency_opens_ours_once_and_takes_the_debt_back(placed, given_up):
    line = {"reference": "K-1", "placement": placed.public_id, "at": placed.noon.isoformat(), "about": "They shouted"}
    told = {"agency_id": placed.agency_id, "told_by": "agency", "at": placed.noon + timedelta(days=5)}
    assert collection.report_complaints(lines=[line, line | {"reference": "K-2", "about": " "}], **told).refused[0].field == "about"
    assert collection.report_complaints(lines=[line, line | {"reference": "K-3"}], **told).taken == 1
    ours = Complaint.objects.get()
    assert (ours.about, ours.answer_by - told["at"].date(), ours.case.consumer_id) == (
        "They shouted",
        timedelta(days=15),
        given_up.consumer.pk,
    )
    assert set(AgencyComplaint.objects.values_list("reference", "complaint")) == {("K-1", ours.pk), ("K-3", ours.pk)}
    relay.drain()
    assert Placement.objects.get().recall_cause == "complaint"
    found = conduct_of([placed.agency], told["at"])[placed.agency_id]
    # Two complaints about one debt: 2 of 101 are the mean, so that 100 more debts like the mean leave 39 of 1,000, and 100 % late 31.
    assert (found, score_of(found, found)) == (Conduct(debts=1, complaints=2, late=2), Score(0, 39, 31))
    assert scores_of([placed.agency], told["at"])[placed.agency_id].points == 100 - 39 - 6


def test_a_score_and_its_limits():
    found = Conduct(contacts=2_000, breaches=3, debts=300, complaints=1, late=1)
    assert (found.breaches_per_1000, found.complaints_per_1000, found.late_percent) == (2, 4, 100)
    assert score_of(found, found) == Score(breaches=1, complaints=3, late=17)
    # One breach of five contacts is nearly nothing; what lasts counts in full, whatever the others do.
    few, many = Conduct(contacts=5, breaches=1), Conduct(contacts=20_000, breaches=2_000)
    assert [score_of(one, few).points for one in (few, Conduct())] == [90, 95]
    assert [score_of(one, many).points for one in (many, few)] == [0, 0]
    assert score_of(few, Conduct(contacts=20_000, breaches=20)).points == 94
    assert score_of(many, Conduct(contacts=400_000, breaches=2_000)).points == 1
    limits = Limits(days=90, contacts=2_000, breaches=2, complaints=4)
    assert not is_beyond(found, limits)
    assert is_beyond(found, Limits(90, 2_000, 1, 4))
    assert not is_beyond(found, Limits(90, 2_001, 0, 0))
    assert score_of(Conduct(), Conduct()).points == 100


def test_an_agency_that_breaks_the_code_gets_nothing_until_two_people_let_it(placed, strict, given_up, agency, fay):
    early = placed.noon - timedelta(days=10)
    report(placed, contact(placed, 1, early), at=early)
    assert not AgencyHold.objects.exists()
    report(placed, contact(placed, 2, early), at=early)
    held = AgencyHold.objects.get()
    assert (held.figures["breaches"], held.figures["limits"]["breaches"], Placement.objects.get().recall_cause) == (2, 400, "conduct")
    with pytest.raises(Conflict, match="conduct"):
        place(agency, fay, given_up)
    with pytest.raises(IntegrityError), transaction.atomic():
        AgencyHold.objects.update(ended_at=early)
    made = collection.propose_restart(agency_id=agency.pk, reason="They trained their people", user=fay, at=early)
    oscar = make_operator("oz@kvart.example", may=["restart_agency"])
    controls.approve_proposal(proposal_id=made.pk, user=oscar, at=early + timedelta(hours=1))
    # What was before counts no more, or the next report would stop it again.
    assert conduct_of([agency], placed.noon)[agency.pk] == Conduct()
    assert collection.place_debts(agency_id=agency.pk, user=fay, at=early + timedelta(hours=2)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_reports_of_the_same_at_once_count_once(placed, at_once):
    lines = [contact(placed, n, placed.noon.replace(hour=6)) for n in range(3)]
    told = at_once(2, lambda _number: report(placed, *lines))
    assert (sorted((one.taken, one.again) for one in told), Breach.objects.count()) == ([(0, 3), (3, 0)], 3)


def test_operators_upload_reports_and_read_conduct_on_the_page(placed, strict, agency, fay, client, monkeypatch):
    reverse("admin:index")
    monkeypatch.setattr(clock, "now", lambda: placed.noon + timedelta(days=1))
    client.force_login(fay)
    door, upload = (reverse(f"admin:collection_agency_{name}", args=[agency.pk]) for name in ("conduct", "take_report"))
    lines = [contact(placed, n, placed.noon.replace(hour=6)) for n in range(2)]
    text = "\n".join([",".join(lines[0]), *(",".join(line.values()) for line in lines), "C-9,plc_1,x,call,spoke"])
    page = client.post(upload, {"kind": "contacts", "file": BytesIO(text.encode()), "once": new_key()}).content.decode()
    assert "Taken: 2. Known before: 0. Refused: 1." in page
    assert "Outside of the hours" in page
    assert "neither CSV with a heading nor JSON" in client.post(upload, {"kind": "complaints", "file": BytesIO(b"{}")}).content.decode()
    assert "Gets no debts" in client.get(door).content.decode()
    assert "Agencies that broke the code" in client.get(reverse("admin:index")).content.decode()
    answer = client.post(reverse("admin:collection_agency_restart", args=[agency.pk]), {"reason": "Trained", "once": new_key()})
    assert answer.status_code == 302
    zoe = make_operator("zoe@kvart.example", may=["view_agency"])
    client.force_login(zoe)
    assert client.get(door).status_code == 200
    assert client.post(upload, {"kind": "contacts", "file": BytesIO(text.encode())}).status_code == 403
    with pytest.raises(Forbidden):
        collection.take_report(agency_id=agency.pk, kind="contacts", lines=[], user=zoe, at=placed.noon)
