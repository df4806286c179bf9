"""Settings that operators change: by one person or by two, with a history, and read without a query."""

import re
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as installation
from django.db import IntegrityError, InternalError, connections, transaction
from django.db.utils import DatabaseError

from accounts.services import send_code
from accounts.settable import CODES_APART, PASSWORD_TRIES
from bnpl.retentions import RETENTIONS, old
from bnpl.settable import SETTINGS
from checkout.queries import urgent_percents
from checkout.settable import HELD_URGENT, HELD_VERY_URGENT
from controls import services
from controls.audit.models import AuditRow
from controls.errors import AlreadyProposed, Changed, OnePerson
from controls.models import Proposal, SettingChange
from controls.proposals import SettingValue
from controls.services import adjusting
from core.adjusting import find_by_variable, get_setting, value_of
from core.db import execute, rows
from core.errors import Forbidden, Invalid, NotFound, TooMany
from core.remembered import Remembered
from core.settable import API_CALLS
from tests.operators import make_operator
from tests.shops import AT

pytestmark = pytest.mark.django_db
KEEP = "core.keep_events_days"


@pytest.fixture
def adam(db):
    return make_operator("adam@kvart.example", may=["change_setting", "propose_setting"])


@pytest.fixture
def paul(db):
    return make_operator("paul@kvart.example", may=["approve_setting"])


def changed(user, name=CODES_APART.name, value=60, *, reason="Codes cost money", seen=0, at=AT):
    return services.change_setting(name=name, value=value, reason=reason, seen=seen, user=user, at=at)


def proposed(user, name=KEEP, value=40, *, reason="Disks are full", seen=0, at=AT):
    return services.propose_setting(name=name, value=value, reason=reason, seen=seen, user=user, at=at)


def test_a_change_holds_and_keeps_who_when_and_why(adam):
    assert value_of(CODES_APART) == 30
    made = changed(adam)
    assert value_of(CODES_APART) == 60
    assert (made.before, made.value, made.actor, made.at, made.reason) == (30, 60, str(adam.pk), AT, "Codes cost money")
    row = AuditRow.objects.get(act="controls.setting_changed")
    assert (row.actor, row.about, row.facts) == (str(adam.pk), [CODES_APART.name], {"value": 60, "before": 30})


def test_a_change_steers_what_it_is_about(adam, sandbox_world):
    told = {"destination": "anna@mail.example", "channel": "email", "device": "browser"}
    send_code(**told, at=AT)
    send_code(**told, at=AT + timedelta(seconds=31))
    changed(adam, value=120)
    with pytest.raises(TooMany):
        send_code(**told, at=AT + timedelta(seconds=62))


def test_back_to_the_default_follows_the_default(adam, settings):
    first = changed(adam, API_CALLS.name, 100)
    assert value_of(API_CALLS) == 100
    changed(adam, API_CALLS.name, None, seen=first.pk)
    settings.API_CALLS_PER_MINUTE = 7
    assert value_of(API_CALLS) == 7


@pytest.mark.parametrize("value", [9, 601, -1, 10**12, True, "60", 30.5])
def test_a_value_out_of_bounds_names_the_field(adam, value):
    with pytest.raises(Invalid) as refused:
        changed(adam, value=value)
    assert set(refused.value.fields) == {"value"}
    assert (SettingChange.objects.count(), value_of(CODES_APART)) == (0, 30)


def test_a_change_needs_a_reason_a_permission_and_a_difference(adam, paul):
    with pytest.raises(Invalid) as refused:
        changed(adam, reason="  ")
    assert set(refused.value.fields) == {"reason"}
    with pytest.raises(Forbidden):
        changed(paul)
    with pytest.raises(Invalid):
        changed(adam, value=30)
    with pytest.raises(NotFound):
        changed(adam, name="accounts.nothing")
    assert SettingChange.objects.count() == 0


