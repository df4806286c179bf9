"""The card gateway: exactly once, declines remembered, holds, refunds, payouts, report."""

import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import requests

WEEK_S = 7 * 24 * 3600


def test_charge_succeeds_and_can_be_found_again(world):
    method = world.method()
    charge = world.charge(method, key="key-1", description="1 of 4")
    assert {name: charge[name] for name in ("status", "idempotency_key", "amount", "currency", "refunded", "reference", "failure")} == {
        "status": "succeeded",
        "idempotency_key": "key-1",
        "amount": 5725,
        "currency": "USD",
        "refunded": 0,
        "reference": "ord_1",
        "failure": None,
    }
    assert world.get(f"/gateway/v1/charges/{charge['id']}") == charge
    assert world.get("/gateway/v1/charges", idempotency_key="key-1") == {"data": [charge], "next_cursor": None}
    assert world.get("/gateway/v1/charges", reference="ord_1")["data"] == [charge]
    assert world.get("/gateway/v1/charges", idempotency_key="unknown") == {"data": [], "next_cursor": None}


def test_same_key_same_body_is_replayed_and_other_body_refused(world):
    method = world.method()
    body = {"amount": 100, "currency": "USD", "payment_method": method, "reference": "r"}
    first = world.raw_post("/gateway/v1/charges", body, "k")
    again = world.raw_post("/gateway/v1/charges", body, "k")
    assert (first.status_code, again.status_code) == (201, 201)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.json() == again.json()
    other = world.post("/gateway/v1/charges", {**body, "amount": 101}, "k", 409)
    assert other["error"]["code"] == "idempotency_key_reused"
    assert len(world.get("/gateway/v1/charges")["data"]) == 1


def test_key_is_required(world):
    body = {"amount": 100, "currency": "USD", "payment_method": world.method(), "reference": "r"}
    assert world.post("/gateway/v1/charges", body, None, 400)["error"]["code"] == "idempotency_key_required"


@pytest.mark.parametrize(
    ("number", "code", "decline_code"),
    [
        ("4000000000009995", "card_declined", "insufficient_funds"),
        ("4000000000000341", "card_declined", "generic_decline"),
        ("4000000000009987", "card_declined", "lost_card"),
        ("4000000000000069", "expired_card", "expired_card"),
    ],
)
def test_declines_answer_402_and_are_remembered(world, number, code, decline_code):
    method = world.method(number)
    first = world.charge(method, key="k", status=402)
    assert (first["status"], first["failure"]["code"], first["failure"]["decline_code"]) == ("failed", code, decline_code)
    assert world.charge(method, key="k", status=402) == first
    assert world.get("/gateway/v1/charges", idempotency_key="k")["data"] == [first]


def test_card_that_is_declined_when_it_is_given(world):
    body = {"number": "4000 0000 0000 0002", "customer_email": "a@example.com", "customer_reference": "c"}
    error = world.post("/gateway/v1/payment_methods", body, status=402)["error"]
    assert error == {"code": "card_declined", "message": "Your card was declined. Nothing was charged.", "decline_code": "generic_decline"}


def test_wrong_number_names_the_field(world):
    body = {"number": "4242424242424241", "customer_email": "a@example.com", "customer_reference": "c"}
    assert world.post("/gateway/v1/payment_methods", body, status=400)["error"]["field"] == "number"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": -5}, "amount"),
        ({"amount": 1.5}, "amount"),
        ({"amount": "100"}, "amount"),
        ({"amount": True}, "amount"),
        ({"amount": 10**12}, "amount"),
        ({"currency": "US"}, "currency"),
        ({"currency": None}, "currency"),
        ({"payment_method": "pm_unknown"}, "payment_method"),
        ({"reference": ""}, "reference"),
        ({"reference": "x" * 256}, "reference"),
        ({"authorization": "auth_unknown"}, "authorization"),
    ],
)
def test_bad_input_names_the_field_and_records_nothing(world, change, field):
    body = {"amount": 100, "currency": "USD", "payment_method": world.method(), "reference": "r", **change}
    assert world.post("/gateway/v1/charges", body, "k", 400)["error"]["field"] == field
    assert world.get("/gateway/v1/charges")["data"] == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b"[" * 100_000, b"null"])
def test_bodies_that_are_no_object_are_refused(world, body):
    answer = world.http.post(f"{world.url}/gateway/v1/charges", data=body, headers={"Idempotency-Key": "k"}, timeout=30)
    assert answer.status_code == 400


def test_too_large_body_is_refused(world):
    answer = requests.post(f"{world.url}/gateway/v1/charges", data=b"x" * (11 * 1024 * 1024), timeout=30)
    assert answer.status_code == 413


def test_without_the_key_nothing_is_shown(world):
    world.charge(world.method())
    answer = requests.get(f"{world.url}/gateway/v1/charges", timeout=30)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")


