"""The second factor of who works here: nothing opens to a password alone, codes work once, wrong ones come to an end, all is told."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from accounts.factors.models import Authenticator, Passkey, RecoveryCode
from accounts.models import User
from accounts.settable import STAFF_HOURS, STAFF_IDLE
from accounts.signing import SEEN, SHOWN, SINCE
from controls.models import AuditRow, Proposal
from controls.services import approve_proposal
from core.clock import wall
from core.errors import DomainError
from core.models import OutboxEvent
from tests.authenticator import Authenticator as Device
from tests.codes import code_of
from tests.operators import make_boss
from tests.portals.reading import asked_again, text_of

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "correct-horse-battery"
PAGE = "/staff/second-factor"


@pytest.fixture
def clerk() -> User:
    """An operator."""
    return make_boss("otto@bnpl.example", PASSWORD)


def give_password(browser: Client | None = None) -> Client:
    browser = browser or Client()
    answer = browser.post("/admin/login/?next=/admin/", {"username": "otto@bnpl.example", "password": PASSWORD})
    assert answer["Location"] == "/admin/"
    return browser


def set_up(browser: Client, user: User) -> list[str]:
    browser.post(f"{PAGE}/begin")
    page = browser.get(PAGE).content.decode()
    assert Authenticator.objects.get(user=user).secret in page
    assert "data:image/svg+xml" in page
    codes = browser.post(f"{PAGE}/confirm", {"code": code_of(user.email, steps=-1)}).context["codes"]
    assert (len(codes), len(set(codes)), RecoveryCode.objects.count()) == (10, 10, 10)
    return list(codes)


def told() -> list[str]:
    found = OutboxEvent.objects.filter(name="accounts.staff_factor_changed").order_by("id")
    return [one["what"] for one in found.values_list("payload", flat=True)]


def test_an_app_with_codes_is_set_up_asked_for_and_removed(clerk):
    browser = give_password()
    assert browser.get("/admin/").status_code == 200
    codes = set_up(browser, clerk)
    assert codes[0] not in browser.get(PAGE).content.decode()
    other = give_password()
    for path in ("/admin/", "/admin/accounts/user/", "/merchant/"):
        assert other.get(path)["Location"].startswith(f"{PAGE}?next=")
    assert other.post("/admin/accounts/user/add/", {"email": "x@y.example"})["Location"].startswith(PAGE)
    # The session that waits for its code sets up, shows and removes nothing.
    for act in ("begin", "confirm", "remove"):
        other.post(f"{PAGE}/{act}", {"code": codes[0]})
    assert (Authenticator.objects.get().ended_at, RecoveryCode.objects.filter(used_at=None).count()) == (None, 10)
    # The code that set it up is used up.
    asked_again(other.post(PAGE, {"code": code_of(clerk.email, steps=-1)}))
    key = other.session.session_key
    assert other.post(f"{PAGE}?next=/admin/accounts/user/", {"code": code_of(clerk.email)})["Location"] == "/admin/accounts/user/"
    assert other.session.session_key != key
    assert other.get("/admin/").status_code == 200
    again = give_password()
    assert "not the present code" in text_of(asked_again(again.post(PAGE, {"code": code_of(clerk.email)})))
    assert again.get("/admin/").status_code == 302
    # A recovery code opens once, however it is typed.
    assert again.post(PAGE, {"code": codes[0].upper().replace("-", " ")})["Location"] == "/admin/"
    assert again.get("/admin/").status_code == 200
    asked_again(give_password().post(PAGE, {"code": codes[0]}))
    again.post(f"{PAGE}/remove", {"code": codes[1]})
    assert give_password().get("/admin/").status_code == 200
    assert told() == ["app_added", "recovery_used", "recovery_used", "app_removed"]


def test_wrong_codes_come_to_an_end_and_recovery_codes_still_open(clerk):
    codes = set_up(give_password(), clerk)
    browser = give_password()
    for _ in range(5):
        asked_again(browser.post(PAGE, {"code": "000000"}))
    assert "too many wrong codes" in text_of(asked_again(browser.post(PAGE, {"code": code_of(clerk.email)})))
    assert browser.get("/admin/").status_code == 302
    assert browser.post(PAGE, {"code": codes[0]})["Location"] == "/admin/"


def test_where_it_is_required_a_password_opens_only_the_page_that_sets_it_up(clerk, monkeypatch):
    monkeypatch.setattr("accounts.signing.value_of", lambda _setting: 1)
    browser = give_password()
    assert browser.get("/admin/")["Location"] == f"{PAGE}?next=%2Fadmin%2F"
    assert "Whoever works here needs an app with codes" in text_of(browser.get(PAGE))
    set_up(browser, clerk)
    assert browser.get("/admin/").status_code == 200
    assert Client().get(PAGE)["Location"] == "/merchant/sign-in"


def signed_in() -> int:
    return AuditRow.objects.filter(act="accounts.user_signed_in").count()


def test_other_sessions_end_with_each_change_and_when_the_user_or_an_administrator_ends_them(clerk):
    first, other = give_password(), give_password()
    assert signed_in() == 2
    set_up(first, clerk)
    # The present session goes on; the one from before ended, and another is no sign-in until its code is given.
    assert (first.get("/admin/").status_code, other.get("/admin/").status_code) == (200, 302)
    other = give_password()
    assert signed_in() == 2
    other.post(PAGE, {"code": code_of(clerk.email)})
    assert (signed_in(), other.get("/admin/").status_code) == (3, 200)
    other.post("/staff/sign-out-others")
    assert (other.get("/admin/").status_code, first.get("/admin/").status_code) == (200, 302)
    boss = Client()
    boss.force_login(make_boss("bo@bnpl.example"))
    page = boss.get(f"/admin/accounts/user/{clerk.pk}/change/")
    assert "Has an app with codes." in text_of(page)
    boss.post(f"/admin/accounts/user/{clerk.pk}/sign-out/")
    assert other.get("/admin/").status_code == 302
    assert told()[-2:] == ["signed_out", "signed_out"]


def test_a_session_ends_when_it_is_not_used_and_after_a_working_day(clerk):
    for name, seconds in ((SEEN, STAFF_IDLE.default * 60), (SINCE, STAFF_HOURS.default * 3600)):
        browser = give_password()
        for early, status in ((30, 200), (0, 302)):
            session = browser.session
            session[name], session["consumer"] = int(wall().timestamp()) - seconds + early, "con_x"
            session.save()
            assert browser.get("/admin/").status_code == status
            if status == 200:
                # It is used, which counts.
                assert browser.session[SEEN] >= int(wall().timestamp()) - 5
        assert "_auth_user_id" not in browser.session
        assert browser.session["consumer"] == "con_x"


def test_a_passkey_takes_the_place_of_the_code_and_is_only_its_users_own(clerk):
    browser, device = give_password(), Device()
    make, use = "/staff/passkeys/options", "/staff/passkeys/use/options"
    # It needs an app, and a second factor given a moment ago.
    assert browser.post(make).status_code == 403
    codes = set_up(browser, clerk)
    session = browser.session
    session[SHOWN] -= 3_600
    session.save()
    assert browser.post(make).status_code == 403
    assert "enter a code of your app first" in text_of(browser.get(PAGE))
    browser.post(PAGE, {"code": code_of(clerk.email)})
    before = give_password()
    before.post(PAGE, {"code": codes[0]})
    made = device.make(json.loads(browser.post(make).content))
    browser.post("/staff/passkeys", {"answer": made})
    assert "Passkeys" in text_of(browser.get(PAGE))
    assert (browser.get("/admin/").status_code, before.get("/admin/").status_code) == (200, 302)
    again = give_password()
    assert again.post(make).status_code == 403
    again.post("/staff/passkeys/remove", {"passkey": Passkey.objects.get().public_id})
    asked_again(again.post("/staff/passkeys/use", {"answer": "{}"}))
    stranger = Device()
    asked_again(again.post("/staff/passkeys/use", {"answer": stranger.use(json.loads(again.post(use).content))}))
    assert again.get("/admin/").status_code == 302
    key, said = again.session.session_key, device.use(json.loads(again.post(use).content))
    assert again.post("/staff/passkeys/use?next=/admin/accounts/user/", {"answer": said})["Location"] == "/admin/accounts/user/"
    assert (again.get("/admin/").status_code, again.session.session_key != key) == (200, True)
    # Another user's passkey opens nobody else's session, and nobody removes it.
    other = Client()
    other.force_login(make_boss("bo@bnpl.example"))
    asked_again(other.post("/staff/passkeys/use", {"answer": device.use(json.loads(other.post(use).content))}))
    again.post("/staff/passkeys/remove", {"passkey": Passkey.objects.get().public_id})
    assert Passkey.objects.get().ended_at is not None
    assert told() == ["app_added", "recovery_used", "passkey_added", "passkey_removed"]


def test_a_lost_second_factor_is_given_up_by_two_other_people(clerk):
    browser = give_password()
    set_up(browser, clerk)
    anna, bo, page = make_boss("anna@bnpl.example"), make_boss("bo@bnpl.example"), f"/admin/accounts/user/{clerk.pk}/change/"
    act = f"/admin/accounts/user/{clerk.pk}/lost-factor/"
    assert "Propose that they set up another" not in text_of(browser.get(page))
    assert browser.post(act, {"why": "lost"}).status_code == 403
    maker = Client()
    maker.force_login(anna)
    assert "Propose that they set up another" in text_of(maker.get(page))
    maker.post(act, {"why": " "})
    assert not Proposal.objects.exists()
    maker.post(act, {"why": "Her phone fell into the sea; I saw her passport."})
    waiting = Proposal.objects.get()
    assert "Another person decides about it" in text_of(maker.get(page))
    for nobody in (anna, clerk):
        with pytest.raises(DomainError):
            approve_proposal(proposal_id=waiting.pk, user=nobody, at=wall())
    assert browser.get("/admin/").status_code == 200
    approve_proposal(proposal_id=waiting.pk, user=bo, at=wall())
    assert Authenticator.objects.get().ended_at is not None
    assert browser.get("/admin/").status_code == 302
    assert give_password().get("/admin/").status_code == 200
    assert told() == ["app_added", "app_removed"]


def test_who_has_not_signed_in_for_long_is_listed(clerk):
    browser = give_password()
    for name, days in (("left", 91), ("here", 89)):
        user = make_boss(f"{name}@bnpl.example")
        User.objects.filter(pk=user.pk).update(last_login=wall() - timedelta(days=days))
    page = text_of(browser.get("/admin/accounts/user/?away=90"))
    assert "left@bnpl.example" in page
    assert "here@bnpl.example" not in page
