"""Twilio's protocol, spoken by Twilio's own SDK."""

import re
from urllib.parse import urlsplit

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

ACCOUNT = "AC" + "5a" * 16
SERVICE = "VA" + "5a" * 16
PHONE = "+15005550111"


class Rerouted(TwilioHttpClient):
    """Sends what is meant for Twilio to the sandbox."""

    def __init__(self, base):
        super().__init__(timeout=30)
        self.base = base

    def request(self, method, url, *args, **kwargs):
        return super().request(method, self.base + urlsplit(url).path, *args, **kwargs)


@pytest.fixture
def twilio(world):
    return Client(ACCOUNT, "sandbox_twilio_token", http_client=Rerouted(world.url))


def send(twilio, to=PHONE, channel="sms"):
    return twilio.verify.v2.services(SERVICE).verifications.create(to=to, channel=channel)


def check(twilio, code, to=PHONE):
    return twilio.verify.v2.services(SERVICE).verification_checks.create(to=to, code=code)


def test_code_from_the_phone_is_approved_once(world, twilio):
    sent = send(twilio)
    assert (sent.status, sent.valid, sent.channel, sent.to) == ("pending", False, "sms", PHONE)
    text = world.get("/phone/api/messages", to=PHONE)["data"][0]["text"]
    code = re.match(r"\d{6}", text)[0]
    wrong = check(twilio, "000000" if code != "000000" else "000001")
    assert (wrong.status, wrong.valid) == ("pending", False)
    right = check(twilio, code)
    assert (right.status, right.valid, right.sid) == ("approved", True, sent.sid)
    with pytest.raises(TwilioRestException) as caught:
        check(twilio, code)
    assert (caught.value.status, caught.value.code) == (404, 20404)


def test_a_code_is_told_in_the_language_asked_for(world, twilio):
    twilio.verify.v2.services(SERVICE).verifications.create(to="ida@example.com", channel="email", locale="da")
    subject = world.get("/mailbox/api/messages", to="ida@example.com")["data"][0]["subject"]
    assert re.fullmatch(r"\d{6} er din engangskode", subject)


def test_code_by_mail(world, twilio):
    send(twilio, "ann@example.com", "email")
    subject = world.get("/mailbox/api/messages", to="ann@example.com")["data"][0]["subject"]
    assert re.fullmatch(r"\d{6} is your verification code", subject)
    assert check(twilio, subject[:6], "Ann@example.com").status == "approved"


def test_magic_codes(twilio):
    send(twilio)
    assert check(twilio, "999999").status == "pending"
    assert check(twilio, "111111").status == "approved"


def test_too_many_checks(twilio):
    send(twilio)
    for _ in range(5):
        assert check(twilio, "999999").status == "pending"
    with pytest.raises(TwilioRestException) as caught:
        check(twilio, "111111")
    assert (caught.value.status, caught.value.code) == (429, 60202)


def test_too_many_sends_and_the_window(world, twilio):
    for _ in range(5):
        send(twilio)
    with pytest.raises(TwilioRestException) as caught:
        send(twilio)
    assert (caught.value.status, caught.value.code) == (429, 60203)
    world.forward(601)
    assert send(twilio).status == "pending"


def test_code_lapses(world, twilio):
    send(twilio)
    world.forward(601)
    with pytest.raises(TwilioRestException) as caught:
        check(twilio, "111111")
    assert caught.value.status == 404


def test_bad_number_and_bad_token(world, twilio):
    with pytest.raises(TwilioRestException) as caught:
        send(twilio, "12")
    assert (caught.value.status, caught.value.code) == (400, 60200)
    stranger = Client(ACCOUNT, "wrong", http_client=Rerouted(world.url))
    with pytest.raises(TwilioRestException) as caught:
        send(stranger)
    assert (caught.value.status, caught.value.code) == (401, 20003)
    assert world.get("/phone/api/messages")["data"] == []


def test_messages(world, twilio):
    sent = twilio.messages.create(to=PHONE, from_="+15005550006", body="Pay $57.25 on Sunday")
    assert sent.status == "queued"
    assert twilio.messages(sent.sid).fetch().status == "delivered"
    assert world.get("/phone/api/messages", to=PHONE)["data"][0]["text"] == "Pay $57.25 on Sunday"
    with pytest.raises(TwilioRestException) as caught:
        twilio.messages.create(to=PHONE, body="x")
    assert caught.value.code == 21603


def test_keys_are_seen_to_be_right(world, twilio):
    assert twilio.api.accounts(ACCOUNT).fetch().status == "active"
    assert twilio.verify.v2.services(SERVICE).fetch().sid == SERVICE
    for wrong in (Client(ACCOUNT, "wrong", http_client=Rerouted(world.url)).api.accounts(ACCOUNT), twilio.api.accounts("AC" + "1" * 32)):
        with pytest.raises(TwilioRestException):
            wrong.fetch()
