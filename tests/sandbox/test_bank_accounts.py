"""Bank accounts of the sandbox: the hosted page, and debits that the clock moves."""

import re

import pytest
import requests

US = {"number": "000123456789", "sort": "110000000", "agree": "yes"}
DAY_S = 86_400


def opened(world, currency="USD"):
    about = {"customer_email": "a@example.com", "customer_reference": "con_1", "return_url": "http://shop.example/back?order=7"}
    return world.post("/gateway/v1/setups", {**about, "kind": "account", "currency": currency, "merchant_name": "kvart <b>"})


def submit(setup, **form):
    return requests.post(setup["url"], data=form, allow_redirects=False, timeout=30)


def account(world, number="000123456789", currency="USD"):
    body = {"number": number, "currency": currency, "customer_email": "a@example.com", "customer_reference": "con_1"}
    return world.post("/gateway/v1/bank_accounts", body)["token"]


def test_the_page_is_strict_escaped_and_names_the_fields_of_its_currency(world):
    page = requests.get(opened(world)["url"], timeout=30)
    assert page.status_code == 200
    assert "kvart &lt;b&gt;" in page.text
    assert re.findall(r'<input[^>]* name="(\w+)"', page.text) == ["sort", "number", "agree"]
    assert ("<script" in page.text, "style=" in page.text) == (False, False)
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert 'name="sort"' not in requests.get(opened(world, "DKK")["url"], timeout=30).text


def test_a_good_account_leads_back_with_its_mandate(world):
    setup = opened(world)
    answer = submit(setup, **US)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"http://shop.example/back?order=7&setup={setup['id']}&status=succeeded"
    found = world.get(f"/gateway/v1/setups/{setup['id']}")
    kept = found["bank_account"]
    assert (found["status"], found["payment_method"], kept["last4"], kept["scheme"]) == ("succeeded", None, "6789", "us_bank_account")
    assert kept["mandate"].startswith("MNDT-")
    assert "Your bank account is saved" in requests.get(setup["url"], timeout=30).text


@pytest.mark.parametrize(
    ("currency", "form", "wrong"),
    [
        ("USD", {**US, "number": "12"}, "number"),
        ("USD", {**US, "sort": "11"}, "sort"),
        ("USD", {"number": US["number"], "sort": US["sort"]}, "agree"),
        ("EUR", {"number": "DE89370400440532013001", "agree": "yes"}, "number"),
        ("EUR", {"number": "000123456789", "agree": "yes"}, "number"),
        ("GBP", {"number": "0001234", "sort": "10-88-00", "agree": "yes"}, "number"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_kept(world, currency, form, wrong):
    setup = opened(world, currency)
    answer = submit(setup, **form)
    assert answer.status_code == 422
    assert re.findall(r'id="(\w+)-error"', answer.text) == [wrong]
    assert world.get(f"/gateway/v1/setups/{setup['id']}")["status"] == "open"


@pytest.mark.parametrize(
    ("currency", "form", "scheme"),
    [
        ("EUR", {"number": "de89 3704 0044 0532 0130 00"}, "sepa_debit"),
        ("GBP", {"number": "00012345", "sort": "10-88-00"}, "bacs_debit"),
        ("DKK", {"number": "DK50 0040 0440 1162 43"}, "bank_debit"),
    ],
)
def test_each_currency_has_its_scheme(world, currency, form, scheme):
    setup = opened(world, currency)
    assert submit(setup, **form, agree="yes").status_code == 303
    assert world.get(f"/gateway/v1/setups/{setup['id']}")["bank_account"]["scheme"] == scheme


def test_leaving_keeps_nothing_and_the_card_page_is_another_one(world):
    setup = opened(world)
    assert requests.get(setup["url"].replace("/accounts/", "/cards/"), timeout=30).status_code == 404
    left = requests.post(f"{setup['url']}/cancel", allow_redirects=False, timeout=30)
    assert left.headers["Location"].endswith("&status=canceled")
    assert submit(setup, **US).headers["Location"].endswith("&status=canceled")
    assert world.get(f"/gateway/v1/setups/{setup['id']}")["bank_account"] is None


@pytest.mark.parametrize(
    ("number", "ends"),
    [
        ("000123456789", [("succeeded", 0), ("succeeded", 0)]),
        ("000222222227", [("failed", 0), ("failed", 0)]),
        ("000333333335", [("succeeded", 0), ("failed", 500)]),
    ],
)
def test_the_clock_moves_a_debit_to_its_end_and_back(world, number, ends):
    token = account(world, number)
    made = world.charge(token, key=f"key-{number}")
    assert made["status"] == "pending"
    found = []
    for days in (3, 6):
        world.post("/control/clock", {"forward_seconds": days * DAY_S}, status=200)
        row = world.get(f"/gateway/v1/charges/{made['id']}")
        found.append((row["status"], row["fee"]))
    assert found == ends
    again = world.raw_post(
        "/gateway/v1/charges", {"amount": 5725, "currency": "USD", "payment_method": token, "reference": "ord_1"}, f"key-{number}"
    )
    assert (again.status_code, again.json()["status"], again.json()["failure"]) == (201, "pending", None)
    world.post("/control/clock", {"offset_seconds": 0}, status=200)


def test_nothing_is_held_on_an_account_and_no_other_currency_is_debited(world):
    token = account(world)
    body = {"amount": 500, "currency": "USD", "payment_method": token, "reference": "ord_1"}
    assert world.raw_post("/gateway/v1/authorizations", body, "hold-1").status_code == 400
    assert world.raw_post("/gateway/v1/charges", {**body, "currency": "EUR"}, "eur-1").status_code == 400
    assert requests.delete(f"{world.url}/gateway/v1/bank_accounts/{token}", headers=world.http.headers, timeout=30).status_code == 200
    assert world.raw_post("/gateway/v1/charges", body, "gone-1").status_code == 400
