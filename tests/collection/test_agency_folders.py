"""Files between agencies and us: today's written whole, reports read once, with their answers beside."""

import json
import os

import pytest
from django.db import connection

from collection import services as collection
from collection.models import AgencyComplaint, AgencyContact
from collection.services import agency_folders
from collection.services.agency_folders import exchange_files
from ledger import agencies
from plans.models import AgencyPayment
from tests.collection.test_agencies import TERMS, agency, fay
from tests.collection.test_agency_payments import placed
from tests.collection.test_charge_offs import given_up, lost, people, wrong
from tests.collection.test_disputes import sold
from tests.owner import as_owner

__all__ = ["agency", "fay", "given_up", "lost", "people", "placed", "sold"]


@pytest.fixture
def base(placed, settings, tmp_path):
    settings.AGENCY_FILES = str(tmp_path)
    return tmp_path / placed.agency.public_id


def sent(base, name, text):
    (base / "in").mkdir(parents=True, exist_ok=True)
    (base / "in" / name).write_text(text)
    os.utime(base / "in" / name, (1, 1))


def answers(base):
    return {path.name: path.read_text() for path in sorted((base / "out" / "answers").iterdir())}


def test_an_agency_gets_its_file_and_is_answered_once(placed, base, monkeypatch, settings):
    head = "placement,reference,amount_minor,currency,paid_on\n"
    mine = f"{placed.placement.public_id},R-1,7000,USD,{placed.day}\n"
    sent(base, "day 1.csv", head + mine + "x,R-2,5,USD,\n")
    sent(base, "broken.json", "{")
    for unfinished in (".day 2.csv", "day 2.csv.part"):
        sent(base, unfinished, head + mine.replace("R-1", "R-3"))

    def die(_postings):
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(agencies, "collected", die)
        with pytest.raises(KeyboardInterrupt):
            exchange_files(at=placed.then)
    assert (AgencyPayment.objects.count(), [name[:6] for name in answers(base)]) == (0, ["broken"])
    assert (exchange_files(at=placed.then), exchange_files(at=placed.then)) == (1, 2)
    found = answers(base)
    assert len(found) == 2
    broken, day = found.values()
    assert '"file","The file is neither CSV' in broken
    assert [line.split(",")[2] for line in day.splitlines()[1:]] == ['"accepted"', '"refused"']
    assert (AgencyPayment.objects.get().reported_by, wrong()) == (f"agency:{placed.agency.public_id}", [])
    [file] = (base / "out").glob("placements-*.json")
    [told] = json.loads(file.read_text())["placements"]
    assert (told["placement"], told["open_minor"]) == (placed.placement.public_id, placed.placement.face_minor - 7_000)
    assert placed.consumer.email in file.with_suffix(".csv").read_text()
    assert [path.name for path in (base / "out").iterdir() if path.name.startswith(".")] == []
    # The same content under the same name is the same report; another one is read.
    sent(base, "day 1.csv", head + mine.replace("R-1", "R-3"))
    assert (exchange_files(at=placed.then), exchange_files(at=placed.then)) == (1, 2)
    assert (exchange_files(at=placed.then), AgencyPayment.objects.count()) == (0, 2)
    settings.AGENCY_FILES = ""
    assert exchange_files(at=placed.then) == 0


def test_a_hostile_report_or_name_stops_no_other(placed, base, monkeypatch):
    """Letters that no file holds, names longer than an answer's may be, and files that cannot be read."""
    told = {"placement": placed.placement.public_id, "amount_minor": 7_000, "currency": "USD", "paid_on": str(placed.day)}
    sent(base, "a.json", json.dumps([told | {"reference": "\ud800"}]))
    sent(base, "b.json", json.dumps([{"\ud800": 1}]))
    sent(base, "\u6f22" * 80 + ".json", "{")
    sent(base, "c.json", "[]")
    (base / "in" / "z.json").mkdir()
    (base / "in" / "y.json").symlink_to("/etc/passwd")
    whole = os.open

    def refuse(path, *how, **more):
        if str(path).endswith("c.json"):
            raise PermissionError(path)
        return whole(path, *how, **more)

    monkeypatch.setattr(os, "open", refuse)
    sent(base, "\u9fa0.json", json.dumps([told | {"reference": "R-1"}]))
    assert exchange_files(at=placed.then) == 6
    assert (AgencyPayment.objects.count(), exchange_files(at=placed.then), exchange_files(at=placed.then)) == (1, 2, 0)


def test_a_report_that_is_being_written_waits_and_a_fault_of_one_agency_stops_no_other(placed, base, fay, monkeypatch):
    told = {"placement": placed.placement.public_id, "amount_minor": 7_000, "currency": "USD", "paid_on": str(placed.day)}
    sent(base, "a.json", json.dumps([told | {"reference": "R-1"}]))
    os.utime(base / "in" / "a.json", None)
    other = collection.add_agency(user=fay, at=placed.then, **TERMS | {"name": "Other"})
    whole = agency_folders.lines_of

    def fail(agency, day, at):
        if agency.pk == placed.agency.pk:
            raise ZeroDivisionError
        return whole(agency, day, at)

    with monkeypatch.context() as broken:
        broken.setattr(agency_folders, "lines_of", fail)
        with pytest.raises(ExceptionGroup, match="files of agencies"):
            exchange_files(at=placed.then)
    assert len(list((base.parent / other.public_id / "out").glob("placements-*"))) == 2
    assert (exchange_files(at=placed.then), AgencyPayment.objects.count()) == (2, 0)
    sent(base, "a.json", (base / "in" / "a.json").read_text())
    assert (exchange_files(at=placed.then), AgencyPayment.objects.count()) == (1, 1)


def test_a_person_whose_address_cannot_be_read_stops_no_file(placed, base):
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_consumer SET email = 'copied from elsewhere' WHERE id = %s", [placed.consumer.pk])
    assert exchange_files(at=placed.then) == 2
    [file] = (base / "out").glob("placements-*.json")
    [told] = json.loads(file.read_text())["placements"]
    assert (told["name"], told["email"]) == (placed.consumer.name, "")


def test_contacts_and_complaints_come_in_the_directory_too(placed, base):
    plc, moment = placed.placement.public_id, f"{placed.day}T12:00:00-05:00"
    sent(base, "calls.csv", f"reference;placement;at;channel;outcome\nC-1;{plc};{moment};call;spoke\nC-2;{plc};{moment};fax;spoke\n")
    said = {"reference": "K-1", "placement": plc, "at": moment, "about": "They shouted."}
    sent(base, "complaints.json", json.dumps({"complaints": [said, said]}))
    sent(base, "mixed.json", json.dumps({"complaints": [said | {"reference": "K-2"}], "payments": []}))
    assert (exchange_files(at=placed.then), exchange_files(at=placed.then)) == (2 + 3, 2)
    told = [text.splitlines()[1:] for text in answers(base).values()]
    assert [[line.split(",")[2].strip('"') for line in lines] for lines in told] == [
        ["accepted", "refused"],
        ["accepted", "repeated"],
        ["refused"],
    ]
    assert (AgencyContact.objects.get().reference, AgencyComplaint.objects.get().reference) == ("C-1", "K-1")
