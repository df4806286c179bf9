"""Tipping off: nothing of the money laundering desk reaches the person, the shop or support, that it looked included."""

import json

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from accounts.models import ScreeningMatch
from accounts.services import set_roles
from checkout.suspicion import suspicion_facts
from core.clock import wall
from fraud.laundering.goaml import Header
from fraud.laundering.services import decide_alert, decide_match, file_report, make_report, note_look
from fraud.models import LaunderingAlert, LaunderingLook, LaunderingReport
from operations.roles import ROLES
from tests.operators import AT, make_operator, telling
from tests.portals.merchant.conftest import join
from tests.portals.pseudo import follow
from tests.shops import make_key

pytestmark = pytest.mark.django_db(transaction=True)
DESK = (LaunderingAlert, LaunderingLook, LaunderingReport, ScreeningMatch)
SUSPICION = "Xylophone deliveries to seven addresses"
BACKEND = "django.contrib.auth.backends.ModelBackend"
WORDS = ("money laundering", "launderingalert", "launderingreport", "xylophone", "structuring", "fiu-zebra", "goaml", "mla_", "mlr_")
WORDS += ("quagga", "screeningmatch", "scm_", "politically exposed", "matches with lists")


@pytest.fixture
def reported(bought, moment):
    """Somebody about whom an alert was raised, looked at and reported, and another one is open."""
    order = bought(22_900, charge=True)
    told = {"consumer": order.consumer, "facts": {"orders_7d": 7}, "currency": order.currency, "version": 1, "raised_at": moment}
    first, second = (
        LaunderingAlert.objects.create(rule=name, rule_name=f"Structuring {name}", reason="structuring", **told) for name in "ab"
    )
    officer = make_operator("mona@kvart.example", name="Mona Officer", may=["handle_laundering"])
    for alert in (first, second):
        note_look(user=officer, alert_id=alert.pk, at=wall())
    decide_alert(alert_id=first.pk, decision=SUSPICION, report=suspicion_facts(order.consumer, moment), user=officer, at=moment)
    header = Header(4711, "Head office", "STR", "Mona", "Officer", "1 Main St", "10001", "New York", "US", ("LAUN",))
    report = make_report(alert_id=first.pk, header=header, user=officer, at=moment)
    file_report(report_id=report.pk, filed_number="FIU-ZEBRA", filed_on=moment.date(), user=officer, at=moment)
    listed = {"list_name": "Quagga list", "provider": "lists", "screening": "scr_1", "told": {"name": "Quagga"}, "raised_at": moment}
    for number in "12":
        match = ScreeningMatch.objects.create(consumer=order.consumer, kind="pep", fingerprint=number * 64, **listed)
    note_look(user=officer, alert_id=match.pk, at=wall())
    decide_match(match_id=match.pk, outcome="confirmed", reason=SUSPICION, user=officer, at=moment)
    return order


def secrets():
    keys = [str(key) for model in DESK for key in model.objects.values_list("pk", flat=True)]
    return [*WORDS, *keys, *(key.replace("-", "") for key in keys)]


def leaks(text):
    return [word for word in secrets() if word in text.lower()]


def operator(role):
    set_roles(roles=ROLES, actor="install", at=AT)
    user, client = make_operator(f"{role.lower().replace(' ', '.')}@kvart.example", name=f"Some {role}"), Client()
    with telling(user):
        user.groups.add(Group.objects.get(name=role))
    client.force_login(user, backend=BACKEND)
    return client


def test_the_consumer_and_their_data_copy(client, sign_in, reported):
    sign_in(client, reported.consumer)
    copy = client.get("/profile/copy")
    assert copy.status_code == 200
    assert json.loads(copy.content)["purchases"]
    pages = dict(follow(client, "/", "/profile", within=("/purchases", "/plans", "/limit", "/requests", "/profile", "/inbox", "/payments")))
    assert {"/", "/profile"} < pages.keys()
    assert {address: found for address, page in [*pages.items(), ("copy", copy.content.decode())] if (found := leaks(page))} == {}


@pytest.mark.parametrize("role", ["Operator", "Viewer", "Lead"])
def test_support_and_leads(reported, role):
    client = operator(role)
    person = reverse("admin:accounts_consumer_change", args=[reported.consumer_id])
    starts = ["/admin/", person, reverse("admin:checkout_order_change", args=[reported.pk])]
    looks = [reverse("admin:accounts_consumer_looks", args=[reported.consumer_id])] if role == "Lead" else []
    pages = dict(follow(client, *starts, *looks, within="/admin/"))
    assert {*starts, *looks} <= pages.keys()
    # Lists name all who work here in their filters; what is about the person must not.
    assert [address for address in (*starts, *looks) if "Mona Officer" in pages[address]] == []
    allowed = {reverse("admin:auth_group_changelist")}
    assert {address: found for address, page in pages.items() if address not in allowed and (found := leaks(page))} == {}


def test_the_shop_in_its_portal_and_by_the_api(reported):
    client = Client()
    client.force_login(join(reported.merchant, "owner"), backend=BACKEND)
    pages = dict(follow(client, "/merchant/", within="/merchant/"))
    assert len(pages) > 5
    key = {"HTTP_AUTHORIZATION": f"Bearer {make_key(reported.merchant)}"}
    told = [Client().get(f"/api/v1/{path}", **key) for path in ("orders", f"orders/{reported.public_id}", "events")]
    assert told[1].status_code == 200
    texts = {**pages, **{str(number): answer.content.decode() for number, answer in enumerate(told)}}
    assert {address: found for address, page in texts.items() if (found := leaks(page))} == {}


def test_the_guard_itself_finds_what_the_desk_shows(reported):
    client = operator("Money laundering officer")
    alert = LaunderingAlert.objects.order_by("id")[0]
    page = client.get(reverse("admin:fraud_launderingalert_change", args=[alert.pk])).content.decode()
    assert {"money laundering", "xylophone", "structuring"} <= set(leaks(page))
    assert "Mona Officer" in page
