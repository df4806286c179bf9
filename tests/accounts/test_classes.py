"""Classes of people: given by rules on events, pinned by operators, with their history; read by rules for orders."""

import pytest
from django.db import DatabaseError, transaction

from accounts import services
from accounts.classes import class_of, class_title, groups_of, list_class_changes, pins_of
from accounts.models import ClassChange, Consumer, CustomerClass
from accounts.services.classes import Found
from controls.audit.models import AuditRow
from core.db import execute
from core.errors import Conflict, Forbidden, Invalid
from tests.operators import make_operator
from tests.shops import AT

pytestmark = pytest.mark.django_db
LOW = {"risk_class": Found("low", "risk-low", "Pays on time")}


@pytest.fixture
def rita(db):
    return make_operator("rita@kvart.example", may=["pin_class", "add_customerclass"])


@pytest.fixture
def anna(market_dk):
    return Consumer.objects.create(
        market=market_dk, locale="da-DK", time_zone="Europe/Copenhagen", email="anna@mail.example", email_hash="a" * 64, created_at=AT
    )


@pytest.fixture
def market_dk(db):
    from markets.queries import get_market

    return get_market("DK")


def assign(anna, found, version=3):
    made = services.assign_classes(consumer_id=anna.pk, found=found, version=version, actor="rules:customers", at=AT)
    anna.refresh_from_db()
    return made


def pin(anna, user, value="high", axis="risk_class", reason="Known to us"):
    made = services.pin_class(consumer_id=anna.pk, axis=axis, value=value, reason=reason, user=user, at=AT)
    anna.refresh_from_db()
    return made


def test_a_class_is_given_with_the_rule_that_gave_it(anna):
    assign(anna, LOW)
    change = list_class_changes(anna).get()
    assert (class_of(anna, "risk_class"), change.before, change.value) == ("low", "", "low")
    assert (change.rule, change.rule_name, change.version, change.actor) == ("risk-low", "Pays on time", 3, "rules:customers")
    row = AuditRow.objects.get(act="accounts.class_changed")
    assert (row.about, row.facts["value"], row.facts["version"]) == ([str(anna.pk)], "low", 3)


def test_the_same_again_changes_nothing(anna):
    assign(anna, LOW)
    assert assign(anna, LOW, version=4) == []
    assert ClassChange.objects.count() == 1


def test_where_no_rule_holds_there_is_no_class(anna):
    assign(anna, LOW)
    assign(anna, {})
    assert class_of(anna, "risk_class") is None
    assert [one.value for one in list_class_changes(anna)] == ["", "low"]


def test_a_pinned_class_stays_until_it_is_let_go(anna, rita):
    pin(anna, rita)
    assign(anna, LOW)
    assert (class_of(anna, "risk_class"), pins_of(anna)) == ("high", {"risk_class"})
    services.unpin_class(consumer_id=anna.pk, axis="risk_class", reason="Settled", user=rita, at=AT)
    anna.refresh_from_db()
    assert (class_of(anna, "risk_class"), pins_of(anna)) == ("high", frozenset())
    assign(anna, LOW)
    assert class_of(anna, "risk_class") == "low"
    assert [(one.pinned, one.reason) for one in list_class_changes(anna)] == [(False, ""), (False, "Settled"), (True, "Known to us")]


def test_pinning_is_refused(anna, rita):
    nora = make_operator("nora@kvart.example", may=["view_person"])
    with pytest.raises(Forbidden):
        pin(anna, nora)
    with pytest.raises(Invalid) as refused:
        pin(anna, rita, value="nothing")
    assert set(refused.value.fields) == {"value"}
    with pytest.raises(Invalid) as refused:
        pin(anna, rita, reason=" ")
    assert set(refused.value.fields) == {"reason"}
    with pytest.raises(Invalid):
        pin(anna, rita, axis="mood")
    with pytest.raises(Conflict):
        services.unpin_class(consumer_id=anna.pk, axis="risk_class", reason="x", user=rita, at=AT)
    assert ClassChange.objects.count() == 0
    pin(anna, rita)
    with pytest.raises(Conflict):
        pin(anna, rita)
    assert ClassChange.objects.count() == 1


def test_all_accounts_of_a_person_have_its_classes(anna, market_dk, rita):
    where = {"market": market_dk, "locale": "da-DK", "time_zone": "Europe/Copenhagen"}
    other = Consumer.objects.create(**where, email="b@mail.example", email_hash="b" * 64, created_at=AT, person=anna)
    services.assign_classes(consumer_id=other.pk, found={"group": Found("staff", "r", "R")}, version=1, actor="rules:customers", at=AT)
    anna.refresh_from_db()
    other.refresh_from_db()
    assert groups_of(anna) == groups_of(other) == ("staff",)
    assert list_class_changes(other).get().consumer_id == anna.pk


def test_an_erased_person_gets_no_class(anna, rita):
    Consumer.objects.filter(pk=anna.pk).update(email_hash=anna.erased_hash, classes={})
    assert assign(anna, LOW) == []
    with pytest.raises(Conflict):
        pin(anna, rita)
    assert anna.classes == {}


def test_a_reason_is_kept_under_the_persons_key(anna, rita):
    pin(anna, rita, reason="Wrote to us on Monday")
    with transaction.atomic():
        stored = execute_one("SELECT reason FROM accounts_classchange")
    assert "Monday" not in stored


def execute_one(statement):
    from core.db import rows

    return rows(statement)[0][0]


def test_history_is_evidence(anna):
    assign(anna, LOW)
    tables = ("accounts_classchange", "accounts_customerclass")
    for statement in ("UPDATE accounts_classchange SET value = 'high'", *(f"DELETE FROM {table}" for table in tables)):
        with pytest.raises(DatabaseError), transaction.atomic():
            execute(statement)


def test_classes_are_added_and_renamed(rita):
    titles = {"en": "Students", "da": "Studerende", "sv": "", "de": ""}
    services.add_class(axis="group", code="students", titles=titles, user=rita, at=AT)
    assert (class_title("group", "students"), CustomerClass.objects.get(code="students").titles) == (
        "Students",
        {"en": "Students", "da": "Studerende"},
    )
    with pytest.raises(Conflict):
        services.add_class(axis="group", code="students", titles=titles, user=rita, at=AT)
    services.rename_class(axis="group", code="students", titles={"en": "Pupils"}, user=rita, at=AT)
    assert class_title("group", "students") == "Pupils"
    nora = make_operator("nora@kvart.example", may=["view_customerclass"])
    with pytest.raises(Forbidden):
        services.add_class(axis="group", code="more", titles=titles, user=nora, at=AT)
    acts = set(AuditRow.objects.filter(act__startswith="accounts.class_").values_list("act", flat=True))
    assert acts == {"accounts.class_made", "accounts.class_renamed"}


@pytest.mark.parametrize("code", ["", "Big", "1st", "a b", "a" * 31, "é"])
def test_a_bad_code_names_its_field(rita, code):
    with pytest.raises(Invalid) as refused:
        services.add_class(axis="group", code=code, titles={"en": "X"}, user=rita, at=AT)
    assert set(refused.value.fields) == {"code"}
    with pytest.raises(Invalid) as refused:
        services.add_class(axis="group", code="ok", titles={"da": "X"}, user=rita, at=AT)
    assert set(refused.value.fields) == {"title_en"}
