"""Reports of suspicion as goAML files: they fit the published structure, whatever is known; anything else is found."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from django.db import Error, transaction

from checkout.suspicion import suspicion_facts
from core.db import execute
from core.errors import Conflict, Forbidden, Invalid
from fraud.laundering.goaml import Header, list_faults, write
from fraud.laundering.services import decide_alert, file_report, make_report
from fraud.models import LaunderingAlert, LaunderingReport
from tests.cast import NOW
from tests.operators import make_operator

HEADER = Header(4711, "Head office", "STR", "Mona", "Officer", "Havnegade 1", "1058", "København K", "DK", ("LAUN", "REFU"), "Blocked.")
PERSON = {
    "id": "con_x", "since": "2026-01-01T00:00:00+00:00", "market": "DK", "name": "Anna Maria Holm", "birth_date": "1990-02-03",
    "email": "anna@people.example", "phone": "+4520123456", "address": {"line1": "Nygade 4", "postal_code": "8000", "city": "Aarhus"},
}  # fmt: skip
LENDER = {"name": "kvart", "legal_name": "kvart ApS", "number": "DK12345678", "address": "Havnegade 1"}


def movement(kind, **told):
    own = {"shop": "Lamps", "shop_legal_name": "Nordlys ApS"} if kind == "order" else {"method": "Card 4242"}
    return (
        {"kind": kind, "id": f"{kind}_1", "at": "2026-03-01T10:00:00+01:00", "amount_minor": 22_900, "currency": "DKK", "status": "x"}
        | own
        | told
    )


MOVEMENTS = [movement("order"), movement("charge"), movement("refund", elsewhere=True)]


def make(*, movements=MOVEMENTS, person=PERSON, header=HEADER, reason="Seven orders alike.", earlier="", rates=None):
    told = {"person": person, "lender": LENDER, "movements": movements}
    given = {"reference": "mlr_x", "earlier": earlier, "currency": "DKK", "rates": rates or {}, "at": NOW}
    return write(header=header, told=told, reason=reason, **given)


def texts(xml, path):
    return [one.text for one in ET.fromstring(xml.encode()).findall(path)]


def test_a_report_fits_the_structure_and_says_who_paid_whom():
    xml = make()
    assert list_faults(xml) == []
    assert texts(xml, "transaction/amount_local") == ["229.00"] * 3
    assert texts(xml, "transaction/t_from/from_person/last_name") == texts(xml, "transaction/t_to/to_person/last_name") == ["Holm"]
    assert texts(xml, "transaction/t_to/to_entity/name") == ["Nordlys ApS", "kvart ApS"]
    assert texts(xml, "transaction/t_from/from_entity/name") == ["kvart ApS", "kvart ApS"]
    assert texts(xml, "transaction/date_transaction")[0] == "2026-03-01T09:00:00"
    assert texts(xml, ".//phone/tph_country_prefix")[0] == "45"
    assert texts(xml, "report_indicators/indicator") == ["LAUN", "REFU"]
    assert texts(xml, "reason") == ["Seven orders alike."]
    assert "elsewhere" not in xml
    assert "another means" in texts(xml, "transaction/comments")[0]


@pytest.mark.parametrize(
    "person",
    [
        {"name": "", "birth_date": "", "email": "", "phone": "", "address": {}},
        {"name": "Anna"},
        {"name": "<b>&\x08\ufffe Æ" + "x" * 300},
        {"address": {"line1": "n" * 300, "postal_code": "8" * 30, "city": ""}},
        {"address": None},
    ],
)
def test_whatever_is_known_of_a_person_fits(person):
    assert list_faults(make(person=PERSON | person)) == []


def test_without_movements_the_person_stands_alone():
    xml = make(movements=[], earlier="FIU-1")
    assert list_faults(xml) == []
    assert texts(xml, "activity/report_parties/report_party/person/last_name") == ["Holm"]
    assert texts(xml, "fiu_ref_number") == ["FIU-1"]


def test_another_currency_is_told_with_its_rate():
    xml = make(movements=[movement("charge", currency="USD", amount_minor=1_000)], rates={"USD": Decimal("6.5")})
    assert list_faults(xml) == []
    assert texts(xml, "transaction/amount_local") == ["65.00"]
    assert texts(xml, "transaction/t_to/to_foreign_currency/*") == ["USD", "10.00", "6.50000000"]


@pytest.mark.parametrize(
    "header",
    [{"entity_id": 0}, {"branch": ""}, {"report_code": "S T R"}, {"first_name": "x" * 101}, {"country": "Denmark"}, {"indicators": ()}],
)
def test_what_does_not_fit_is_found(header):
    assert list_faults(make(header=replace(HEADER, **header)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<submission_code>E<", "<submission_code>X<"),
        ("<currency_code_local>DKK</currency_code_local>", ""),
        ("<t_from>", "<t_whom>"),
        ("T09:00:00", ""),
        ("229.00", "much"),
    ],
)
def test_a_changed_file_is_found(before, after):
    xml = make()
    assert before in xml
    assert list_faults(xml.replace(before, after).replace("</t_from>", "</t_whom>" if "whom" in after else "</t_from>"))


@pytest.fixture
def officer(db):
    return make_operator("mona@kvart.example", name="Mona Officer", may=["handle_laundering"])


@pytest.fixture
def alert(buy, merchant):
    order = buy(merchant, 22_900)
    told = {"facts": {}, "currency": "USD", "version": 1, "raised_at": NOW, "rule": "a", "rule_name": "A", "reason": "structuring"}
    return LaunderingAlert.objects.create(consumer=order.consumer, **told)


@pytest.fixture
def reported(alert, officer):
    told = suspicion_facts(alert.consumer, NOW)
    return decide_alert(alert_id=alert.pk, decision="Seven orders alike.", report=told, user=officer, at=NOW)


def test_versions_of_a_report_and_what_is_filed_stays(reported, officer):
    first, second = (make_report(alert_id=reported.pk, header=HEADER, user=officer, at=NOW) for _ in range(2))
    assert [first.number, second.number] == [1, 2]
    file_report(report_id=second.pk, filed_number=" FIU-2026-7 ", filed_on=NOW.date(), user=officer, at=NOW)
    with pytest.raises(Conflict, match="filed already"):
        file_report(report_id=second.pk, filed_number="X", filed_on=NOW.date(), user=officer, at=NOW)
    third = make_report(alert_id=reported.pk, header=HEADER, user=officer, at=NOW)
    assert [texts(one.xml, "fiu_ref_number") for one in (first, third)] == [[], ["FIU-2026-7"]]
    for change in ("filed_number = 'x'", "filed_on = filed_on - 1", "xml = 'x'", "header = 'x'"):
        with pytest.raises(Error, match="append-only"), transaction.atomic():
            execute(f"UPDATE fraud_launderingreport SET {change} WHERE filed_at IS NOT NULL")
    with pytest.raises(Error, match="append-only"), transaction.atomic():
        execute("DELETE FROM fraud_launderingreport")
    assert LaunderingReport.objects.get(pk=second.pk).filed_number == "FIU-2026-7"


def test_only_officers_report_and_only_what_was_decided(alert, officer, operators):
    told = {"alert_id": alert.pk, "header": HEADER, "at": NOW}
    with pytest.raises(Forbidden):
        make_report(**told, user=operators[0])
    with pytest.raises(Conflict, match="Decide first"):
        make_report(**told, user=officer)
    decide_alert(alert_id=alert.pk, decision="Seven orders alike.", report=suspicion_facts(alert.consumer, NOW), user=officer, at=NOW)
    with pytest.raises(Invalid, match="does not fit"):
        make_report(**told | {"header": replace(HEADER, indicators=())}, user=officer)
    made = make_report(**told, user=officer)
    with pytest.raises(Forbidden):
        file_report(report_id=made.pk, filed_number="1", filed_on=NOW.date(), user=operators[0], at=NOW)
    for number, day in (("  ", NOW.date()), ("1", NOW.date() + timedelta(days=1))):
        with pytest.raises(Invalid):
            file_report(report_id=made.pk, filed_number=number, filed_on=day, user=officer, at=NOW)
    assert LaunderingReport.objects.get().filed_at is None


def test_reports_are_kept_for_five_years(reported, officer):
    made = make_report(alert_id=reported.pk, header=HEADER, user=officer, at=NOW)
    execute(
        "INSERT INTO fraud_launderingreport (id, alert_id, number, header, xml, made_by_id, made_at, filed_number)"
        " SELECT gen_random_uuid(), alert_id, 9, header, xml, made_by_id, now() - interval '1830 days', '' FROM fraud_launderingreport"
    )
    execute("SELECT public.forget_laundering_reports('infinity', 1000)")
    assert list(LaunderingReport.objects.values_list("pk", flat=True)) == [made.pk]
