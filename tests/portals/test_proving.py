"""A browser tells the checkout which it is; where rules about fraud ask for it, another code comes before the order."""

import json
import re

import pytest
from django.test import Client

from accounts.models import Consent
from checkout.models import Order
from controls.services import ruling
from controls.services.shipping import ship_rules
from fraud.models import Assessment, Sighting
from tests.portals.reading import asked_again, hidden
from tests.portals.test_checkout_pages import at_plan, enter, path, text, with_card

pytestmark = pytest.mark.django_db(transaction=True)
AGENT = "Mozilla/5.0 (X11; Linux) Test/1.0"


@pytest.fixture(autouse=True)
def shipped(transactional_db):
    ship_rules()
    ruling.forget_rules()


def told(name: str, **more) -> str:
    seen = {"screen": [390, 844, 24, 3], "zone": "America/New_York", "languages": ["en-US"], "fonts": ["Arial"]}
    return json.dumps({"id": name * 32, **seen, **more})


def agree(browser, checkout, card, device=""):
    pay = browser.get(path(checkout, "pay"), {"plan": "pay_in_4"})
    sent = hidden(pay) | {"card": card.public_id} | ({"device": device} if device else {})
    return browser.post(path(checkout, "confirm"), sent, headers={"User-Agent": AGENT})


def test_what_a_browser_tells_is_seen_and_the_person_read_that_it_is(client, open_checkout, email):
    checkout = open_checkout()
    at_plan(client, checkout, email("+approve"))
    card = with_card(checkout)
    pay = client.get(path(checkout, "pay"), {"plan": "pay_in_4"}).content.decode()
    assert re.search(r'id="agree-form"\s+data-device', pay)
    assert "js/device" in pay
    assert "To protect you from fraud we recognize this browser. Nobody else is told." in pay
    agree(client, checkout, card, told("a", pasted=True, fill_s=2.5))
    kept = Assessment.objects.get(moment="consent").signals
    assert (kept["device_1d"], kept["browser_1d"], kept["zone_gap"], kept["pasted_name"], kept["fill_s"]) == (1, 1, 0.0, True, 2.5)
    assert Consent.objects.filter(kind="device_security").count() == 1
    again = open_checkout()
    client.post(path(again, "contact"), {"known": "1"})
    agree(client, again, card, told("a"))
    assert Order.objects.count() == 2
    assert Consent.objects.filter(kind="device_security").count() == 1


@pytest.mark.parametrize(
    "device", ["", "no json", "[]", "{}", '{"id": 7, "pasted": "x", "fill_s": -1}', "{" * 5_000, '{"zone": "Nowhere/At all"}']
)
def test_without_a_script_and_with_nonsense_a_purchase_goes_on(client, open_checkout, email, device):
    checkout = open_checkout()
    at_plan(client, checkout, email("+approve"))
    agree(client, checkout, with_card(checkout), device)
    assert Order.objects.get().status == "authorized"
    assert Sighting.objects.get().device == ""


def test_another_code_comes_before_an_unusual_order_from_a_new_browser(client, open_checkout, email):
    address, first = email("+approve"), open_checkout()
    at_plan(client, first, address)
    card = with_card(first)
    agree(client, first, card, told("a"))
    thief, dear = Client(), open_checkout(100_000)
    enter(thief, dear, address)
    answer = agree(thief, dear, card, told("b", screen=[1280, 800, 24, 1]))
    there = path(dear, f"prove?plan=pay_in_4&chosen={card.public_id}")
    assert answer["Location"] == there
    shown = thief.get(there)
    assert "This purchase is unusual for your account" in text(shown)
    assert address not in text(shown)
    sent = thief.post(path(dear, "prove-send"), hidden(shown))
    assert sent["Location"] == there
    shown = thief.get(there)
    wrong = asked_again(thief.post(path(dear, "prove"), hidden(shown) | {"code": "999999"}))
    assert "not the code" in text(wrong) or "wrong" in text(wrong) or "match" in text(wrong)
    assert Assessment.objects.filter(proved_at=None, verdict="step_up").count() == 1
    right = thief.post(path(dear, "prove"), hidden(shown) | {"code": "111111"})
    assert right["Location"] == path(dear, f"pay?plan=pay_in_4&chosen={card.public_id}")
    assert thief.get(there)["Location"] == path(dear)
    agree(thief, dear, card, told("b", screen=[1280, 800, 24, 1]))
    assert Order.objects.get(checkout=dear).status == "authorized"
    clicks = Assessment.objects.filter(moment="consent").order_by("id")
    assert list(clicks.values_list("verdict", flat=True)) == ["allow", "step_up", "allow"]


def test_nobody_else_comes_to_the_step_and_nobody_to_whom_nothing_is_asked(client, open_checkout, email):
    checkout = open_checkout()
    at_plan(client, checkout, email("+approve"))
    for browser in (client, Client()):
        for step in ("prove", "prove-send"):
            assert browser.get(path(checkout, f"{step}?plan=pay_in_4")).status_code == 302
            assert browser.post(path(checkout, step), {"plan": "pay_in_4", "code": "111111"})["Location"] == path(checkout)
    assert not Assessment.objects.exclude(moment="decision", verdict="allow").exists()
