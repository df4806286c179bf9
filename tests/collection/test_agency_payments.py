"""What people pay to an agency: reported by it, counted once, and owed by it."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from collection import services as collection
from collection.agency_lines import Reported, read_report
from collection.models import Placement
from core import clock, relay
from core.errors import Forbidden, Invalid, Malformed
from ledger.queries import balance
from notifications.models import Message
from payments.models import Charge
from plans.models import AgencyPayment, Installment
from portals.consumer.purchases.debts import debt_steps
from portals.consumer.purchases.queries import list_paid
from tests.collection.test_agencies import TERMS, agency, fay, place
from tests.collection.test_charge_offs import OWED, books, given_up, lost, pay, people, plan_of, used, wrong
from tests.collection.test_disputes import sold
from tests.operators import make_operator

__all__ = ["agency", "fay", "given_up", "lost", "people", "sold"]


@pytest.fixture
def placed(given_up, agency, fay):
    place(agency, fay, given_up)
    given_up.agency, given_up.placement = agency, Placement.objects.get()
    given_up.day = given_up.placement.placed_on
    given_up.then = given_up.late + timedelta(days=20)
    return given_up


def line(order, minor=7_000, **how):
    told = {"placement": order.placement.public_id, "reference": "R-1", "amount_minor": minor, "currency": "USD"}
    return Reported(**told | {"paid_on": order.day.isoformat()} | how)


def report(order, *lines):
    return collection.report_payments(agency=order.agency, lines=lines, by=f"agency:{order.agency.public_id}", at=order.then)


def statuses(order, *lines):
    return [one.status for one in report(order, *lines)]


def held(order):
    return balance(kind="agency_receivable", owner=order.agency.public_id, currency="USD")


def cash():
    return balance(kind="cash", owner="transfer", currency="USD")


def test_a_reported_payment_pays_once_and_the_agency_owes_it(placed):
    in_use = used(placed)
    assert statuses(placed, line(placed), line(placed), line(placed, 7_001)) == ["accepted", "repeated", "refused"]
    assert statuses(placed, line(placed, reference=" R-1 ")) == ["repeated"]
    row = AgencyPayment.objects.get()
    assert (row.charge.amount_minor, row.paid_on, row.charge.actor) == (7_000, placed.day, f"agency:{placed.agency.public_id}")
    assert (books(placed), held(placed), cash(), used(placed)) == ((0, 0, OWED - 7_000), 7_000, 0, in_use - 7_000)
    assert wrong() == []
    relay.drain()
    letter = Message.objects.get(kind="payment_received", channel="email", context__amount_minor=7_000)
    assert letter.context["agency"] == "Fair Agency"
    told = [(one.payee, one.day) for mine in list_paid(plan_of(placed)).values() for one in mine if one.payee or one.day]
    assert set(told) == {("Fair Agency", placed.day)}
    assert debt_steps(plan_of(placed), "en")[-1][1] == "Fair Agency collects this purchase for us"


def test_all_of_it_completes_the_plan_and_what_is_given_back_is_given_up_again_once(placed):
    assert statuses(placed, line(placed, OWED + 101), line(placed, OWED + 60)) == ["refused", "accepted"]
    assert (plan_of(placed).status, held(placed), wrong()) == ("completed", OWED + 60, [])
    back = line(placed, OWED + 60, kind="gave_back")
    assert statuses(placed, line(placed, reference="R-2"), back, back, line(placed, OWED + 60)) == [
        *("refused", "accepted", "repeated", "repeated")
    ]
    assert (plan_of(placed).status, books(placed), held(placed), cash(), wrong()) == ("charged_off", (0, 0, OWED), 0, 0, [])
    relay.drain()
    letter = Message.objects.get(kind="payment_reversed", channel="email")
    assert (letter.context["agency"], letter.context["amount_minor"]) == ("Fair Agency", OWED)


def test_the_fees_of_a_debt_count_once(placed):
    Installment.objects.filter(plan=placed.plan_id, number=2).update(fees_minor=500)
    [answer] = report(placed, line(placed, OWED + 500 + 101))
    assert (answer.status, answer.reason) == ("refused", f"only {OWED + 500} minor units of this debt are open")


def test_what_is_refused_names_the_field_and_changes_nothing(placed, fay):
    other = collection.add_agency(user=fay, at=placed.late, **TERMS | {"name": "Other"})
    early, late = placed.day - timedelta(days=1), placed.then.date() + timedelta(days=1)
    lines = [
        line(placed, kind="lost"),
        line(placed, reference="  "),
        line(placed, reference=7),
        line(placed, placement="plc_unknown"),
        line(placed, currency="EUR"),
        *(line(placed, minor) for minor in (0, -5, "7000", True, 70.0, OWED + 101)),
        *(line(placed, paid_on=day) for day in (early.isoformat(), late.isoformat(), "yesterday", None)),
        line(placed, kind="gave_back"),
    ]
    fields = [*("kind", "reference", "reference", "placement", "currency"), *["amount_minor"] * 6, *["paid_on"] * 4, "reference"]
    answers = report(placed, *lines)
    assert [(one.status, one.field) for one in answers] == [("refused", field) for field in fields]
    assert all(one.reason for one in answers)
    placed.agency = other
    assert [one.field for one in report(placed, line(placed))] == ["placement"]
    assert (AgencyPayment.objects.count(), Charge.objects.filter(gateway="transfer").count(), books(placed)) == (0, 0, (0, 0, OWED))


def test_a_payment_of_a_time_when_the_agency_had_it_counts_after_it_was_recalled(placed, fay):
    collection.recall(placement_id=placed.placement.pk, user=fay, at=placed.then)
    placed.then += timedelta(days=5)
    recalled = placed.then.date() - timedelta(days=5)
    after = line(placed, reference="R-2", paid_on=(recalled + timedelta(days=1)).isoformat())
    assert statuses(placed, line(placed, paid_on=recalled.isoformat()), after) == ["accepted", "refused"]
    pay(placed, placed.then)
    assert [one.reason for one in report(placed, line(placed, 1, reference="R-3"))] == ["nothing of this debt is open"]
    assert wrong() == []


@pytest.mark.django_db(transaction=True)
def test_reported_twice_at_once_counts_once_and_so_does_giving_back(placed, at_once):
    for kind in ("paid", "gave_back"):
        found = at_once(4, lambda _number, kind=kind: statuses(placed, line(placed, kind=kind))[0])
        assert sorted(found) == ["accepted", *["repeated"] * 3]
    assert (AgencyPayment.objects.count(), books(placed), held(placed), wrong()) == (1, (0, 0, OWED), 0, [])


def test_killed_half_way_it_is_reported_again(placed, monkeypatch):
    from ledger import agencies

    def die(_postings):
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(agencies, "collected", die)
        with pytest.raises(KeyboardInterrupt):
            report(placed, line(placed))
    assert (AgencyPayment.objects.count(), books(placed), wrong()) == (0, (0, 0, OWED), [])
    assert statuses(placed, line(placed)) == ["accepted"]


def test_files_are_read_as_csv_and_json_and_nothing_else():
    heads = "placement,reference,amount_minor,currency,paid_on"
    rows = [heads, "plc_1,R 1,7000,USD,2026-11-30", "", "plc_2,R 2,70.00,USD,2026-11-30"]
    by_csv = read_report("\ufeff".encode() + "\r\n".join(rows).encode())
    assert by_csv[0] == Reported("plc_1", "R 1", 7000, "USD", "2026-11-30")
    assert by_csv[1].amount_minor == "70.00"
    assert read_report(heads.replace(",", ";").encode() + b"\nplc_1;R 1;7000;USD;2026-11-30") == by_csv[:1]
    told = [dict(zip(heads.split(","), ("plc_1", "R 1", 7000, "USD", "2026-11-30"), strict=True))]
    assert read_report(json.dumps({"payments": told}).encode()) == by_csv[:1]
    other = (f"{heads},iban\nplc_1,R,1,USD,2026-11-30,DE\n".encode(), f"{heads}\n1,2\n".encode())
    for bad in (b"\xff\xfe", b"{}", b'{"payments": [1]}', b"[" * 100_000, *other):
        with pytest.raises(Malformed):
            read_report(bad)


def test_operators_upload_a_report_on_the_page(placed, fay, client, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: placed.then)
    client.force_login(fay)
    door = reverse("admin:collection_agency_report", args=[placed.agency.pk])

    def send(**how):
        body = f"placement,reference,amount_minor,currency,paid_on\n{placed.placement.public_id},R-1,7000,USD,{placed.day}\nx,R-2,1,USD,\n"
        return client.post(door, {"file": SimpleUploadedFile("report.csv", body.encode()), **how}).content.decode()

    page = send()
    assert ("Lines that count: 1. Refused: 1." in page, "$70.00" in page, "placement: no debt that you have or had" in page) == (True,) * 3
    assert AgencyPayment.objects.get().reported_by == str(fay.pk)
    answer = send(**{"as": "csv"}).splitlines()
    assert (answer[1].split(",")[2], answer[2].split(",")[4]) == ('"repeated"', '"placement"')
    assert "neither CSV" in client.post(door, {"file": SimpleUploadedFile("report.csv", b"{}")}).content.decode()
    assert "$70.00" in client.get(reverse("admin:collection_agency_money", args=[placed.agency.pk])).content.decode()
    client.force_login(make_operator("zoe@kvart.example", may=["view_agency"]))
    assert client.post(door).status_code == 403
    with pytest.raises(Forbidden):
        collection.report_as_operator(
            agency=placed.agency, lines=[line(placed)], user=make_operator("stan@kvart.example", may=["view_agency"]), at=placed.then
        )
    with pytest.raises(Invalid):
        collection.report_payment(agency=placed.agency, line=line(placed, currency=""), by="x", at=placed.then)
