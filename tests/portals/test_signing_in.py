"""Signing in as people meet it: their own address in full, a code that works, a line in the log, and no door closed by others."""

import json
import logging
import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from accounts.models import Consent, SignInCode, User
from core import clock
from fraud.hashing import hash_of
from fraud.models import AccountAct
from tests.portals.reading import asked_again
from tests.portals.test_checkout_pages import enter, path, text
from tests.portals.test_design_pages import Outline

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "correct-horse-battery"


@pytest.fixture
def lines(caplog):
    """Give a function that returns what was logged of signing in."""
    caplog.set_level(logging.INFO, logger="bnpl.sign_in")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "bnpl.sign_in"]


@pytest.fixture
def later(monkeypatch):
    """Give a function that moves the time of the doors of signing in."""

    def move(**ahead):
        at = clock.now() + timedelta(**ahead)
        for module in ("portals.checkout.entering.views", "portals.consumer.entering.views"):
            monkeypatch.setattr(f"{module}.now", lambda: at)

    return move


def test_who_typed_an_address_reads_it_and_who_did_not_does_not(client, open_checkout, email):
    to = email()
    client.post(path(open_checkout(), "contact"), {"contact": to})
    assert f"We sent 6 digits to {to}." in text(client.get("/sign-in/code"))
    other = Client()
    checkout = open_checkout(customer={"email": to})
    other.post(path(checkout, "contact"), {"known": "1"})
    page = other.get(path(checkout))
    assert f"We sent 6 digits to {to[0]}···@example.com." in text(page)
    assert to not in page.content.decode()


def test_a_number_and_a_domain_are_read_as_they_are_written(client, open_checkout):
    checkout = open_checkout()
    client.post(path(checkout, "contact"), {"contact": "(202) 555-0147"})
    assert "We sent 6 digits to +1 202-555-0147." in text(client.get(path(checkout)))
    Client().post("/sign-in", {"contact": "anna@bücher.example"})
    assert SignInCode.objects.order_by("id").last().destination == "anna@xn--bcher-kva.example"
    browser = Client()
    browser.post("/sign-in", {"contact": "bo@bücher.example"})
    assert "We sent 6 digits to bo@bücher.example." in text(browser.get("/sign-in/code"))


def test_a_number_without_its_country_says_how_to_write_it_and_keeps_the_hint(client):
    page = asked_again(client.post("/sign-in", {"contact": "(212) 555-0123"}))
    assert "Begin the number with your country's code, such as +1." in unescape(text(page))
    outline = Outline(page.content.decode())
    field = next(attrs for tag, attrs in outline.tags if attrs.get("name") == "contact")
    assert field["aria-describedby"].split() == ["id_contact_helptext", "id_contact_error"]
    assert {"id_contact_helptext", "id_contact_error"} <= set(outline.values("id"))
    assert "Begin a number with your country's code, such as +1 202 555 0123." in unescape(text(page))
    assert SignInCode.objects.count() == 0


def test_what_a_shop_tells_is_offered_only_where_a_code_can_go(client, open_checkout, email):
    to = email()
    quotes = {
        "": [{"phone": "0"}, {"email": "not an address"}, {"email": "a@b", "phone": "+1"}],
        "··· 147": [{"email": "nobody", "phone": "(202) 555-01 47"}],
        f"{to[0]}···@example.com": [{"email": to, "phone": "0"}],
    }
    for shown, told in quotes.items():
        for customer in told:
            checkout = open_checkout(customer=customer)
            page = text(Client().get(path(checkout)))
            assert ("Your code goes to" in page) == bool(shown), customer
            assert shown in page
    refused = open_checkout(customer={"phone": "0"})
    assert "Enter your e-mail address" in text(asked_again(client.post(path(refused, "contact"), {"known": "1"})))
    assert SignInCode.objects.count() == 0


def test_the_code_field_has_the_focus_sends_itself_and_comes_back_empty(client, open_checkout, email):
    checkout = open_checkout()
    client.post(path(checkout, "contact"), {"contact": email()})
    answer = client.post(path(checkout, "code"), {"code": "999999"})
    answer = asked_again(answer)
    page = answer.content.decode()
    assert "<div data-code data-auto>" in page
    field = page.partition('name="code"')[2].partition(">")[0]
    assert " autofocus" in field
    assert "999999" not in field


def asking_again(browser, where, contact, presses):
    """Ask for a code again and again; return the page each press leads to."""
    return [text(asked_again(browser.post(where, {"contact": contact}))) for _ in range(presses)]