def test_who_did_not_see_the_last_change_changes_nothing(adam):
    changed(adam)
    with pytest.raises(Changed):
        changed(adam, value=90)
    assert value_of(CODES_APART) == 60


def test_a_dangerous_setting_takes_two_people(adam, paul, settings):
    with pytest.raises(Forbidden):
        changed(adam, KEEP, 40)
    key = proposed(adam)
    assert value_of(get_setting(KEEP)) == 90
    both = make_operator("both@kvart.example", may=["propose_setting", "approve_setting"])
    with pytest.raises(Forbidden):
        services.approve_proposal(proposal_id=key, user=adam, at=AT)
    with pytest.raises(AlreadyProposed):
        proposed(both, value=50)
    done = services.approve_proposal(proposal_id=key, user=paul, at=AT)
    made = SettingChange.objects.get()
    assert (value_of(get_setting(KEEP)), made.value, made.before, made.actor) == (40, 40, 90, f"proposal:{done.public_id}")
    events = next(one for one in RETENTIONS if one.model._meta.label == "core.OutboxEvent")
    assert events.days == 40
    assert "interval '40 days'" in old()


def smuggle(name=KEEP, value=40, actor=None):
    """Write a change past the services, as somebody with the application's password would."""
    actor = actor or f"proposal:{Proposal.objects.last().public_id}"
    with transaction.atomic():
        SettingChange.objects.create(name=name, value=value, before=90, reason="x", actor=actor, at=AT)


def test_the_database_takes_a_dangerous_setting_from_two_people_only(adam, paul):
    key = proposed(adam)
    for how in ({}, {"actor": str(paul.pk)}, {"name": "core.unknown"}):
        with pytest.raises(IntegrityError, match="no two operators agreed"):
            smuggle(**how)
    services.approve_proposal(proposal_id=key, user=paul, at=AT)
    with pytest.raises(IntegrityError, match="no two operators agreed"):
        smuggle()
    assert SettingChange.objects.count() == 1


@pytest.mark.parametrize("how", [{"value": 41}, {"value": None}, {"name": "core.keep_calls_days"}, {"actor": "adam"}])
def test_a_signed_proposal_serves_for_its_own_value_alone(adam, paul, monkeypatch, how):
    monkeypatch.setattr(adjusting, "_write", lambda *_told, **_how: smuggle(**how))
    with pytest.raises(IntegrityError, match="no two operators agreed"):
        services.approve_proposal(proposal_id=proposed(adam), user=paul, at=AT)


def test_the_database_knows_the_dangerous_settings():
    known = {one.name: rows("SELECT public.setting_takes_one(%s)", [one.name])[0][0] for one in SETTINGS}
    assert known == {one.name: not one.dangerous for one in SETTINGS}


def test_who_may_both_still_needs_another(db):
    both = make_operator("both@kvart.example", may=["propose_setting", "approve_setting"])
    key = proposed(both)
    with pytest.raises(OnePerson):
        services.approve_proposal(proposal_id=key, user=both, at=AT)
    assert SettingChange.objects.count() == 0


def test_an_agreed_change_back_to_the_default(adam, paul):
    services.approve_proposal(proposal_id=proposed(adam), user=paul, at=AT)
    back = proposed(adam, value=None, seen=SettingChange.objects.get().pk)
    assert Proposal.objects.get(pk=back).before == {"value": 40}
    services.approve_proposal(proposal_id=back, user=paul, at=AT)
    assert value_of(get_setting(KEEP)) == 90


def test_a_setting_that_one_person_changes_is_not_proposed(adam):
    with pytest.raises(Forbidden):
        proposed(adam, name=CODES_APART.name, value=60)
    with pytest.raises(Invalid):
        services.propose(
            kind=adjusting.PROPOSED, subject=CODES_APART.name, after={"value": 60}, reason="x", starts_on=None, user=adam, at=AT
        )
    assert Proposal.objects.count() == 0


