"""Where a person is signed in: browsers remembered by a cookie, seen, told of and signed out; and what asks once more who it is."""

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.devices.models import Device
from accounts.models import ConsumerRequest
from accounts.settable import CONSUMER_DAYS, CONSUMER_IDLE
from core.clock import wall
from portals import middleware
from portals.sessions import BEGAN, SEEN
from tests.portals.reading import text_of
from tests.portals.test_passkeys import told

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1"


def enter(to: str, browser: Client | None = None, **headers: str) -> Client:
    """Sign in with a code, in a new browser."""
    browser = browser or Client(headers=headers)
    there = browser.post("/sign-in", {"contact": to})["Location"]
    assert browser.post(there, {"code": "111111"})["Location"] == "/home"
    return browser


def is_in(browser: Client) -> bool:
    return browser.get("/profile").status_code == 200


def test_browsers_are_remembered_seen_told_of_and_signed_out(bought, email):
    to = email("+approve")
    anna = bought(5_000, email=to).consumer
    desk = enter(to)
    assert told() == []
    phone = enter(to, **{"User-Agent": PHONE})
    assert told() == ["new_device"]
    page = text_of(desk.get("/profile/sign-in"))
    assert "Safari, iPhone" in page
    assert "This browser" in page
    # The same browser again is no other device.
    cookie = desk.cookies["bnpl_device"]
    assert (bool(cookie["httponly"]), cookie["samesite"]) == (True, "Lax")
    desk.post("/sign-out")
    assert not is_in(desk)
    enter(to, desk)
    assert (Device.objects.count(), told()) == (2, ["new_device"])
    lost = Device.objects.get(name="Safari, iPhone")
    assert desk.post("/profile/sign-in/devices/end", {"device": lost.public_id})["Location"] == "/profile/sign-in"
    assert (is_in(desk), is_in(phone)) == (True, False)
    # Its cookie is worth nothing either: it signs in as another device.
    before = phone.cookies["bnpl_device"].value
    enter(to, phone)
    assert phone.cookies["bnpl_device"].value != before
    assert told() == ["new_device"] * 2
    desk.post("/profile/sign-in/devices/end-all")
    assert (is_in(desk), is_in(phone)) == (True, False)
    assert told()[-1] == "signed_out"
    assert Device.objects.filter(consumer=anna, ended_at=None).count() == 1


def test_a_session_counts_only_in_its_own_browser(bought, email):
    to = email("+approve")
    bought(5_000, email=to)
    own, thief = enter(to), Client()
    thief.cookies["bnpl_session"] = own.cookies["bnpl_session"].value
    assert not is_in(thief)
    stranger = email("+approve")
    bought(5_000, email=stranger)
    other = enter(stranger)
    device = Device.objects.latest("id")
    fresh = enter(to)
    assert fresh.post("/profile/sign-in/devices/end", {"device": device.public_id}).status_code == 404
    assert is_in(other)


def test_what_is_dangerous_asks_once_more_who_it_is(client, bought, sign_in, moment):
    anna = bought(5_000).consumer
    sign_in(client, anna, moment - timedelta(hours=1))
    for method, path, back in (("get", "/profile/copy", "/profile/privacy"), ("post", "/requests/new/closure", "/requests/new/closure")):
        answer = getattr(client, method)(path)
        assert answer["Location"] == f"/profile/sign-in/confirm?next={back.replace('/', '%2F')}"
    assert ConsumerRequest.objects.count() == 0
    client.post("/profile/sign-in/confirm/send")
    assert client.post("/profile/sign-in/confirm?next=/profile", {"code": "111111"})["Location"] == "/profile"
    assert client.get("/profile/copy")["Content-Disposition"].startswith("attachment")
    assert client.get("/requests/new/closure").status_code == 200


def test_a_session_ends_when_it_is_not_used_and_after_a_month(client, bought):
    consumer = bought().consumer
    for name, days in ((SEEN, CONSUMER_IDLE.default), (BEGAN, CONSUMER_DAYS.default)):
        browser = Client()
        browser.post("/sign-in", {"contact": consumer.email})
        browser.post("/sign-in/code", {"code": "111111"})
        assert "without use" in browser.get("/profile/sign-in").content.decode()
        for early, status in ((60, 200), (0, 302)):
            session = browser.session
            session[name], session["merchant"] = int(wall().timestamp()) - days * 86_400 + early, "kept"
            session.save()
            assert browser.get("/home").status_code == status
        assert {BEGAN, SEEN, "consumer"} & {*browser.session.keys()} == set()
        assert browser.session["merchant"] == "kept"


def test_over_tls_a_frame_has_cookies_of_its_own_and_the_pages_those_of_this_host_alone(monkeypatch, rf):
    monkeypatch.setattr(middleware, "HOSTS_OWN", {"__Host-bnpl_session"})
    monkeypatch.setattr(middleware, "is_framed", lambda _request: True)
    seen = []

    def page(request):
        seen.append(request.COOKIES)
        response = HttpResponse()
        response.set_cookie("__Host-bnpl_session", "new", secure=True)
        return response

    request = rf.get("/checkout/chk_1")
    request.COOKIES = {"framed_bnpl_session": "old", "framed_bnpl_opening": "x", "__Host-bnpl_session": "of the pages"}
    cookies = middleware.FrameCookies(page)(request).cookies
    assert seen == [{"__Host-bnpl_session": "old", "bnpl_opening": "x"}]
    assert (set(cookies), cookies["framed_bnpl_session"]["path"]) == ({"framed_bnpl_session"}, "/checkout/")
