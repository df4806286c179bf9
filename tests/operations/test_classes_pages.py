"""Classes in the back office: on a person's page with history and pin, and the list of classes; rules about them by drop-downs."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import services
from accounts.classes import class_of, list_class_changes, pins_of
from accounts.models import ClassChange, Consumer, CustomerClass
from accounts.services.classes import Found
from checkout.classing import CUSTOMERS
from controls import services as controls
from core.clock import now
from markets.queries import get_market
from tests.api.counting import count_but_the_clock
from tests.operators import make_operator

BACKEND = "django.contrib.auth.backends.ModelBackend"
ONCE = "a-key-of-one-form-0123456789"
LIST = "/admin/accounts/customerclass/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(db):
    where = {"market": get_market("DK"), "locale": "da-DK", "time_zone": "Europe/Copenhagen"}
    return Consumer.objects.create(**where, name="Anna", email="anna@mail.example", email_hash="a" * 64, created_at=now())


@pytest.fixture
def rita(db):
    may = ["pin_class", "view_person", "view_consumer", "view_customerclass", "add_customerclass", "propose_rules"]
    return make_operator("rita@kvart.example", may=may)


def enter(user) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


@pytest.fixture
def desk(rita):
    return enter(rita)


def page(person):
    return reverse("admin:accounts_consumer_change", args=[person.pk])


def act(name, person):
    return reverse(f"admin:accounts_consumer_{name}", args=[person.pk])


def pin_form(**changes):
    return {"axis": "risk_class", "risk_class-value": "high", "risk_class-reason": "Known to us", "once": ONCE} | changes


def test_a_person_shows_classes_with_the_rule_and_the_history(desk, anna):
    found = {"loyalty": Found("loyal", "loyal", "Several plans paid")}
    services.assign_classes(consumer_id=anna.pk, found=found, version=4, actor="rules:customers", at=now())
    shown = desk.get(page(anna)).content.decode()
    assert "Loyal" in shown
    assert "Rule “Several plans paid”, version 4" in shown
    assert reverse("admin:controls_rules_version", args=[CUSTOMERS, 4]) in shown


def test_a_class_is_pinned_and_let_go_once(desk, anna):
    for _press in range(2):
        assert desk.post(act("pin", anna), pin_form()).status_code == 302
    anna.refresh_from_db()
    assert (class_of(anna, "risk_class"), pins_of(anna), ClassChange.objects.count()) == ("high", {"risk_class"}, 1)
    shown = desk.get(page(anna)).content.decode()
    assert "Pinned by" in shown
    assert "Known to us" in shown
    gone = desk.post(act("unpin", anna), {"axis": "risk_class", "risk_class-reason": "Settled", "once": f"{ONCE}2"})
    assert gone.status_code == 302
    anna.refresh_from_db()
    assert pins_of(anna) == frozenset()
    # No rule holds in this test, so that nothing gives a class.
    assert class_of(anna, "risk_class") is None
    assert [one.reason for one in list_class_changes(anna)] == ["", "Settled", "Known to us"]


def test_what_is_missing_is_named_and_changes_nothing(desk, anna):
    answer = desk.post(act("pin", anna), pin_form(**{"risk_class-reason": ""}))
    assert answer.status_code == 200
    assert "This field is required." in answer.content.decode()
    assert desk.post(act("pin", anna), pin_form(**{"risk_class-value": "nothing"})).status_code == 200
    assert ClassChange.objects.count() == 0


def test_who_may_not_pin_is_refused(anna):
    nora = enter(make_operator("nora@kvart.example", may=["view_person", "view_consumer"]))
    assert "Pin a class" not in nora.get(page(anna)).content.decode()
    for name in ("pin", "unpin"):
        assert nora.post(act(name, anna), pin_form()).status_code == 403
    assert nora.get(LIST).status_code == 403
    assert ClassChange.objects.count() == 0


def test_classes_are_listed_added_and_renamed(desk):
    shown = desk.get(LIST).content.decode()
    assert "Risk class" in shown
    assert "Returning" in shown
    form = {"axis": "region", "code": "capital", "title_en": "Capital", "title_da": "Hovedstaden", "once": ONCE}
    for _press in range(2):
        assert desk.post(LIST, form).status_code == 302
    assert CustomerClass.objects.get(code="capital").titles == {"en": "Capital", "da": "Hovedstaden"}
    answer = desk.post(LIST, form | {"code": "No Good", "once": f"{ONCE}3"})
    assert "use small letters" in answer.content.decode()
    renamed = desk.post(f"{LIST}of/region/capital/", {"title_en": "Copenhagen", "once": f"{ONCE}4"})
    assert renamed.status_code == 302
    assert "Copenhagen" in desk.get(LIST).content.decode()
    assert desk.get(f"{LIST}of/region/nowhere/").status_code == 404


def test_a_rule_is_limited_to_a_group_and_gives_a_class_by_drop_downs(desk, rita):
    made = controls.start_draft(kind=CUSTOMERS, user=rita, at=now())
    shown = desk.get(reverse("admin:controls_rules_new", args=[CUSTOMERS, made.number, "rule"])).content.decode()
    assert '<optgroup label="Risk class">' in shown
    assert "Staff of ours" in shown
    assert '<datalist id="known-market">' in shown
    assert '<select id="rule-group" name="group">' in shown


def test_pages_cost_the_same_with_more_history(desk, anna, rita):
    def counted():
        found = []
        for address in (page(anna), LIST):
            desk.get(address)
            with CaptureQueriesContext(connection) as asked:
                assert desk.get(address).status_code == 200
            found.append(count_but_the_clock(asked))
        return found

    services.pin_class(consumer_id=anna.pk, axis="group", value="staff", reason="x", user=rita, at=now())
    few = counted()
    for value in ("standard", "staff", "standard"):
        services.pin_class(consumer_id=anna.pk, axis="group", value=value, reason="x", user=rita, at=now())
    assert counted() == few