def test_a_proposal_out_of_bounds_is_refused(adam):
    with pytest.raises(Invalid) as refused:
        proposed(adam, value=29)
    assert set(refused.value.fields) == {"value"}


def test_history_is_never_changed_nor_lost(adam):
    changed(adam)
    for statement in ("UPDATE controls_settingchange SET value = 20", "DELETE FROM controls_settingchange"):
        with pytest.raises((InternalError, DatabaseError)), transaction.atomic():
            execute(statement)
    assert SettingChange.objects.get().value == 60


def test_a_value_that_an_update_put_out_of_bounds_does_not_hold(adam):
    changed(adam)
    execute(
        "INSERT INTO controls_settingchange (name, value, before, reason, actor, at) VALUES (%s, 5, 60, 'x', 'y', now())",
        [CODES_APART.name],
    )
    adjusting.changed_values.forget()
    assert value_of(CODES_APART) == 30


def test_reading_costs_one_query_and_then_none(adam, django_assert_num_queries):
    changed(adam)
    with django_assert_num_queries(1):
        value_of(CODES_APART)
    with django_assert_num_queries(0):
        assert [value_of(one) for one in SETTINGS]


def test_what_another_process_changed_holds_after_some_seconds(adam, monkeypatch):
    adjusting.changed_values.forget()
    assert value_of(PASSWORD_TRIES) == 5
    SettingChange.objects.create(name=CODES_APART.name, value=45, before=30, reason="Elsewhere", actor="x", at=AT)
    assert value_of(CODES_APART) == 30
    monkeypatch.setattr(Remembered, "expires", True)
    monkeypatch.setattr(adjusting.changed_values, "seconds", -1)
    assert value_of(CODES_APART) == 45


@pytest.mark.django_db(transaction=True)
def test_of_two_who_change_at_once_one_is_told():
    adam = make_operator("adam@kvart.example", may=["change_setting"])
    start, told = threading.Barrier(2), []

    def change(value):
        start.wait()
        try:
            told.append(changed(adam, value=value).value)
        except Changed:
            told.append("changed meanwhile")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=change, args=(value,)) for value in (60, 90)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert max(map(str, told)) == "changed meanwhile"
    assert SettingChange.objects.count() == 1


def test_each_setting_is_well_declared():
    assert len({one.name for one in SETTINGS}) == len(SETTINGS)
    for one in SETTINGS:
        assert one.fault(one.default) == "", one.name
        assert one.fault(one.base) == "", one.name
        assert one.name.count(".") == 1
        assert len(one.name) <= 60
        assert str(one.title)
        assert str(one.about).endswith(".")
        assert str(one.why).endswith(".")
    assert HELD_URGENT.most < HELD_VERY_URGENT.least
    assert urgent_percents() == (50, 80)


def test_each_retention_has_a_setting_that_respects_its_floor():
    for one in RETENTIONS:
        setting = find_by_variable(one.setting)
        assert setting.least >= one.floor, one.setting
        assert setting.dangerous
        assert setting.default == installation.KEEP_DAYS[one.setting]


def test_each_setting_is_read_by_somebody():
    """A setting that nothing reads would be a switch without a wire."""
    root = Path(installation.BASE_DIR)
    folders = sorted({one.name.partition(".")[0] for one in SETTINGS})
    code = "\n".join(path.read_text() for app in folders for path in (root / app).rglob("*.py"))
    read = set(re.findall(r"value_of\((\w+)\)", code))
    for app in folders:
        declared = re.findall(r"^([A-Z_]+) = Setting\(", (root / app / "settable.py").read_text(), re.MULTILINE)
        assert set(declared) <= read, app


def test_a_past_proposal_about_a_setting_that_is_gone_is_read_by_its_name():
    kind = SettingValue()
    assert kind.subject_name("credit.overrule_alone_usd") == "credit.overrule_alone_usd"
    assert [kind.words("credit.overrule_alone_usd", "value", value)[1] for value in (500, None)] == ["500", "–"]
