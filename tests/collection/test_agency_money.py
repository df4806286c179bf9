"""What agencies earn and send: shares booked once a payment, money matched line by line, entered by two operators."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from collection import services as collection
from collection.agency_guards import REMITTED
from collection.agency_lines import Remitted
from collection.agency_money import list_flaws, standing_of
from collection.models import Commission, Placement, Remittance, RemittanceLine
from collection.services.commissions import share_direct_payment
from controls import services as controls
from controls.errors import OnePerson
from controls.models import Proposal
from core import clock, relay
from core.errors import Conflict, Forbidden, Invalid
from core.money import bps_of
from core.once import new_key
from ledger.queries import balance
from plans.models import AgencyPayment, Plan
from tests.collection.test_agencies import agency, fay
from tests.collection.test_agency_payments import line, placed, report, statuses
from tests.collection.test_charge_offs import OWED, given_up, lost, pay, people, plan_of, wrong
from tests.collection.test_disputes import sold
from tests.collection.test_payments_taken_back import fail, hear_of
from tests.operators import make_operator

__all__ = ["agency", "fay", "given_up", "lost", "people", "placed", "sold"]


@pytest.fixture
def gus(db):
    return make_operator("gus@kvart.example", may=["confirm_agencymoney", "view_agency"])


def terms(order, fay, *, direct=False, net=False, rate=2_500, days=1):
    """Give the contract terms that hold from the day on which the agency has the debt."""
    told = {"rate_bps": rate, "counts_direct": direct, "remits_net": net, "user": fay, "at": order.late}
    return collection.change_terms(agency_id=order.agency.pk, valid_from=order.late.date() + timedelta(days=days), **told)


def owed(order):
    of = {kind: balance(kind=kind, owner=order.agency.public_id, currency="USD") for kind in ("agency_receivable", "agency_payable")}
    return of["agency_receivable"], -of["agency_payable"], balance(kind="bank", owner="", currency="USD")


def listed(order, fay, amount, *lines, ref="WIRE 1"):
    told = {"bank_reference": ref, "received_on": order.then.date(), "user": fay, "at": order.then}
    return collection.list_remittance(agency_id=order.agency.pk, amount_minor=amount, lines=[Remitted(*one) for one in lines], **told)


def enter(order, fay, gus, row):
    made = collection.propose_remittance(remittance_id=row.pk, reason="On the statement", user=fay, at=order.then)
    controls.approve_proposal(proposal_id=made.pk, user=gus, at=order.then)
    made.refresh_from_db()
    return made


@pytest.mark.parametrize(("base", "rate", "share"), [(7_001, 2_500, 1_750), (7_002, 2_500, 1_751), (1, 5_000, 1), (1, 4_999, 0), (0, 9, 0)])
def test_shares_are_rounded_half_up(base, rate, share):
    assert bps_of(base, rate) == share


def test_a_share_is_booked_once_a_payment_and_goes_with_it(placed, fay):
    with pytest.raises(Invalid):
        terms(placed, fay, days=0)
    terms(placed, fay, rate=3_333)
    with pytest.raises(Conflict):
        terms(placed, fay)
    report(placed, line(placed, 7_001), line(placed, 7_001), line(placed, 10_270, reference="R-2"))
    # Of what is more than was owed, nothing counts.
    assert [one.base_minor for one in Commission.objects.order_by("id")] == [7_001, OWED - 7_001]
    assert (owed(placed)[:2], wrong()) == ((17_271, 2_333 + 3_391), [])
    report(placed, line(placed, 7_001, kind="gave_back"), line(placed, 7_001, kind="gave_back"))
    assert (owed(placed)[:2], wrong()) == ((10_270, 3_391), [])
    relay.drain()
    assert Commission.objects.count() == 3


def test_what_people_pay_to_us_counts_where_the_terms_say_so(placed, fay, settings):
    terms(placed, fay, direct=True)
    paid = pay(placed, placed.then, scope="next")
    relay.drain()
    one = Commission.objects.get()
    assert (one.direct, one.base_minor, one.commission_minor) == (True, paid.amount_minor, bps_of(paid.amount_minor, 2_500))
    again = {"charge_id": paid.id, "plan_id": placed.plan_id, "base_minor": paid.amount_minor, "at": placed.then}
    share_direct_payment(**again)
    fail(paid, settings)
    hear_of(paid, placed.then)
    relay.drain()
    assert (owed(placed), Commission.objects.count(), wrong()) == ((0, 0, 0), 2, [])
    share_direct_payment(**again)
    assert (Commission.objects.count(), wrong()) == (2, [])


def test_nothing_counts_of_what_was_paid_before_the_agency_had_it_or_without_such_terms(placed, fay):
    pay(placed, placed.then, scope="next")
    relay.drain()
    assert Commission.objects.count() == 0
    terms(placed, fay, direct=True)
    pay(placed, placed.late, scope="next")
    relay.drain()
    assert (Commission.objects.count(), wrong()) == (0, [])


def test_money_is_matched_line_by_line_and_entered_by_two(placed, fay, gus):
    terms(placed, fay, net=True)
    report(placed, *(line(placed, 1_000 * number, reference=f"R-{number}") for number in (1, 2, 3, 4)))
    report(placed, line(placed, 4_000, reference="R-4", kind="gave_back"))
    lines = [("R-1", 1_000, 250), ("R-1", 1_000, 250), ("R-2", 2_100, 525), ("R-3", 3_000, 700), ("R-4", 4_000, 1_000), ("R-9", 50, 0)]
    row = listed(placed, fay, 8_375, *lines)
    flaws = [("", 0), ("again", 1_000), ("amount", 100), ("share", -50), ("given_back", 4_000), ("unknown", 50)]
    assert list(row.lines.order_by("number").values_list("flaw", "off_minor")) == flaws
    made = collection.propose_remittance(remittance_id=row.pk, reason="On the statement", user=fay, at=placed.then)
    assert (owed(placed), list_flaws(placed.agency).count()) == ((6_000, 1_500, 0), 0)
    with pytest.raises((OnePerson, Forbidden)):
        controls.approve_proposal(proposal_id=made.pk, user=fay, at=placed.then)
    controls.approve_proposal(proposal_id=made.pk, user=gus, at=placed.then)
    row.refresh_from_db()
    # Only the share of the line that matches was kept; the rest of the money stands against what the agency has.
    assert (row.kept_minor, row.lines.exclude(payment=None).get().reference) == (250, "R-1")
    assert (owed(placed), wrong()) == ((6_000 - 8_375 - 250, 1_250, 8_375), [])
    assert (list_flaws(placed.agency).count(), standing_of(placed.agency).remitted_minor) == (5, 8_375)
    enter(placed, fay, gus, listed(placed, fay, 1_500, ("R-2", 2_000, 500), ref="WIRE 2"))
    assert [line.reference for line in RemittanceLine.objects.exclude(payment=None).order_by("id")] == ["R-1", "R-2"]
    with pytest.raises(Conflict):
        listed(placed, fay, 1_500, ref="wire  2")
    enter(placed, fay, gus, listed(placed, fay, -750, ref="WIRE 3"))
    assert (owed(placed), wrong()) == ((6_000 - 8_625 - 2_000, 0, 8_375 + 1_500 - 750), [])


def test_what_cannot_be_money_of_an_agency_is_refused(placed, fay, gus):
    for amount, lines, ref in (
        (0, [], "A"),
        (10**12, [], "A"),
        (-5, [("R-1", 5)], "A"),
        (5, [], " "),
        (5, [("", 5)], "A"),
        (5, [("R", "5")], "A"),
    ):
        with pytest.raises(Invalid):
            listed(placed, fay, amount, *lines, ref=ref)
    with pytest.raises(Forbidden):
        listed(placed, gus, 5)
    row = listed(placed, fay, 5)
    with pytest.raises(IntegrityError), transaction.atomic():
        Remittance.objects.filter(pk=row.pk).update(entered_at=placed.then)
    assert (Remittance.objects.count(), owed(placed)) == (1, (0, 0, 0))


@pytest.mark.django_db(transaction=True)
def test_two_lists_with_one_payment_at_once_settle_it_once(placed, fay, gus, at_once):
    statuses(placed, line(placed))
    rows = [listed(placed, fay, 7_000, ("R-1", 7_000), ref=f"WIRE {number}") for number in (1, 2)]
    made = [collection.propose_remittance(remittance_id=row.pk, reason="Statement", user=fay, at=placed.then) for row in rows]
    at_once(2, lambda number: controls.approve_proposal(proposal_id=made[number].pk, user=gus, at=placed.then))
    assert sorted(RemittanceLine.objects.values_list("flaw", flat=True)) == ["", "again"]
    assert (owed(placed), wrong()) == ((-7_000, 1_750, 14_000), [])


def test_the_page_shows_money_and_proposes_it(placed, fay, gus, client, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: placed.then)
    client.force_login(fay)
    statuses(placed, line(placed))
    page, door = (reverse(f"admin:collection_agency_{name}", args=[placed.agency.pk]) for name in ("money", "remittance"))

    def send(body, **how):
        told = {
            "money-way": "in",
            "money-amount_minor": "70",
            "money-received_on": f"{placed.then:%Y-%m-%d}",
            "money-bank_reference": "W 1",
        }
        told |= {"money-reason": "Statement", "once": new_key(), "money-file": SimpleUploadedFile("list.csv", body)}
        return client.post(door, told | how)

    assert "neither CSV" in send(b"{}").content.decode()
    assert "line 1 needs a reference" in send(b"reference,amount_minor\nR-1,much\n").content.decode()
    assert Remittance.objects.count() == 0
    assert send(b"reference,amount_minor\nR-1,7000\nR-2,5\n").status_code == 302
    shown = client.get(page).content.decode()
    assert ("$70.00" in shown, "Not entered" in shown, "-$0.05" in shown or "\u2212$0.05" in shown) == (True,) * 3
    client.force_login(gus)
    controls.approve_proposal(proposal_id=Proposal.objects.get(kind=REMITTED).pk, user=gus, at=placed.then)
    assert "No such payment was reported" in client.get(page).content.decode()
    assert client.post(door).status_code == 403
    file = client.get(page + "?as=csv").content.decode().splitlines()
    assert file[1].split(",")[5:] == ["7000", "1750", '""', f'"{Remittance.objects.get().public_id}"']
    client.force_login(fay)
    told = {
        "terms-valid_from": f"{placed.then + timedelta(days=1):%Y-%m-%d}",
        "terms-rate_bps": "20",
        "terms-remits_net": "on",
        "once": new_key(),
    }
    assert client.post(reverse("admin:collection_agency_terms", args=[placed.agency.pk]), told).status_code == 302
    assert (placed.agency.terms.get().rate_bps, Placement.objects.count(), AgencyPayment.objects.count()) == (2_000, 1, 1)
    assert Plan.objects.get(pk=placed.plan_id).status == plan_of(placed).status
