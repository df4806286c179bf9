"""The hosted card page, as a browser without JavaScript sees it."""

import re

import pytest
import requests

from tests.dates import CARD_ENDED, CARD_ENDS, CARD_MONTH, CARD_YEAR

CARD = {"number": "4242 4242 4242 4242", "expiry": CARD_ENDS, "cvc": "123", "postal_code": "10001"}


@pytest.fixture
def setup(world):
    body = {
        "customer_email": "a@example.com",
        "customer_reference": "con_1",
        "return_url": "http://shop.example/back?order=7",
        "currency": "USD",
        "merchant_name": "kvart <b>",
    }
    return world.post("/gateway/v1/setups", body)


def submit(setup, **change):
    return requests.post(setup["url"], data={**CARD, **change}, allow_redirects=False, timeout=30)


def test_page_is_strict_and_escaped(setup):
    page = requests.get(setup["url"], timeout=30)
    assert page.status_code == 200
    assert "kvart &lt;b&gt;" in page.text
    assert "<script" not in page.text
    assert "style=" not in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    for name in CARD:
        assert f'name="{name}"' in page.text


def test_good_card_leads_back_with_the_outcome(world, setup):
    answer = submit(setup)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"http://shop.example/back?order=7&setup={setup['id']}&status=succeeded"
    found = world.get(f"/gateway/v1/setups/{setup['id']}")
    method = found["payment_method"]
    assert found["status"] == "succeeded"
    assert (method["brand"], method["last4"], method["exp_month"], method["exp_year"]) == ("visa", "4242", CARD_MONTH, CARD_YEAR)
    assert "Your card is saved" in requests.get(setup["url"], timeout=30).text


def test_an_address_of_a_shop_never_breaks_a_header(world):
    odd = world.post(
        "/gateway/v1/setups",
        {
            "customer_email": "a@example.com",
            "customer_reference": "con_1",
            "return_url": "http://shop.example/zurück\r\nSet-Cookie: a=b",
            "currency": "USD",
        },
    )
    answer = submit(odd)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("http://shop.example/zur%C3%BCckSet-Cookie:%20a=b?setup=")
    assert "Set-Cookie" not in answer.headers


def test_declined_card_says_so_and_another_can_be_tried(world, setup):
    answer = submit(setup, number="4000000000000002")
    assert answer.status_code == 402
    assert "Your card was declined. Nothing was charged." in answer.text
    assert world.get(f"/gateway/v1/setups/{setup['id']}")["status"] == "open"
    assert submit(setup).status_code == 303


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("number", "4242 4242 4242 4241", "Check the card number"),
        ("number", "", "Check the card number"),
        ("expiry", CARD_ENDS.replace("08", "13"), "Use a month and year in the future"),
        ("expiry", CARD_ENDED, "Use a month and year in the future"),
        ("cvc", "12", "The security code has 3 digits"),
        ("postal_code", "", "Use the postal code"),
    ],
)
def test_wrong_field_is_named_and_the_rest_kept(setup, field, value, text):
    answer = submit(setup, **{field: value})
    assert answer.status_code == 422
    assert text in answer.text
    assert f'id="{field}-error"' in answer.text
    assert len(re.findall('class="error"', answer.text)) == 1
    if field != "postal_code":
        assert 'value="10001"' in answer.text
    assert 'value="123"' not in answer.text


def test_bank_asks_and_the_person_confirms(world, setup):
    answer = submit(setup, number="4000002500003155")
    assert answer.headers["Location"] == f"/gateway/cards/{setup['id']}/confirm"
    assert world.get(f"/gateway/v1/setups/{setup['id']}")["status"] == "requires_action"
    address = f"{setup['url']}/confirm"
    assert "Visa ending in 3155" in requests.get(address, timeout=30).text
    refused = requests.post(address, data={"answer": "no"}, timeout=30)
    assert "could not confirm" in refused.text
    submit(setup, number="4000002500003155")
    done = requests.post(address, data={"answer": "yes"}, allow_redirects=False, timeout=30)
    assert done.headers["Location"].endswith("status=succeeded")
    token = world.get(f"/gateway/v1/setups/{setup['id']}")["payment_method"]["token"]
    assert world.charge(token)["status"] == "succeeded"


@pytest.mark.parametrize(("says", "end"), [("yes", "Your card is confirmed"), ("no", "Your card was not confirmed")])
def test_a_bank_asks_about_a_stored_card_once(world, setup, says, end):
    submit(setup)
    token = world.get(f"/gateway/v1/setups/{setup['id']}")["payment_method"]["token"]
    check = world.post("/gateway/v1/card_checks", {"payment_method": token, "return_url": "http://shop.example/b"})
    address = f"{check['url']}/confirm"
    assert "Visa ending in 4242" in requests.get(check["url"], timeout=30).text
    back = requests.post(address, data={"answer": says}, allow_redirects=False, timeout=30)
    assert back.headers["Location"].startswith(f"http://shop.example/b?setup={check['id']}")
    # With a browser's back button: what was kept of the page that led to the question would go round in circles.
    again = requests.get(address, allow_redirects=False, timeout=30)
    assert (again.headers["Location"], again.headers["Cache-Control"]) == (f"/gateway/cards/{check['id']}", "no-store")
    assert end in requests.get(check["url"], timeout=30).text


def test_leaving_is_easy(world, setup):
    answer = requests.post(f"{setup['url']}/cancel", allow_redirects=False, timeout=30)
    assert answer.headers["Location"].endswith(f"setup={setup['id']}&status=canceled")
    assert world.get(f"/gateway/v1/setups/{setup['id']}") == {**setup, "status": "canceled"}
    assert submit(setup).headers["Location"].endswith("status=canceled")


def test_unknown_setup_is_a_kind_page(world):
    answer = requests.get(f"{world.url}/gateway/cards/seti_unknown", timeout=30)
    assert answer.status_code == 404
    assert "Nothing was charged" in answer.text
