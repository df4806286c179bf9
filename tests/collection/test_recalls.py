"""A debt comes back from its agency by itself, at once, where something of its plan or person forbids to collect it."""

from datetime import timedelta

import pytest

from accounts import services as accounts
from collection import services as collection
from collection.agencies import lines_of
from collection.handlers import on_charge_disputed, on_schedule_changed
from collection.held import find_suspects
from collection.models import Case, Placement
from collection.services.recalling import recall_ended
from core import relay
from core.ids import uuid7
from notifications.models import Message
from payments.events import ChargeDisputed
from payments.models import Charge, Dispute
from payments.states import DisputeStatus
from plans.events import ScheduleChanged
from plans.models import Hardship, Plan
from plans.states import PlanStatus
from tests.collection.test_agencies import agency, fay, place
from tests.collection.test_charge_offs import OWED, given_up, lost, people
from tests.collection.test_disputes import sold
from tests.operators import make_boss, make_operator
from tests.plans.test_disaster_areas import declare

__all__ = ["agency", "fay", "given_up", "lost", "people", "sold"]


@pytest.fixture
def lea(db):
    return make_operator("lea@kvart.example", may=["work_case", "answer_complaint"])


@pytest.fixture
def case(given_up):
    told = {"currency": "USD", "opened_on": given_up.late.date(), "rank": 1, "days": 3, "plans": 1, "late_minor": OWED}
    return Case.objects.create(consumer=given_up.consumer, **told)


def cause():
    return Placement.objects.get().recall_cause


def told_back():
    return Message.objects.filter(kind="debt_recalled", channel="email").count()


@pytest.mark.parametrize("kind", ["complaint", "hardship"])
def test_what_the_person_writes_takes_it_back_and_the_answer_lets_it_be_placed_again(kind, given_up, agency, fay):
    place(agency, fay, given_up)
    relay.drain()
    asked = accounts.open_request(consumer=given_up.consumer, kind=kind, text="They were rude", at=given_up.late)
    assert find_suspects(given_up.plan.time_zone, given_up.late.date()) == [given_up.plan_id]
    relay.drain()
    assert (cause(), told_back(), place(agency, fay, given_up)) == (kind, 1, 0)
    boss = make_boss("boss@kvart.example")
    accounts.answer_request(request_id=asked.pk, user=boss, outcome="done", answer="Sorry.", at=given_up.late)
    assert place(agency, fay, given_up) == 1


def test_a_complaint_takes_it_back_at_once_and_the_answer_lets_it_be_placed_again(given_up, agency, fay, case, lea):
    place(agency, fay, given_up)
    relay.drain()
    collection.hand_over_complaint(case_id=case.pk, about="They were rude", user=lea, at=given_up.late)
    [line] = lines_of(agency, Placement.objects.get().placed_on, given_up.late)
    # Before any worker came by.
    assert (cause(), line["status"], line["cause"], line["email"]) == ("", "recalled", "complaint", "")
    relay.drain()
    assert (cause(), told_back(), place(agency, fay, given_up)) == ("complaint", 1, 0)
    collection.answer_complaint(case_id=case.pk, answer="They say sorry", user=lea, at=given_up.late)
    assert place(agency, fay, given_up) == 1


def test_a_death_takes_it_back_at_once_and_nobody_is_written_to(given_up, agency, fay, case, lea):
    place(agency, fay, given_up)
    relay.drain()
    collection.note_standstill(case_id=case.pk, kind="deceased", user=lea, at=given_up.late)
    relay.drain()
    assert (cause(), told_back()) == ("standstill", 0)


def test_relief_of_another_purchase_takes_it_back_while_it_runs(given_up, agency, fay):
    place(agency, fay, given_up)
    other = _another(given_up)
    answers = {"reason": "income", "lasts": "month", "can_pay": False, "actor": "test", "at": given_up.late}
    Hardship.objects.create(plan=other, kind="pause", days=30, **answers)
    event = ScheduleChanged(plan=other.public_id, reference=other.reference, kind="pause", cause="hds_1")
    on_schedule_changed(event, at=given_up.late)
    relay.drain()
    assert (cause(), told_back(), place(agency, fay, given_up)) == ("hardship", 1, 0)
    late = given_up.late + timedelta(days=31)
    assert collection.place_debts(agency_id=agency.pk, user=fay, at=late) == 1


def test_an_area_that_a_disaster_hit_takes_it_back_until_its_pause_ends_and_nothing_new_is_placed(given_up, agency, fay):
    place(agency, fay, given_up)
    declare(given_up, days=20, at=given_up.late)
    [line] = lines_of(agency, Placement.objects.get().placed_on, given_up.late)
    # Before any worker came by.
    assert (line["status"], line["cause"], line["name"]) == ("recalled", "area", "")
    assert recall_ended(zone=given_up.plan.time_zone, day=given_up.late.date(), at=given_up.late) == 1
    relay.drain()
    assert (cause(), told_back(), place(agency, fay, given_up)) == ("area", 1, 0)
    assert collection.place_debts(agency_id=agency.pk, user=fay, at=given_up.late + timedelta(days=21)) == 1


def _another(order):
    """Return another plan of the person that goes on."""
    plan = Plan.objects.get(pk=order.plan_id)
    kept = {field.attname: getattr(plan, field.attname) for field in Plan._meta.concrete_fields}
    made = Plan.objects.bulk_create([Plan(**kept | {"id": uuid7(), "status": PlanStatus.PENDING, "reference": "another"})])[0]
    Plan.objects.filter(pk=made.pk).update(status=PlanStatus.ACTIVE)
    return made


def test_a_dispute_at_the_bank_takes_it_back_by_its_event_and_else_by_the_close_of_day(given_up, agency, fay):
    place(agency, fay, given_up)
    charge = Charge.objects.filter(reference=given_up.plan.public_id).first()
    told = {"reference": given_up.plan.public_id, "amount_minor": 100, "currency": "USD", "reason": "other", "status": DisputeStatus.OPEN}
    made = Dispute.objects.create(charge=charge, gateway=charge.gateway, gateway_ref="dp_1", opened_at=given_up.late, **told)
    late = {"zone": given_up.plan.time_zone, "day": given_up.late.date(), "at": given_up.late}
    on_charge_disputed(ChargeDisputed(dispute=made.public_id, charge=charge.public_id, reference=made.reference), at=given_up.late)
    assert (cause(), recall_ended(**late), place(agency, fay, given_up)) == ("dispute", 0, 0)


@pytest.mark.django_db(transaction=True)
def test_a_complaint_beside_a_placement_never_leaves_the_debt_with_the_agency(given_up, agency, fay, case, lea, at_once):
    told = {"case_id": case.pk, "about": "They were rude", "user": lea, "at": given_up.late}
    acts = [lambda: place(agency, fay, given_up), lambda: bool(collection.hand_over_complaint(**told)) and relay.drain()]
    at_once(2, lambda number: acts[number]())
    relay.drain()
    assert not Placement.objects.filter(recalled_at=None).exists()
    assert {line["status"] for line in lines_of(agency, given_up.late.date() + timedelta(days=15), given_up.late)} <= {"recalled"}