def test_concurrent_equal_requests_make_one_charge(world):
    method = world.method()
    body = {"amount": 700, "currency": "USD", "payment_method": method, "reference": "r"}
    headers = {"Authorization": world.http.headers["Authorization"], "Idempotency-Key": "same"}
    answers: list[requests.Response] = []
    gate = threading.Barrier(16)

    def run() -> None:
        gate.wait()
        answers.append(requests.post(f"{world.url}/gateway/v1/charges", json=body, headers=headers, timeout=30))

    threads = [threading.Thread(target=run) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.json()["id"] for answer in answers} == {world.get("/gateway/v1/charges")["data"][0]["id"]}
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    assert len(world.get("/gateway/v1/charges")["data"]) == 1


def test_report_is_paginated_in_a_stable_order(world):
    method = world.method()
    made = [world.charge(method, amount=number + 100)["id"] for number in range(25)]
    seen, cursor = [], ""
    while True:
        page = world.get("/gateway/v1/charges", limit=10, cursor=cursor)
        seen += [charge["id"] for charge in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == made


def test_authorization_is_drawn_on_and_released(world):
    method = world.method()
    body = {"amount": 1000, "currency": "USD", "payment_method": method, "reference": "r"}
    hold = world.post("/gateway/v1/authorizations", body, "h")
    assert (hold["status"], hold["captured"]) == ("held", 0)
    world.charge(method, amount=400, authorization=hold["id"])
    refused = world.charge(method, amount=700, authorization=hold["id"], status=409)
    assert refused["error"]["code"] == "authorization_too_small"
    assert world.get(f"/gateway/v1/authorizations/{hold['id']}")["captured"] == 400
    assert world.post(f"/gateway/v1/authorizations/{hold['id']}/release", {}, status=200)["status"] == "released"
    assert world.post(f"/gateway/v1/authorizations/{hold['id']}/release", {}, status=200)["status"] == "released"
    assert world.charge(method, amount=100, authorization=hold["id"], status=409)["error"]["code"] == "authorization_not_held"
    assert world.get("/gateway/v1/authorizations", idempotency_key="h")["data"][0]["status"] == "released"


def test_authorization_lapses_after_seven_days(world):
    method = world.method()
    hold = world.post("/gateway/v1/authorizations", {"amount": 1000, "currency": "USD", "payment_method": method, "reference": "r"}, "h")
    world.forward(WEEK_S - 60)
    assert world.get(f"/gateway/v1/authorizations/{hold['id']}")["status"] == "held"
    world.forward(61)
    assert world.get(f"/gateway/v1/authorizations/{hold['id']}")["status"] == "lapsed"
    assert world.charge(method, key="c", amount=100, authorization=hold["id"], status=409)["error"]["code"] == "authorization_lapsed"
    assert world.charge(method, key="c", amount=100)["status"] == "succeeded"


def test_authorization_on_a_poor_card_fails(world):
    body = {"amount": 1000, "currency": "USD", "payment_method": world.method("4000000000009995"), "reference": "r"}
    hold = world.post("/gateway/v1/authorizations", body, "h", 402)
    assert (hold["status"], hold["failure"]["decline_code"]) == ("failed", "insufficient_funds")


def test_refunds_never_exceed_the_charge(world):
    charge = world.charge(world.method(), amount=1000)
    first = world.post("/gateway/v1/refunds", {"charge": charge["id"], "amount": 600, "reference": "ref_1"}, "r1")
    assert (first["status"], first["currency"]) == ("succeeded", "USD")
    over = world.post("/gateway/v1/refunds", {"charge": charge["id"], "amount": 401, "reference": "ref_2"}, "r2", 409)
    assert (over["error"]["code"], over["error"]["refundable"]) == ("refund_exceeds_charge", 400)
    again = world.post("/gateway/v1/refunds", {"charge": charge["id"], "amount": 600, "reference": "ref_1"}, "r1")
    assert again == first
    world.post("/gateway/v1/refunds", {"charge": charge["id"], "amount": 400, "reference": "ref_2"}, "r2")
    assert world.get(f"/gateway/v1/charges/{charge['id']}")["refunded"] == 1000
    assert [refund["amount"] for refund in world.get("/gateway/v1/refunds")["data"]] == [600, 400]
    assert world.get("/gateway/v1/refunds", idempotency_key="r2")["data"][0]["amount"] == 400


def test_failed_charge_cannot_be_refunded(world):
    charge = world.charge(world.method("4000000000000341"), status=402)
    error = world.post("/gateway/v1/refunds", {"charge": charge["id"], "amount": 1, "reference": "r"}, "k", 409)["error"]
    assert error["code"] == "charge_not_refundable"
    assert world.get("/gateway/v1/refunds")["data"] == []


def test_payouts(world):
    body = {"amount": 90_000, "currency": "DKK", "destination": "DK5000400440116243", "reference": "set_1"}
    payout = world.post("/gateway/v1/payouts", body, "p")
    assert (payout["status"], payout["currency"]) == ("paid", "DKK")
    assert world.post("/gateway/v1/payouts", body, "p") == payout
    failed = world.post("/gateway/v1/payouts", {**body, "destination": "bank_fails"}, "q", 402)
    assert (failed["status"], failed["failure"]["code"]) == ("failed", "account_closed")
    assert world.get("/gateway/v1/payouts", reference="set_1")["data"] == [payout, failed]


def test_second_charge_of_the_persona_fails_once(world):
    method = world.method(email="bo+card_fails_2nd@example.com")
    world.charge(method, key="1")
    second = world.charge(method, key="2", status=402)
    assert second["failure"]["decline_code"] == "insufficient_funds"
    assert world.charge(method, key="1")["status"] == "succeeded"
    assert world.charge(method, key="2", status=402) == second
    other_card = world.method("5555555555554444", email="Bo+card_fails_2nd@example.com")
    assert world.charge(other_card, key="3")["status"] == "succeeded"
    assert world.charge(method, key="4")["status"] == "succeeded"


def test_first_charge_of_the_persona_is_disputed(world):
    method = world.method(email="bo+dispute@example.com")
    first = world.charge(method)
    world.charge(method)
    disputes = world.get("/gateway/v1/disputes")["data"]
    assert [(dispute["charge"], dispute["amount"]) for dispute in disputes] == [(first["id"], 5725)]


def test_card_that_always_asks_waits_for_its_person(world):
    charge = world.charge(world.method("4000002760003184"), key="k", status=402)
    assert (charge["status"], charge["failure"]["code"]) == ("requires_action", "authentication_required")
    page = requests.get(charge["action_url"], timeout=30)
    assert "Confirm it is you" in page.text
    done = requests.post(charge["action_url"], data={"answer": "yes"}, timeout=30)
    assert "went through" in done.text
    assert world.get(f"/gateway/v1/charges/{charge['id']}")["status"] == "succeeded"
    assert world.charge(world.get("/gateway/v1/charges")["data"][0]["payment_method"], key="k", status=402) == charge


def test_setup_without_a_browser(world):
    body = {
        "customer_email": "a@example.com",
        "customer_reference": "con_9",
        "return_url": "http://shop.example/back",
        "currency": "usd",
    }
    setup = world.post("/gateway/v1/setups", body)
    assert (setup["status"], setup["payment_method"]) == ("open", None)
    path = f"/gateway/v1/setups/{setup['id']}"
    assert world.post(f"{path}/card", {"number": "4000000000000002"}, status=402)["error"]["decline_code"] == "generic_decline"
    asked = world.post(f"{path}/card", {"number": "4000002500003155", "authenticate": False}, status=402)
    assert (asked["error"]["code"], world.get(path)["status"]) == ("authentication_required", "requires_action")
    done = world.post(f"{path}/card", {"number": "4000002500003155"}, status=200)
    assert (done["status"], done["payment_method"]["last4"], done["payment_method"]["brand"]) == ("succeeded", "3155", "visa")
    assert world.charge(done["payment_method"]["token"])["status"] == "succeeded"
    assert world.post(f"{path}/card", {"number": "4242424242424242"}, status=409)["error"]["code"] == "setup_not_open"


def test_removed_method_cannot_be_charged(world):
    method = world.method()
    assert world.http.delete(f"{world.url}/gateway/v1/payment_methods/{method}", timeout=30).status_code == 200
    assert world.charge(method, key=uuid.uuid4().hex, status=400)["error"]["field"] == "payment_method"


@pytest.mark.parametrize(
    ("currency", "least"), [("USD", 50), ("GBP", 30), ("DKK", 250), ("SEK", 300), ("EUR", 50), ("AUD", 50), ("JPY", 50)]
)
def test_less_than_card_networks_take_is_refused_and_not_recorded(world, currency, least):
    method = world.method()
    body = {"amount": least - 1, "currency": currency, "payment_method": method, "reference": "r"}
    for path in ("charges", "authorizations"):
        error = world.post(f"/gateway/v1/{path}", body, "k", 400)["error"]
        assert (error["code"], error["field"]) == ("amount_too_small", "amount")
        assert world.get(f"/gateway/v1/{path}")["data"] == []
        # Nothing is remembered: the key is free.
        assert world.post(f"/gateway/v1/{path}", body | {"amount": least}, "k")["amount"] == least


def test_a_card_is_refused_after_its_month(world):
    month = datetime.now(UTC).replace(day=1) + timedelta(days=62)
    body = {"number": "4242424242424242", "customer_email": "ann@example.com", "customer_reference": "c", "exp_month": month.month}
    method = world.post("/gateway/v1/payment_methods", body | {"exp_year": month.year})["token"]
    assert world.charge(method)["status"] == "succeeded"
    ends = (month.replace(day=1) + timedelta(days=31)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    world.forward(int((ends - datetime.now(UTC)).total_seconds()) - 60)
    assert world.charge(method)["status"] == "succeeded"
    world.forward(120)
    refused = world.charge(method, status=402)
    assert (refused["status"], refused["failure"]["decline_code"]) == ("failed", "expired_card")
    held = world.post(
        "/gateway/v1/authorizations", {"amount": 100, "currency": "USD", "payment_method": method, "reference": "r"}, "h", 402
    )
    assert held["failure"]["decline_code"] == "expired_card"