def test_asking_again_and_again_says_that_none_was_sent_which_still_works_and_how_long_to_wait(client, open_checkout, email, later):
    to, checkout = email(), open_checkout()
    for browser, where in ((client, path(checkout, "contact")), (Client(), "/sign-in")):
        SignInCode.objects.all().delete()
        assert "again=" not in browser.post(where, {"contact": to})["Location"]
        later(seconds=1)
        for page in asking_again(browser, where, to, 7):
            assert "We sent no new code. The one that we sent a moment ago still works." in page
            assert re.search(r"Wait \d+ seconds? before you ask for another\.", page)
        assert SignInCode.objects.count() == 1
        later(minutes=0)


def test_after_five_in_an_hour_the_page_says_which_still_works_and_when_another_can_be_sent(client, email, later):
    to = email()
    for number in range(5):
        later(minutes=number)
        client.post("/sign-in", {"contact": to})
    later(minutes=6)
    page = asking_again(client, "/sign-in", to, 1)[0]
    assert f"We sent 6 digits to {to}. They work for 10 minutes, of which 2 have passed." in page
    assert "We sent no new code. The one that we sent 2 minutes ago still works." in page
    assert "Wait 54 minutes before you ask for another." in page
    assert SignInCode.objects.count() == 5
    SignInCode.objects.update(attempts=5)
    page = asking_again(client, "/sign-in", to, 1)[0]
    assert "We sent no new code. The one that we sent was tried too often." in page
    assert "still works" not in page


def test_asking_again_tells_nothing_of_accounts(bought, email, later):
    known = bought().consumer.email
    pages = []
    for contact in (known, email("+approve")):
        browser = Client()
        browser.post("/sign-in", {"contact": contact})
        later(seconds=5)
        page = asking_again(browser, "/sign-in", contact, 1)[0].replace(contact, "them")
        assert "still works." in page
        pages.append(re.sub(r"Wait \d+ seconds?", "", page))
        later(seconds=0)
    assert pages[0] == pages[1]


def test_after_five_wrong_codes_a_new_one_opens(client, open_checkout, email, later):
    checkout = open_checkout()
    client.post(path(checkout, "contact"), {"contact": email()})
    for _ in range(5):
        client.post(path(checkout, "code"), {"code": "999999"})
    assert "Ask for a new one." in text(asked_again(client.post(path(checkout, "code"), {"code": "111111"})))
    later(seconds=40)
    assert client.post(path(checkout, "resend")).status_code == 302
    client.post(path(checkout, "code"), {"code": "111111"})
    assert "Who are you?" in text(client.get(path(checkout)))


def test_strangers_cannot_make_somebody_wait(client, open_checkout, email, later):
    to, stranger = email(), Client()
    for minute in range(6):
        later(minutes=minute)
        stranger.post("/sign-in", {"contact": to})
    assert SignInCode.objects.count() == 5
    checkout = open_checkout()
    assert enter(client, checkout, to).status_code == 302
    assert "Who are you?" in text(client.get(path(checkout)))


def test_the_log_says_who_signed_in_and_who_failed_and_no_address(client, open_checkout, email, lines):
    to, checkout = email(), open_checkout()
    client.post(path(checkout, "contact"), {"contact": to})
    client.post(path(checkout, "code"), {"code": "999999"})
    client.post(path(checkout, "code"), {"code": "111111"})
    code, consumer = SignInCode.objects.get(), checkout.__class__.objects.get(id=checkout.id).consumer
    mark = lines()[0].rpartition("address=")[2].partition(" ")[0]
    assert lines() == [
        f"sign_in_failed consumer=- code={code.public_id} address={mark} reason=accounts.code_wrong",
        f"signed_in consumer={consumer.public_id} address={mark}",
    ]
    Client().post("/sign-in", {"contact": to})
    other = Client()
    other.post("/sign-in", {"contact": to}, REMOTE_ADDR="203.0.113.9")
    other.post("/sign-in/code", {"code": "999999"}, REMOTE_ADDR="203.0.113.9")
    assert f"consumer={consumer.public_id} " in lines()[-1]
    assert mark not in lines()[-1]
    assert [line for line in lines() if "@" in line or to.partition("@")[0] in line] == []


@pytest.fixture
def user(db):
    return User.objects.create_user("mia@shop.example", PASSWORD)


def sign_in(password: str, address: str, username: str = "mia@shop.example", browser: Client | None = None):
    return (browser or Client()).post("/merchant/sign-in", {"username": username, "password": password}, REMOTE_ADDR=address)


def came_of(answer) -> str:
    """Say what came of a password: in, wrong, or locked out."""
    if "again=" not in answer["Location"]:
        return "in"
    page = text(asked_again(answer))
    assert ("Wait 15 minutes" in page) == ("Retry-After" in answer)
    return "locked out" if "Retry-After" in answer else "wrong"


