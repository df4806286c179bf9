"""Settings in the back office: found, read, changed with a reason, and proposed where they take two people."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.settable import CODES_APART
from bnpl import env
from bnpl.installation import HIDDEN, MEANINGS
from bnpl.settable import SETTINGS
from controls import services
from controls.models import Proposal, SettingChange
from core.adjusting import value_of
from tests.api.counting import count_but_the_clock
from tests.operators import make_operator
from tests.shops import AT

BACKEND = "django.contrib.auth.backends.ModelBackend"
ONCE = "a-key-of-one-form-0123456789"
LIST = "/admin/controls/settingchange/"
KEEP = "core.keep_events_days"

pytestmark = pytest.mark.django_db


@pytest.fixture
def adam(db):
    return make_operator("adam@kvart.example", may=["change_setting", "propose_setting"])


def enter(user) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


@pytest.fixture
def desk(adam):
    return enter(adam)


def page_of(name):
    return reverse("admin:controls_setting", args=[name])


def form(**changes):
    return {"value": "60", "reason": "Codes cost money", "seen": "0", "once": ONCE} | changes


def test_the_list_shows_all_and_finds_some(desk):
    whole = desk.get(LIST).content.decode()
    assert "Wait before a code is sent again" in whole
    assert "30 seconds" in whole
    assert "Held orders become urgent" in whole
    found = desk.get(LIST, {"q": "code AGAIN"}).content.decode()
    assert "Wait before a code is sent again" in found
    assert "Held orders become urgent" not in found
    assert "Events inside the platform" in desk.get(LIST, {"q": "BNPL_KEEP_EVENTS_DAYS"}).content.decode()
    assert '<details class="desk-part" open>' not in whole
    assert '<details class="desk-part" open>' in found
    signing_in = desk.get(LIST, {"q": "signing in"}).content.decode()
    assert "Wait before a code is sent again" in signing_in, "the module's name finds its settings"
    assert "No setting fits" in desk.get(LIST, {"q": "nothing like it"}).content.decode()


def test_a_setting_is_changed_with_a_reason_once(desk):
    for _press in range(2):
        answer = desk.post(page_of(CODES_APART.name), form())
        assert (answer.status_code, answer.url) == (302, page_of(CODES_APART.name))
    assert [(one.value, one.reason) for one in SettingChange.objects.all()] == [(60, "Codes cost money")]
    assert "1 changed" in desk.get(LIST).content.decode()
    page = desk.get(page_of(CODES_APART.name)).content.decode()
    assert "60 seconds" in page
    assert "Codes cost money" in page
    assert "Back to the default" in page


def test_a_bad_value_names_its_field_and_changes_nothing(desk):
    for value, said in [("5", "is outside 10 to 600"), ("x", "Enter a whole number."), ("", "This field is required.")]:
        answer = desk.post(page_of(CODES_APART.name), form(value=value, once=f"{ONCE}{value or 'none'}"))
        assert answer.status_code == 200
        assert said in str(answer.context["form"].errors["value"]), value
    answer = desk.post(page_of(CODES_APART.name), form(reason=" "))
    assert set(answer.context["form"].errors) == {"reason"}
    assert SettingChange.objects.count() == 0


def test_back_to_the_default_needs_no_value(desk, adam):
    services.change_setting(name=CODES_APART.name, value=60, reason="x", seen=0, user=adam, at=AT)
    seen = str(SettingChange.objects.get().pk)
    answer = desk.post(page_of(CODES_APART.name), form(value="", seen=seen, default="1"))
    assert answer.status_code == 302
    assert value_of(CODES_APART) == 30


def test_who_saw_an_older_value_is_told(desk, adam):
    services.change_setting(name=CODES_APART.name, value=90, reason="x", seen=0, user=adam, at=AT)
    answer = desk.post(page_of(CODES_APART.name), form())
    assert "Somebody changed this setting meanwhile" in answer.content.decode()
    assert value_of(CODES_APART) == 90


def test_a_dangerous_setting_is_proposed(desk):
    answer = desk.post(page_of(KEEP), form(value="45", reason="Disks are full"))
    assert answer.status_code == 302
    assert (SettingChange.objects.count(), Proposal.objects.get().after) == (0, {"value": 45})
    assert desk.get(LIST).content.decode().count("A change is proposed") == 2, "at the module, and at the setting"
    page = desk.get(page_of(KEEP)).content.decode()
    assert "A change is proposed" in page
    assert "Propose this value" not in page
    paul = make_operator("paul@kvart.example", may=["approve_setting"])
    shown = enter(paul).get(reverse("admin:controls_proposal_change", args=[Proposal.objects.get().pk])).content.decode()
    assert "45 days" in shown
    assert "90 days" in shown


def test_who_may_only_look_changes_nothing(db):
    nora = enter(make_operator("nora@kvart.example", may=["view_settingchange"]))
    assert "Change the value" not in nora.get(page_of(CODES_APART.name)).content.decode()
    assert nora.post(page_of(CODES_APART.name), form()).status_code == 403
    other = enter(make_operator("otto@kvart.example", may=["view_order"]))
    assert (other.get(LIST).status_code, other.get(page_of(CODES_APART.name)).status_code) == (403, 403)
    assert SettingChange.objects.count() == 0


def test_an_unknown_setting_is_not_found(desk):
    assert desk.get(page_of("accounts.nothing")).status_code == 404


def counted(desk):
    found = []
    for address in (LIST, page_of(CODES_APART.name)):
        value_of(CODES_APART)
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(address).status_code == 200
        found.append(count_but_the_clock(asked))
    return found


def test_pages_cost_the_same_with_more_changes(desk, adam):
    services.change_setting(name=CODES_APART.name, value=60, reason="x", seen=0, user=adam, at=AT)
    desk.get(LIST)
    few = counted(desk)
    for value in (70, 80, 90):
        seen = SettingChange.objects.latest("pk").pk
        services.change_setting(name=CODES_APART.name, value=value, reason="x", seen=seen, user=adam, at=AT)
    assert counted(desk) == few


def test_a_change_leads_to_its_setting(desk, adam):
    made = services.change_setting(name=CODES_APART.name, value=60, reason="x", seen=0, user=adam, at=AT)
    answer = desk.get(f"{LIST}{made.pk}/change/")
    assert (answer.status_code, answer.url) == (302, page_of(CODES_APART.name))


def test_the_installation_is_shown_without_its_secrets(desk, monkeypatch):
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_live_never_shown")
    monkeypatch.setenv("BNPL_CALLS_IN_FLIGHT", "12")
    page = desk.get(reverse("admin:controls_installation")).content.decode()
    assert "BNPL_CALLS_IN_FLIGHT" in page
    assert "the environment" in page
    for name in HIDDEN:
        value = env.get(name)
        assert not value or value not in page, name


def test_each_variable_is_a_setting_or_has_a_meaning():
    assert env.KNOWN.keys() - MEANINGS.keys() == {one.variable for one in SETTINGS if one.variable}
    assert HIDDEN <= MEANINGS.keys() <= env.KNOWN.keys()
    looks_secret = {name for name in env.KNOWN if any(word in name for word in ("KEY", "SECRET", "TOKEN", "DATABASE", "REDIS"))}
    assert looks_secret <= HIDDEN
