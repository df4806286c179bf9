"""A person's fee status: given by rules as they pay, kept with its history, lapsing after a year, told with its reason and effect."""

from datetime import timedelta

import pytest

from accounts.classes import class_of, list_class_changes
from accounts.models import Consumer
from checkout.services import classify
from controls import services as controls
from controls.services.shipping import ship_rules
from core.relay import drain
from plans import services as plans
from plans.fee_rules import PERSON_FEES, SUGGESTED
from plans.hardship import Answers
from plans.late import find_lapsed
from plans.models import Installment
from plans.queries import installments_of
from plans.rules.moving import year_before
from tests.operators import make_operator
from tests.plans.conftest import fees
from tests.plans.test_fees import plan_of
from tests.portals.test_consumer_pages import text
from tests.portals.test_fees import late
from tests.shops import AT

__all__ = ["fees", "late"]
pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


@pytest.fixture
def rules(db):
    """The rules that give people a status, and the demo's rules about fees, in force."""
    ship_rules()
    rita = make_operator("rita@kvart.example", may=["propose_rules"])
    number = controls.start_draft(kind=PERSON_FEES, user=rita, at=AT).number
    controls.change_draft(kind=PERSON_FEES, number=number, revision=0, content=SUGGESTED, user=rita, at=AT)
    key = controls.propose_rules(kind=PERSON_FEES, number=number, reason="First", starts_on=None, user=rita, at=AT)
    controls.approve_proposal(proposal_id=key, user=make_operator("paul@kvart.example", may=["approve_rules"]), at=AT)


def status(order):
    return class_of(Consumer.objects.get(pk=order.consumer_id), "fee_status")


def changes(order):
    return [(one.before, one.value, one.rule) for one in list_class_changes(order.consumer).filter(axis="fee_status")]


def test_who_is_late_gets_the_status_and_loses_it_after_a_year(rules, late):
    order, pass_days = late
    drain()
    assert (status(order), changes(order)) == ("late", [("", "late", "fees-late")])
    first, *rest = installments_of(plan_of(order))
    at = pass_days(400)
    zone, day = plan_of(order).time_zone, at.date()
    # It was paid late, and a year has passed since its date; the others are still to come.
    Installment.objects.filter(pk=first.pk).update(
        status="paid", paid_principal_minor=first.principal_minor, paid_at=at - 360 * DAY, due_date=year_before(day + DAY)
    )
    Installment.objects.filter(pk__in=[one.pk for one in rest]).update(due_date=day + 30 * DAY)
    assert [find_lapsed(zone=zone, day=day + move * DAY) for move in (-1, 0, 1)] == [[], [(order.plan_id, plan_of(order).reference)], []]
    assert (plans.tell_lapsed(zone="Europe/Oslo", day=day, at=at), plans.tell_lapsed(zone=zone, day=day, at=at)) == (0, 1)
    drain()
    assert (status(order), changes(order)[0]) == ("new", ("late", "new", "fees-new"))
    assert plans.tell_lapsed(zone=zone, day=day, at=at) == 0


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"late_12m": 0, "on_time_since": 6, "paid_on_time": 6, "paid_late": 0, "overdue": 0}, "loyal"),
        ({"late_12m": 1, "on_time_since": 6, "paid_on_time": 9, "paid_late": 1, "overdue": 0}, "standard"),
        ({"late_12m": 1, "on_time_since": 4, "paid_on_time": 4, "paid_late": 1, "overdue": 0}, "new"),
        ({"late_12m": 2, "on_time_since": 9, "paid_on_time": 9, "paid_late": 2, "overdue": 0}, "late"),
    ],
)
def test_the_shipped_rules_give_each_status(rules, late, monkeypatch, facts, found):
    from checkout.services import classifying

    order, _pass_days = late
    known = classifying.person_facts
    monkeypatch.setattr(classifying, "person_facts", lambda consumer, at: known(consumer, at) | facts)
    classify(consumer_id=order.consumer_id, at=AT)
    assert status(order) == found


def test_a_person_reads_the_status_its_reason_and_what_it_does(rules, late, client):
    order, pass_days = late
    shown = text(client.get("/purchases/fees"))
    assert "You have none yet." in shown
    drain()
    shown = text(client.get("/purchases/fees"))
    for told in (
        "Your fee status: Late payer",
        "1 of your payments was late in the last twelve months.",
        "Late fee: at most $7.00, as you agreed.",
        "by a rule, from how you paid",
    ):
        assert told in shown
    Consumer.objects.filter(pk=order.consumer_id).update(classes={"fee_status": "new"})
    assert "Late fee: at most $3.50 now, instead of $7.00." in text(client.get("/purchases/fees"))
    plans.close_fees(plan_ids=[order.plan_id], day=pass_days(12).date(), at=pass_days(12))
    assert plan_of(order).installments.get(number=1).fees_minor == 350
    Consumer.objects.filter(pk=order.consumer_id).update(classes={"fee_status": "loyal", "pinned": ["fee_status"]})
    shown = text(client.get("/purchases/fees"))
    assert "A person here set it, and it stays until they end that." in shown
    assert "/purchases/fees" in client.get("/purchases").content.decode()


def test_no_fee_is_announced_of_a_plan_in_relief(rules, late, client):
    order, pass_days = late
    none = "No fee: your purchases have none that could come now."
    assert none not in text(client.get("/purchases/fees"))
    answers = Answers("income", "month", can_pay=False)
    plans.choose_relief(plan_id=order.plan_id, kind="pause", answers=answers, actor="test", at=pass_days(3))
    assert none in text(client.get("/purchases/fees"))