def test_staff_who_sign_in_and_fail_stand_in_the_log(user, lines):
    sign_in("wrong", "203.0.113.1")
    sign_in("wrong", "203.0.113.1", username="nobody@shop.example")
    sign_in(PASSWORD, "203.0.113.1", username="Mia@SHOP.example")
    mark = lines()[0].partition("address=")[2].partition(" ")[0]
    assert lines() == [
        f"sign_in_failed user={user.pk} address={mark} reason=wrong_password",
        f"sign_in_failed user=- address={mark} reason=unknown_user",
        f"signed_in user={user.pk} address={mark}",
    ]
    for _ in range(5):
        sign_in("wrong", "203.0.113.2")
    assert came_of(sign_in(PASSWORD, "203.0.113.2")) == "locked out"
    assert lines()[-1].endswith("reason=locked_out")


def test_wrong_passwords_behind_a_proxy_stop_their_sender_alone(user, settings):
    settings.TRUSTED_PROXIES = "10.0.0.0/8"

    def through_proxy(password: str, client: str):
        told = {"username": "mia@shop.example", "password": password}
        return Client().post("/merchant/sign-in", told, REMOTE_ADDR="10.0.0.2", headers={"X-Forwarded-For": f"9.9.9.9, {client}"})

    for _ in range(5):
        through_proxy("wrong", "203.0.113.1")
    assert came_of(through_proxy(PASSWORD, "203.0.113.1")) == "locked out"
    assert came_of(through_proxy(PASSWORD, "198.51.100.7")) == "in"


def test_the_more_wrong_passwords_from_everywhere_the_fewer_tries_a_new_place_has(user):
    for number in range(5):
        for _ in range(4):
            sign_in("wrong", f"203.0.113.{number}")
    assert [came_of(sign_in("wrong", "203.0.113.99")) for _ in range(2)] == ["wrong", "locked out"]
    assert came_of(sign_in(PASSWORD, "203.0.113.99")) == "locked out"
    assert came_of(sign_in(PASSWORD, "198.51.100.7")) == "in"


def test_an_ipv6_site_is_one_place(user):
    for number in range(5):
        sign_in("wrong", f"2001:db8:1:2::{number + 1}")
    assert came_of(sign_in(PASSWORD, "2001:db8:1:2:ffff::1")) == "locked out"
    assert came_of(sign_in(PASSWORD, "2001:db8:1:3::1")) == "in"


def test_a_path_with_an_address_is_logged_without_it(client):
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Not Found: %s", ("/checkout/anna@example.com",), None)
    handler = next(one for one in logging.getLogger().handlers if type(one.formatter).__module__ == "core.logs")
    assert handler.format(record).endswith("Not Found: /checkout/[removed]")


def told_device(name):
    return json.dumps({"id": name, "screen": [390, 844], "zone": "America/New_York"})


def test_a_sign_in_and_a_mistyped_code_are_kept_with_the_browser_that_the_form_tells(client, open_checkout, email):
    to, checkout = email(), open_checkout()
    client.post(path(checkout, "contact"), {"contact": to})
    page = client.get(path(checkout)).content.decode()
    assert re.search(r'id="code-form"\s+data-device', page)
    assert "js/device" in page
    assert "To protect you from fraud we recognize this browser. Nobody else is told." in page
    client.post(path(checkout, "code"), {"code": "999999", "device": told_device("a")}, REMOTE_ADDR="93.184.216.34")
    client.post(path(checkout, "code"), {"code": "111111", "device": told_device("a")}, REMOTE_ADDR="93.184.216.34")
    consumer = checkout.__class__.objects.get(id=checkout.id).consumer
    failed, first = AccountAct.objects.order_by("id")
    assert [(act.kind, act.consumer, act.device) for act in (failed, first)] == [
        ("failed", None, hash_of("device", "a")),
        ("sign_in", consumer, hash_of("device", "a")),
    ]
    assert (failed.internet, failed.zone, first.internet, first.zone) == ("", "", "93.184.216.34", "America/New_York")
    for number, forged in enumerate(("a", "[]", "{" * 9_000, '{"id": 5}', "", told_device("b"))):
        other = Client()
        other.post("/sign-in", {"contact": to}, REMOTE_ADDR=f"93.184.216.{number}")
        other.post("/sign-in/code", {"code": "111111", "device": forged}, REMOTE_ADDR=f"93.184.216.{number}")
    acts = AccountAct.objects.filter(consumer=consumer, kind="sign_in").order_by("id")
    assert [act.device for act in acts] == [hash_of("device", "a"), "", "", "", "", "", hash_of("device", "b")]
    consents = Consent.objects.filter(consumer=consumer, kind="device_security").order_by("id")
    assert [(one.how, one.reference) for one in consents] == [("checkout", checkout.public_id), ("account", "")]
