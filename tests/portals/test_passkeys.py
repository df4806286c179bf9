"""Passkeys: added by who has just shown who they are, used with one touch, never by anybody else, and told by letter."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from accounts.factors.models import Passkey, PasskeyUse
from accounts.models import Consumer
from core.models import OutboxEvent
from tests.authenticator import PRESENT, Authenticator
from tests.portals.reading import asked_again, text_of

pytestmark = pytest.mark.django_db(transaction=True)

REFUSED = "That passkey does not sign you in here. Use a one-time code instead."


@pytest.fixture
def anna(bought) -> Consumer:
    """A person who has bought once."""
    return bought(5_000).consumer


def asked(browser: Client, path: str) -> dict:
    answer = browser.post(path)
    assert answer.status_code == 200, answer.headers
    return json.loads(answer.content)


def add(browser: Client, device: Authenticator) -> None:
    made = device.make(asked(browser, "/profile/sign-in/passkeys/options"))
    assert browser.post("/profile/sign-in/passkeys", {"answer": made})["Location"] == "/profile/sign-in"


def enter(browser: Client, device: Authenticator):
    return browser.post("/sign-in/passkey?next=/limit", {"answer": device.use(asked(browser, "/sign-in/passkey/options"))})


def told() -> list[str]:
    return [
        one["what"] for one in OutboxEvent.objects.filter(name="accounts.security_changed").order_by("id").values_list("payload", flat=True)
    ]


def test_a_passkey_is_added_signs_in_with_one_touch_and_is_removed(client, anna, sign_in, moment):
    device = Authenticator()
    add(sign_in(client, anna), device)
    page = text_of(client.get("/profile/sign-in"))
    assert "Passkeys" in page
    assert "Remove" in page
    other = Client()
    before = asked(other, "/sign-in/passkey/options")
    assert before["allowCredentials"] == []
    key = other.session.session_key
    assert enter(other, device)["Location"] == "/limit"
    assert (other.session["consumer"], other.session["consumer_how"], other.session.session_key != key) == (anna.public_id, "passkey", True)
    assert other.get("/limit").status_code == 200
    row = Passkey.objects.get()
    assert (row.consumer_id, row.host, row.sign_count, row.used_at is not None) == (anna.pk, "testserver", 1, True)
    other.post("/profile/sign-in/passkeys/remove", {"passkey": row.public_id})
    assert told() == ["passkey_added", "passkey_removed"]
    assert REFUSED in text_of(asked_again(enter(Client(), device)))


def test_what_shows_nobody_signs_nobody_in(client, anna, sign_in):
    """Another key, elsewhere, without the person, something else, what was said before, too late, a copied key: refused in one sentence."""
    device, foreign = Authenticator(), Authenticator()
    add(sign_in(client, anna), device)
    elsewhere, absent, copied = Authenticator("http://evil.example"), Authenticator(), Authenticator()
    for twin in (elsewhere, absent, copied):
        twin.key, twin.id = device.key, device.id
    absent.flags = PRESENT
    for bad in (foreign, elsewhere, absent):
        browser = Client()
        assert REFUSED in text_of(asked_again(enter(browser, bad)))
        assert "consumer" not in browser.session
    browser = Client()
    options = asked(browser, "/sign-in/passkey/options")
    said = device.use(options)
    asked(browser, "/sign-in/passkey/options")
    assert REFUSED in text_of(asked_again(browser.post("/sign-in/passkey", {"answer": said})))
    for answer in ("", "{}", "x" * 30_000, json.dumps({"id": "", "rawId": "", "type": "public-key", "response": {}})):
        asked(browser, "/sign-in/passkey/options")
        assert REFUSED in text_of(asked_again(browser.post("/sign-in/passkey", {"answer": answer})))
    assert PasskeyUse.objects.count() == 0
    assert enter(browser, device).status_code == 302
    # A copy of the key counts from the start again.
    assert REFUSED in text_of(asked_again(enter(Client(), copied)))
    assert PasskeyUse.objects.count() == 1


def test_the_same_answer_works_once_and_for_five_minutes(client, anna, sign_in, moment):
    device = Authenticator(counts=False)
    add(sign_in(client, anna), device)
    for waiting in (timedelta(minutes=6), timedelta(minutes=-1)):
        browser = Client()
        said = device.use(asked(browser, "/sign-in/passkey/options"))
        session = browser.session
        kept = session["passkey"]["sign_in"]
        session["passkey"] = {"sign_in": [kept[0], (moment - waiting).isoformat()]}
        session.save()
        assert REFUSED in text_of(asked_again(browser.post("/sign-in/passkey", {"answer": said})))
    browser = Client()
    said = device.use(asked(browser, "/sign-in/passkey/options"))
    kept = dict(browser.session["passkey"])
    assert browser.post("/sign-in/passkey", {"answer": said})["Location"] == "/home"
    again = Client()
    asked(again, "/sign-in/passkey/options")
    session = again.session
    session["passkey"] = kept
    session.save()
    assert REFUSED in text_of(asked_again(again.post("/sign-in/passkey", {"answer": said})))
    assert "consumer" not in again.session


def test_who_signed_in_a_while_ago_shows_first_who_they_are(client, anna, sign_in, moment):
    device = Authenticator()
    sign_in(client, anna, moment - timedelta(hours=1))
    assert client.post("/profile/sign-in/passkeys/options").status_code == 403
    answer = client.post("/profile/sign-in/passkeys", {"answer": "{}"})
    assert answer["Location"] == "/profile/sign-in/confirm?next=%2Fprofile%2Fsign-in"
    confirm = answer["Location"]
    assert "Your code goes to" in text_of(client.get(confirm))
    client.post(f"/profile/sign-in/confirm/send?{confirm.partition('?')[2]}")
    asked_again(client.post(confirm, {"code": "999999"}))
    assert client.post("/profile/sign-in/passkeys/options").status_code == 403
    key = client.session.session_key
    assert client.post(confirm, {"code": "111111"})["Location"] == "/profile/sign-in"
    assert client.session.session_key != key
    add(client, device)
    session = client.session
    session["consumer_since"] = (moment - timedelta(hours=1)).isoformat()
    session.save()
    said = device.use(asked(client, "/profile/sign-in/confirm/options"))
    assert client.post("/profile/sign-in/confirm/passkey", {"answer": said})["Location"] == "/profile/sign-in"
    assert client.post("/profile/sign-in/passkeys/options").status_code == 200


def test_nobody_reaches_another_persons_passkeys(client, anna, bought, email, sign_in):
    device, own = Authenticator(), Authenticator()
    add(sign_in(client, anna), device)
    bea = sign_in(Client(), bought(5_000, email=email("+approve")).consumer)
    add(bea, own)
    key = Passkey.objects.get(consumer=anna).public_id
    assert bea.post("/profile/sign-in/passkeys/remove", {"passkey": key}).status_code == 404
    # Their own confirmation is not given by another person's key.
    said = device.use(asked(bea, "/profile/sign-in/confirm/options"))
    assert REFUSED in text_of(asked_again(bea.post("/profile/sign-in/confirm/passkey", {"answer": said})))
    # A key that is known already is not added again, for nobody.
    made = device.make(asked(bea, "/profile/sign-in/passkeys/options"))
    assert "could not be added" in text_of(asked_again(bea.post("/profile/sign-in/passkeys", {"answer": made})))
    assert Passkey.objects.filter(ended_at=None).count() == 2


def test_a_touch_goes_on_in_checkout(client, anna, sign_in, open_checkout):
    device, checkout = Authenticator(), open_checkout()
    add(sign_in(client, anna), device)
    browser, path = Client(), f"/checkout/{checkout.public_id}"
    assert f'data-options="{path}/passkey/options"' in browser.get(path).content.decode()
    said = device.use(asked(browser, f"{path}/passkey/options"))
    assert browser.post(f"{path}/passkey", {"answer": said})["Location"] == path
    checkout.refresh_from_db()
    assert checkout.consumer_id == anna.pk
