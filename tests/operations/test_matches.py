"""The officers' pages of matches with lists: the person beside the entry, two officers for sanctions, and nobody else sees them."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Look, ScreeningMatch
from controls.models import AuditRow
from fraud.models import LaunderingAlert, LaunderingLook
from tests.cast import NOW
from tests.operators import make_operator
from tests.owner import tamper
from tests.screening_server import ENTRY

pytestmark = pytest.mark.django_db
WHY = "The birth date is another one, by the passport that I saw."
BACKEND = "django.contrib.auth.backends.ModelBackend"


def client_of(name, *may):
    client = Client()
    user = make_operator(f"{name}@kvart.example", name=f"{name.title()} Officer", may=may)
    client.force_login(user, backend=BACKEND)
    return client


@pytest.fixture
def desks(db):
    return [client_of(name, "handle_laundering") for name in ("mona", "nils")]


@pytest.fixture
def match(buy, merchant):
    order = buy(merchant, 22_900, merchant_reference="LAMP-77")
    told = {key: value for key, value in ENTRY.items() if key != "list"} | {"name": "Anne Exemple"}
    more = {"list_name": "EU consolidated", "provider": "lists", "screening": "scr_1", "fingerprint": "f" * 64, "told": told}
    return ScreeningMatch.objects.create(consumer=order.consumer, kind="sanctions", raised_at=NOW, **more)


def page_of(match):
    return reverse("admin:accounts_screeningmatch_change", args=[match.pk])


def decide(desk, match, outcome, once, reason=WHY):
    path = reverse("admin:accounts_screeningmatch_decide", args=[match.pk])
    return desk.post(path, {"reason": reason, "outcome": outcome, "once": once * 20}, follow=True).content.decode()


def test_the_page_shows_the_person_beside_the_entry_and_their_open_orders(desks, match):
    text = desks[0].get(page_of(match)).content.decode()
    for told in (match.consumer.name, "Anne Exemple", "EU-1234", "EU consolidated", "LAMP-77", "Nordlys Lamps", "$229.00", "Recommend"):
        assert told in text, told
    assert "accepted after enhanced checks" not in text
    assert (LaunderingLook.objects.get().alert_id, Look.objects.count()) == (match.pk, 0)


def test_two_officers_come_to_the_same_result(desks, match):
    one, two = desks
    assert "Another result of yours replaces it" in decide(one, match, "confirmed", "a")
    assert "You recommended this; another officer has to decide." in decide(one, match, "confirmed", "b")
    text = decide(two, match, "confirmed", "c")
    assert "Take it back" in text
    match.refresh_from_db()
    assert (match.status, str(match.recommended_by), str(match.decided_by)) == ("confirmed", "Mona Officer", "Nils Officer")
    assert LaunderingAlert.objects.get().reason == "sanctions"
    alert = one.get(reverse("admin:fraud_launderingalert_change", args=[LaunderingAlert.objects.get().pk])).content.decode()
    assert "On a list" in alert
    acts = set(AuditRow.objects.filter(act__startswith="fraud.laundering_match").values_list("act", flat=True))
    assert acts == {"fraud.laundering_match_raised", "fraud.laundering_match_recommended", "fraud.laundering_match_confirmed"}


def test_a_result_needs_a_reason_and_is_shown_at_its_field(desks, match):
    decide(desks[0], match, "cleared", "a", reason="no")
    match.refresh_from_db()
    assert (match.status, match.recommended) == ("open", "")


def test_nobody_else_sees_a_match(match):
    client = client_of("else", "decide_review", "view_orderreview", "view_person", "view_decision")
    pages = [page_of(match), reverse("admin:accounts_screeningmatch_changelist")]
    assert [client.get(page).status_code for page in pages] == [403, 403]
    assert client.post(reverse("admin:accounts_screeningmatch_decide", args=[match.pk]), {"reason": WHY}).status_code == 403
    home = client.get(reverse("admin:index")).content.decode()
    assert "Matches with lists" not in home
    match.refresh_from_db()
    assert match.status == "open"


def test_as_many_queries_however_many_matches(desks, match):
    def count():
        with CaptureQueriesContext(connection) as found:
            assert desks[0].get(page_of(match)).status_code == 200
        return len(found)

    count()
    before = count()
    for number in range(4):
        told = {"list_name": "EU", "provider": "lists", "screening": "s", "fingerprint": f"{number}" * 64, "told": {}}
        ScreeningMatch.objects.create(consumer=match.consumer, kind="pep", raised_at=NOW, **told)
    assert count() == before


def test_the_list_names_the_person_with_as_many_queries_however_many_there_are(desks, match, buy, merchant):
    page = reverse("admin:accounts_screeningmatch_changelist")

    def listed():
        with CaptureQueriesContext(connection) as asked:
            text = desks[0].get(page).content.decode()
        return len(asked), text

    listed()
    few, text = listed()
    names, account = [match.consumer.name], match.consumer.public_id
    for number in range(3):
        other = buy(merchant, 22_900, email=f"other{number}+approve@people.example").consumer
        names.append(other.name)
        told = {"list_name": "EU", "provider": "lists", "screening": "s", "fingerprint": f"{number}" * 64, "told": {}}
        ScreeningMatch.objects.create(consumer=other, kind="pep", raised_at=NOW, **told)
    many, text = listed()
    assert (many, [name for name in names if name not in text]) == (few, [])
    tamper("UPDATE core_subjectkey SET wrapped = '', destroyed_at = now() WHERE subject = %s", [f"consumer:{match.consumer_id}"])
    assert account in listed()[1]
