"""A plan that is late for very long, as its operators and its person see it."""

from datetime import timedelta
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from collection import services as collection
from controls import services as controls
from controls.models import Proposal
from controls.queries import list_files
from core import clock
from plans.models import ChargeOff, Plan, Receipt
from tests.collection.test_charge_offs import FACTS, lost, people
from tests.collection.test_disputes import sold
from tests.operators import permit

__all__ = ["lost", "people", "sold"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def today(lost, monkeypatch):
    # Modules that are imported while the clock is replaced would keep the replacement.
    reverse("admin:index")
    monkeypatch.setattr(clock, "now", lambda: lost.late)


def text(answer):
    return unescape(answer.content.decode())


def door(step, order):
    return reverse(f"admin:plans_chargeoff_{step}", args=[order.plan_id])


def test_two_operators_give_a_plan_up_from_the_work_list(lost, people, client, today):
    one, other = people
    permit(one, "propose_chargeoff")
    permit(other, "confirm_chargeoff")
    client.force_login(one)
    assert (page := text(client.get("/admin/"))).count("Late for very long") == 2
    assert door("plan", lost) in page
    assert "$171.75 would be booked as a loss" in text(client.get(door("plan", lost)))
    page = text(client.post(door("propose", lost), FACTS, follow=True))
    assert "Proposed. Another person decides now." in page
    made = Proposal.objects.get()
    proposal = reverse("admin:controls_proposal_change", args=[made.pk])
    assert proposal in page
    assert "Proposed already" not in page
    assert door("propose", lost) not in page
    client.post(door("propose", lost), FACTS)
    assert Proposal.objects.count() == 1
    assert "Waits for another person" in text(client.get("/admin/"))
    decide = reverse("admin:controls_proposal_decide", args=[made.pk])
    client.post(decide, {"decision": "approve", "confirmed": "1"})
    assert Plan.objects.get(id=lost.plan_id).status == "active"
    client.force_login(other)
    assert client.post(door("propose", lost), FACTS).status_code == 403
    page = text(client.get(proposal))
    for words in ("Charge-off", "Cannot be collected", "$0.00", "$171.75", FACTS["reason"], door("plan", lost)):
        assert words in page
    assert "Approve this change?" in text(client.post(decide, {"decision": "approve"}))
    assert Plan.objects.get(id=lost.plan_id).status == "active"
    assert "Approved." in text(client.post(decide, {"decision": "approve", "confirmed": "1"}, follow=True))
    assert Plan.objects.get(id=lost.plan_id).status == "charged_off"
    assert door("plan", lost) not in text(client.get("/admin/"))
    row = ChargeOff.objects.get()
    assert client.get(reverse("admin:plans_chargeoff_change", args=[row.id])).url == door("plan", lost)
    assert "gave this plan up (cannot be collected)" in text(client.get(door("plan", lost)))
    assert client.get(reverse("admin:plans_chargeoff_changelist")).status_code == 200


def test_the_cause_is_changed_before_it_is_decided(lost, people, client, today):
    one = people[0]
    client.force_login(one)
    client.post(door("propose", lost), FACTS)
    first = Proposal.objects.get()
    told = {"cause": "deceased", "reason": FACTS["reason"], "evidence": "https://example.com/register"}
    client.post(reverse("admin:controls_proposal_replace", args=[first.pk]), told)
    made = Proposal.objects.get(replaces=first)
    assert (made.after["cause"], made.after["principal_minor"]) == ("deceased", 17_175)


def test_a_plan_that_is_not_late_for_long_says_when_it_may_be_given_up(lost, people, client, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: lost.late - timedelta(days=60))
    permit(one := people[0], "propose_chargeoff")
    client.force_login(one)
    page = text(client.get(door("plan", lost)))
    assert "It can be proposed once a payment is late for 120 days." in page
    assert "Owed since" in page
    assert door("propose", lost) not in page
    monkeypatch.setattr(clock, "now", lambda: lost.late - timedelta(days=300))
    page = text(client.get(door("plan", lost)))
    assert "Nothing is late. The next payment is due" in page


def test_who_may_not_give_plans_up_sees_nothing_of_it(lost, people, client, today):
    permit(people[0])
    client.force_login(people[0])
    assert "Late for very long" not in text(client.get("/admin/"))
    assert client.get(door("plan", lost)).status_code == 403
    assert client.post(door("propose", lost), FACTS).status_code == 403
    assert Proposal.objects.count() == 0


def test_money_from_the_bank_is_entered_and_taken_back_on_the_page_of_a_plan(lost, people, client, today):
    one, other = people
    made = collection.propose_charge_off(plan_id=lost.plan_id, user=one, at=lost.late, **FACTS)
    controls.approve_proposal(proposal_id=made.pk, user=other, at=lost.late)
    permit(one, "propose_movement", "view_chargeoff")
    permit(other, "approve_movement", "view_chargeoff")
    client.force_login(other)
    told = {"receipt-amount_minor": "171.75", "receipt-received_on": f"{lost.late:%Y-%m-%d}", "receipt-bank_reference": "dk-1"}
    told |= {"receipt-reason": "On the statement"}
    assert client.post(door("receive", lost), told).status_code == 403
    client.force_login(one)
    assert "Enter what the person sent" in text(client.get(door("plan", lost)))
    wrong = text(client.post(door("receive", lost), told | {"receipt-amount_minor": "lots"}))
    assert (Receipt.objects.count(), "lots" in wrong) == (0, True)
    assert "Another person decides" in text(client.post(door("receive", lost), told, follow=True))
    found = Proposal.objects.latest("id")
    decide = reverse("admin:controls_proposal_decide", args=[found.pk])
    client.force_login(other)
    page = text(client.get(reverse("admin:controls_proposal_change", args=[found.pk])))
    for words in ("Money received at the bank", "$171.75", "DK-1", door("plan", lost)):
        assert words in page
    client.post(decide, {"decision": "approve", "confirmed": "1"})
    receipt = Receipt.objects.get()
    assert Plan.objects.get(id=lost.plan_id).status == "completed"
    client.force_login(one)
    page = text(client.get(door("plan", lost)))
    assert ("Entered by" in page, page.count('name="proof_files"'), page.count('enctype="multipart/form-data"')) == (True, 1, 1)
    undo = reverse("admin:plans_chargeoff_undo", args=[lost.plan_id, receipt.pk])
    assert "This field is required" in text(client.post(undo, {"reason": ""}))
    letter = SimpleUploadedFile("bank.txt", b"It was theirs")
    client.post(undo, {"reason": "Of another person", "proof": "The bank wrote", "proof_files": [letter]})
    client.force_login(other)
    found = Proposal.objects.latest("id")
    assert (found.evidence, [one.body for one in list_files(found)]) == ("The bank wrote", [b"It was theirs"])
    assert "$171.75 on" in text(client.get(reverse("admin:controls_proposal_change", args=[found.pk])))
    client.post(reverse("admin:controls_proposal_decide", args=[found.pk]), {"decision": "approve", "confirmed": "1"})
    assert Plan.objects.get(id=lost.plan_id).status == "charged_off"
    assert "Entered wrongly: taken back" in text(client.get(door("plan", lost)))
