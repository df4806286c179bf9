"""Fees waived by an operator on the plan's page, above an amount by two; money from the bank that takes a fee off an active plan."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from collection import services as collection
from controls import services as controls
from controls.models import Proposal
from core import clock
from core.once import new_key
from plans import services as plans
from plans.errors import WaivedByTwo
from plans.models import Fee
from tests.operators import make_operator
from tests.plans.conftest import fees, late
from tests.plans.test_fees import close, plan_of, rows_of, wrong

__all__ = ["fees", "late"]
pytestmark = pytest.mark.django_db(transaction=True)
RIGHTS = ["view_plan", "view_person", "view_consumer", "propose_refund", "waive_fees", "view_chargeoff", "propose_movement"]
BACK = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def people(db):
    return [
        make_operator("olga@kvart.example", may=RIGHTS),
        make_operator("arne@kvart.example", may=["approve_refund", "approve_movement"]),
    ]


def text(answer):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def test_an_operator_sees_fees_and_waives_those_of_a_payment(late, client, people):
    close(late)
    page, act = (reverse(f"admin:plans_plan_{name}", args=[late.plan_id]) for name in ("change", "waive"))
    client.force_login(make_operator("clerk@kvart.example", may=RIGHTS[:3]), backend=BACK)
    assert "Late fee $7.00" in text(client.get(page))
    assert client.post(act, {"number": 2, "reason": "first", "once": new_key()}).status_code == 403
    client.force_login(people[0], backend=BACK)
    assert "Waive the fees of this payment" in text(client.get(page))
    client.post(act, {"number": 2, "reason": "", "once": new_key()})
    assert Fee.objects.get().status == "charged"
    shown = text(client.post(act, {"number": 2, "reason": "First time late", "once": new_key()}, follow=True))
    assert "Waived. The person is told." in shown
    assert "First time late" in shown
    assert (Fee.objects.get().ended_by, rows_of(late)[1][0], wrong()) == (str(people[0].pk), 0, [])


def test_more_than_one_may_waive_alone_takes_two_in_the_database_too(late, client, people):
    fee = plans.charge_fee(plan_id=late.plan_id, number=3, amount_minor=2_500, actor="test", at=late.at)
    told = {"plan_id": late.plan_id, "number": 3, "reason": "moved house", "at": late.at}
    with pytest.raises(WaivedByTwo):
        plans.waive_fees(actor=str(people[0].pk), **told)
    for actor, why in ((str(people[0].pk), "more than one operator"), ("proposal:prp_1", "no two operators")):
        with pytest.raises(IntegrityError, match=why), transaction.atomic():
            Fee.objects.filter(pk=fee.pk).update(status="forgiven", ended_by=actor, ended_at=late.at)
    client.force_login(people[0], backend=BACK)
    act = reverse("admin:plans_plan_waive", args=[late.plan_id])
    shown = text(client.post(act, {"number": 3, "reason": "moved house", "once": new_key()}, follow=True))
    assert "Somebody proposed to waive fees." in shown
    made = Proposal.objects.get()
    controls.approve_proposal(proposal_id=made.pk, user=people[1], at=clock.now())
    fee = Fee.objects.get(pk=fee.pk)
    assert (fee.status, fee.ended_by, fee.end_reason) == ("forgiven", f"proposal:{made.public_id}", "moved house")
    assert (rows_of(late)[2][0], wrong()) == (0, [])


def test_a_cap_that_cut_a_fee_is_told_in_words(late, client, people):
    plans.charge_fee(plan_id=late.plan_id, number=3, amount_minor=9_000, actor="test", at=late.at)
    client.force_login(people[0], backend=BACK)
    shown = text(client.get(reverse("admin:plans_plan_change", args=[late.plan_id])))
    assert "$90.00 by the agreement, cut by a cap: Most on one purchase, of its price." in shown


def test_money_that_came_in_time_takes_the_fee_off_a_plan_that_is_being_paid(late, client, people):
    close(late)
    client.force_login(people[0], backend=BACK)
    assert "Money received at the bank" in text(client.get(reverse("admin:plans_plan_change", args=[late.plan_id])))
    shown = text(client.get(reverse("admin:plans_chargeoff_plan", args=[late.plan_id])))
    assert "fees that would not have come then are taken off" in shown
    told = {"bank_reference": "US-1", "reason": "statement", "received_on": (late.at - timedelta(days=5)).date()}
    made = collection.propose_receipt(plan_id=late.plan_id, amount_minor=4_000, user=people[0], at=late.at, **told)
    controls.approve_proposal(proposal_id=made.pk, user=people[1], at=late.at)
    assert (Fee.objects.get().status, rows_of(late)[1], wrong()) == ("withdrawn", (0, 0, 0, "paid"), [])
    assert plan_of(late).status == "active"
