"""The money laundering desk: only its officers see it, each alert is decided once with a reason, and looks are noted apart."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from accounts.models import Look
from checkout import services as checkouts
from checkout.services import watch
from checkout.services.watching import behavior_of
from controls.models import AuditRow, RuleCase
from core.errors import Conflict, Forbidden, Invalid
from fraud.laundering.ruling import LAUNDERING
from fraud.laundering.services import decide_alert
from fraud.models import LaunderingAlert, LaunderingLook, LaunderingReport
from tests.api.counting import count_but_the_clock
from tests.cast import NOW
from tests.operators import make_operator

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SUSPICION = "Seven purchases just below the threshold, and the goods went to seven addresses."
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def officer(db):
    return make_operator("mona@kvart.example", name="Mona Officer", may=["handle_laundering", "view_launderingalert", "view_ruleversion"])


@pytest.fixture
def desk(officer):
    client = Client()
    client.force_login(officer, backend=BACKEND)
    return client


@pytest.fixture
def alert(buy, merchant):
    order = buy(merchant, 22_900, merchant_reference="LAMP-77")
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="key:test", at=NOW)
    facts = behavior_of(order.consumer, NOW)
    told = {"rule": "structuring", "rule_name": "Many orders of alike amounts in a week", "reason": "structuring", "version": 1}
    return LaunderingAlert.objects.create(consumer=order.consumer, facts=facts, currency="USD", raised_at=NOW, **told)


def page_of(alert):
    return reverse("admin:fraud_launderingalert_change", args=[alert.pk])


def decide(desk, alert, outcome, decision=SUSPICION, once="k" * 20):
    path = reverse("admin:fraud_launderingalert_decide", args=[alert.pk])
    return desk.post(path, {"decision": decision, "outcome": outcome, "once": once}, follow=True)


def test_the_page_shows_why_who_and_what(desk, alert):
    text = desk.get(page_of(alert)).content.decode()
    for told in ("Many orders of alike amounts in a week", alert.consumer.name, "Orders within 7 days", "Nordlys Lamps", "$229.00"):
        assert told in text, told
    assert "Mona Officer" in text


def test_looks_stand_in_the_desks_own_log_alone(desk, alert, officer):
    desk.get(reverse("admin:fraud_launderingalert_changelist"))
    desk.get(page_of(alert))
    assert list(LaunderingLook.objects.order_by("id").values_list("user", "alert_id")) == [(officer.pk, None), (officer.pk, alert.pk)]
    assert not Look.objects.exists()
    acts = AuditRow.objects.filter(act="fraud.laundering_looked_at", actor=str(officer.pk))
    assert [row.about for row in acts.order_by("pk")] == [[], [str(alert.pk)]]


def test_an_alert_is_cleared_with_a_reason_once(desk, alert, officer):
    assert "This field is required" in decide(desk, alert, "clear", "").content.decode()
    assert decide(desk, alert, "clear", "A wedding: the lists match.").status_code == 200
    decide(desk, alert, "clear", "A wedding: the lists match.")
    alert.refresh_from_db()
    assert (alert.status, alert.decided_by, alert.decision, alert.report) == ("cleared", officer, "A wedding: the lists match.", {})
    text = decide(desk, alert, "report", once="m" * 20).content.decode()
    alert.refresh_from_db()
    assert ("decided already" in text, alert.status) == (True, "cleared")
    assert AuditRow.objects.filter(act="fraud.laundering_alert_cleared", actor=str(officer.pk)).count() == 1


def test_a_report_keeps_what_was_known(desk, alert, django_assert_num_queries):
    decide(desk, alert, "report")
    alert.refresh_from_db()
    assert (alert.status, alert.report["person"]["name"]) == ("reported", alert.consumer.name)
    assert [(one["kind"], one["amount_minor"]) for one in alert.report["movements"]] == [("order", 22_900)]
    assert SUSPICION in desk.get(page_of(alert)).content.decode()


HEADER = {"entity_id": "4711", "branch": "Head office", "report_code": "STR", "first_name": "Mona", "last_name": "Officer", "country": "US"}
HEADER |= {"address": "1 Main St", "postal_code": "10001", "city": "New York", "indicators": "LAUN, REFU", "action": "Blocked."}


def report(desk, alert, **other):
    path = reverse("admin:fraud_launderingalert_report", args=[alert.pk])
    return desk.post(path, HEADER | {"once": "r" * 20} | other, follow=True)


def test_the_report_is_written_read_and_filed(desk, alert):
    assert "Decide first" in report(desk, alert, once="o" * 20).content.decode()
    decide(desk, alert, "report")
    assert "Enter a valid value" in report(desk, alert, country="Denmark").content.decode()
    for _twice in range(2):
        assert "Version 1" in report(desk, alert).content.decode()
    made = LaunderingReport.objects.get()
    looked = LaunderingLook.objects.count()
    files = {form: desk.get(reverse("admin:fraud_launderingalert_file", args=[alert.pk, made.pk, form])) for form in ("xml", "pdf", "exe")}
    assert [(one.status_code, "no-store" in one["Cache-Control"]) for one in (files["xml"], files["pdf"])] == [(200, True)] * 2
    assert (files["exe"].status_code, LaunderingLook.objects.count()) == (404, looked + 2)
    assert SUSPICION in files["xml"].content.decode()
    printed = "".join(page.extract_text() for page in PdfReader(BytesIO(files["pdf"].content)).pages).replace("\u200b", "")
    for told in ("Report of suspicion", alert.consumer.name, "4711", "$229.00", "Blocked.", "Nordlys Lamps"):
        assert told in printed, told
    path = reverse("admin:fraud_launderingalert_filed", args=[alert.pk, made.pk])
    for number in ("FIU-7", "FIU-8"):
        text = desk.post(
            path, {"filed_number": number, "filed_on": NOW.date().isoformat(), "once": number * 5}, follow=True
        ).content.decode()
    made.refresh_from_db()
    assert (made.filed_number, made.filed_on, "filed already" in text, "FIU-7" in text) == ("FIU-7", NOW.date(), True, True)
    # The next report begins with what was typed, and is a version of its own.
    assert 'value="4711"' in text
    assert "Version 2" in report(desk, alert, once="n" * 20).content.decode()
    acts = AuditRow.objects.filter(act__startswith="fraud.laundering_report").order_by("pk").values_list("act", flat=True)
    assert list(acts) == ["fraud.laundering_report_made", "fraud.laundering_report_filed", "fraud.laundering_report_made"]


def test_nobody_else_reads_or_files_a_report(desk, alert, operators):
    decide(desk, alert, "report")
    report(desk, alert)
    made, client = LaunderingReport.objects.get(), Client()
    client.force_login(operators[0], backend=BACKEND)
    told = {"filed_number": "1", "filed_on": NOW.date().isoformat(), "once": "f" * 20}
    refused = [client.post(reverse("admin:fraud_launderingalert_filed", args=[alert.pk, made.pk]), told), report(client, alert)]
    refused += [client.get(reverse("admin:fraud_launderingalert_file", args=[alert.pk, made.pk, form])) for form in ("xml", "pdf")]
    assert [answer.status_code for answer in refused] == [403] * 4
    assert LaunderingReport.objects.get().filed_at is None


def test_services_refuse_anybody_else_and_reasons_that_say_nothing(alert, officer, operators):
    told = {"alert_id": alert.pk, "report": None, "at": NOW}
    with pytest.raises(Forbidden):
        decide_alert(**told, decision=SUSPICION, user=operators[0])
    with pytest.raises(Invalid):
        decide_alert(**told, decision="  x  ", user=officer)
    decide_alert(**told, decision=SUSPICION, user=officer)
    with pytest.raises(Conflict):
        decide_alert(**told, decision=SUSPICION, user=officer)


def test_nobody_else_opens_it(alert, operators):
    client = Client()
    client.force_login(operators[0], backend=BACKEND)
    list_of, one = reverse("admin:fraud_launderingalert_changelist"), page_of(alert)
    assert [client.get(path).status_code for path in (list_of, one)] == [403, 403]
    assert decide(client, alert, "clear").status_code == 403
    alert.refresh_from_db()
    assert (alert.status, LaunderingLook.objects.count()) == ("open", 0)


def test_what_the_desk_did_is_read_by_its_own_auditors_alone(desk, alert):
    desk.get(page_of(alert))
    seen = {}
    for name, may in (("auditor", ["view_auditrow"]), ("anna", ["view_auditrow", "audit_laundering"])):
        client = Client()
        client.force_login(make_operator(f"{name}@kvart.example", may=may), backend=BACKEND)
        row = AuditRow.objects.filter(act__startswith="fraud.laundering_").first()
        found = client.get(reverse("admin:controls_auditrow_changelist"), {"q": str(alert.consumer_id)})
        one = client.get(reverse("admin:controls_auditrow_change", args=[row.pk]))
        seen[name] = (str(alert.pk) in found.content.decode(), one.status_code)
    assert seen == {"auditor": (False, 404), "anna": (True, 200)}


def test_a_look_at_what_the_desk_did_tells_other_auditors_of_nobody(desk, alert):
    desk.get(page_of(alert))
    client, rows = Client(), AuditRow.objects.filter(act__startswith="fraud.laundering_").order_by("id")
    client.force_login(make_operator("anna@kvart.example", may=["view_auditrow", "audit_laundering"]), backend=BACKEND)
    for row in rows:
        client.get(reverse("admin:controls_auditrow_change", args=[row.pk]))
    for asked in (str(alert.pk), alert.public_id, "fraud.laundering_alert_raised", str(alert.consumer_id)):
        client.get(reverse("admin:controls_auditrow_changelist"), {"q": asked})
    told = [one for look in AuditRow.objects.filter(act="controls.audit_looked_at").order_by("id") for one in look.about]
    assert told == [*(str(row.pk) for row in rows), str(alert.consumer_id)]


def test_who_writes_rules_learns_of_no_case_without_being_an_officer(desk, alert):
    watch(consumer_id=alert.consumer_id, at=NOW)
    case = RuleCase.objects.get(kind=LAUNDERING)
    RuleCase.objects.filter(pk=case.pk).update(observed=1, observed_outcome="alert")
    path = reverse("admin:controls_rules_differences", args=[LAUNDERING, 1])
    risk = Client()
    risk.force_login(make_operator("rita@kvart.example", may=["propose_rules"]), backend=BACKEND)
    assert [case.subject in client.get(path).content.decode() for client in (desk, risk)] == [True, False]


def test_the_page_takes_as_many_queries_however_much_was_bought(desk, alert, buy, merchant):
    def taken():
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(page_of(alert)).status_code == 200
        return count_but_the_clock(queries)

    taken()
    first = taken()
    for n in range(3):
        buy(merchant, 30_000 + 5_000 * n, at=NOW + n * DAY)
    assert taken() == first


def test_how_often_a_rule_held_of_late_is_told_to_the_desk_alone(desk):
    """An approver who also answers people must not learn of an alert by a count that grew."""
    author = Client()
    author.force_login(make_operator("rita@kvart.example", may=["propose_rules"]), backend=BACKEND)
    for kind, told in (("laundering", False), ("fraud", True)):
        page = reverse("admin:controls_rules", args=[kind])
        for client, sees in ((desk, True), (author, told)):
            shown = client.get(page).content.decode()
            assert ("in 30 days</span>" in shown, "Something followed" in shown) == (sees, sees)
    lists = [client.get(reverse("admin:controls_ruleversion_changelist")).content.decode() for client in (desk, author)]
    assert lists[0].count("Something followed") == lists[1].count("Something followed") + 1
