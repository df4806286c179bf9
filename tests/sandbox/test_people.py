"""KYC, the bureau and their personas; mailbox and phone."""

import uuid

import pytest
import requests

MINUTE_S = 60
PERSON = {"reference": "con_1", "name": "Ann Berg", "birth_date": "1990-05-31", "country": "US"}


def check(world, email, **change):
    body = {**PERSON, "email": email, "phone": "+15005550001", "address": {"line1": "1 Main St"}, **change}
    return world.post("/kyc/v1/checks", body)


def report(world, email, currency="USD", reference=""):
    about = {"reference": reference or uuid.uuid4().hex, "email": email, "currency": currency}
    return world.post("/bureau/v1/reports", {**PERSON, **about})


def test_plain_person_is_clear(world):
    made = check(world, "ann@example.com")
    assert (made["status"], made["reasons"], made["sanctions_hit"]) == ("clear", [], False)
    assert world.get(f"/kyc/v1/checks/{made['id']}") == made
    assert world.get("/kyc/v1/checks", reference="con_1")["data"] == [made]


@pytest.mark.parametrize(
    ("email", "change", "reasons", "hit"),
    [
        ("ann+kyc_fail@example.com", {}, ["document_mismatch"], False),
        ("ann+sanctions@example.com", {}, ["sanctions_match"], True),
        ("ann@example.com", {"birth_date": "2020-01-01"}, ["under_age"], False),
    ],
)
def test_rejections_give_reasons(world, email, change, reasons, hit):
    made = check(world, email, **change)
    assert (made["status"], made["reasons"], made["sanctions_hit"]) == ("rejected", reasons, hit)


def test_pending_check_clears_later(world):
    made = check(world, "ann+kyc_pending@example.com")
    assert made["status"] == "pending"
    world.forward(5 * MINUTE_S)
    assert world.get(f"/kyc/v1/checks/{made['id']}")["status"] == "clear"


def test_plain_report_is_good_and_always_the_same(world):
    for number in range(40):
        email = f"person{number}@example.com"
        first, again = report(world, email), report(world, email.upper())
        assert 640 <= first["score"] <= 820
        assert 150_000 <= first["disposable_income_minor"] <= 400_000
        assert (first["fraud_alert"], first["manual_review"], first["review"]) == (False, False, None)
        unlike = {"id", "at", "reference"}
        assert {key: first[key] for key in first if key not in unlike} == {key: again[key] for key in again if key not in unlike}


@pytest.mark.parametrize(
    ("currency", "good"),
    [
        *(("USD", 300_000), ("EUR", 300_000), ("GBP", 250_000), ("AUD", 450_000), ("DKK", 2_000_000), ("SEK", 3_000_000)),
        *(("JPY", 400_000), ("CZK", 300_000), ("KRW", 3_000), ("KWD", 3_000_000)),
    ],
)
def test_personas_have_an_income_of_the_currency_s_country(world, currency, good):
    made = report(world, "ann+approve@example.com", currency)
    assert (made["disposable_income_minor"], made["currency"], made["score"]) == (good, currency, 842)
    told = [report(world, f"ann{persona}@example.com", currency)["disposable_income_minor"] for persona in ("+well_off", "+decline", "")]
    assert told[:2] == [3 * good, good // 75]
    assert good // 2 <= told[2] <= good * 4 // 3


def test_decline_fraud_and_thin(world):
    bad = report(world, "ann+decline@example.com")
    assert bad["score"] < 450
    assert bad["delinquencies_24m"] > 3
    assert report(world, "ann+fraud_hold@example.com")["fraud_alert"] is True
    assert report(world, "ann+thin@example.com")["file"] == "thin"


def test_review_that_waits_for_people(world):
    made = report(world, "ann+refer@example.com")
    assert (made["manual_review"], made["review"]) == (True, None)
    world.forward(60 * MINUTE_S)
    assert world.get(f"/bureau/v1/reports/{made['id']}/review") == {"status": "pending", "outcome": None}


def test_review_that_answers_after_five_minutes(world):
    made = report(world, "ann+refer_approve_05@example.com")
    assert (made["manual_review"], made["review"]) == (True, {"outcome": "approve", "after_minutes": 5})
    world.forward(4 * MINUTE_S)
    assert world.get(f"/bureau/v1/reports/{made['id']}/review") == {"status": "pending", "outcome": None}
    world.forward(MINUTE_S)
    assert world.get(f"/bureau/v1/reports/{made['id']}/review") == {"status": "done", "outcome": "approve"}
    assert world.get(f"/bureau/v1/reports/{made['id']}") == made


def test_mailbox_takes_batches_and_shows_them(world):
    batch = [
        {"to": f"P{number}@example.com", "from": "kvart <no-reply@kvart.example>", "subject": f"Payment {number}", "text": "Hello <b>"}
        for number in range(60)
    ]
    batch[0]["html"] = "<p>Hello</p><script>alert(1)</script>"
    batch[0]["headers"] = {"X-Kind": "test"}
    assert world.post("/mailbox/messages", batch)["accepted"] == 60
    newest = world.get("/mailbox/api/messages", limit=2)
    assert [message["subject"] for message in newest["data"]] == ["Payment 59", "Payment 58"]
    mine = world.get("/mailbox/api/messages", to="p0@EXAMPLE.com")["data"]
    assert [(message["to"], message["headers"]) for message in mine] == [("P0@example.com", {"X-Kind": "test"})]
    listed = requests.get(f"{world.url}/mailbox/", timeout=30).text
    assert "Payment 59" in listed
    assert "Payment 9<" not in listed
    assert "Older messages" in listed
    page = requests.get(f"{world.url}/mailbox/{mine[0]['id']}", timeout=30).text
    assert f'<iframe class="mail" src="/mailbox/{mine[0]["id"]}/html"' in page
    assert "Hello &lt;b&gt;" in page
    frame = requests.get(f"{world.url}/mailbox/{mine[0]['id']}/html", timeout=30)
    assert frame.headers["Content-Security-Policy"].startswith("sandbox allow-popups")
    assert "default-src 'none'" in frame.headers["Content-Security-Policy"]
    filtered = requests.get(f"{world.url}/mailbox/?to=p7@", timeout=30).text
    assert "Payment 7<" in filtered
    assert "Payment 8<" not in filtered


def test_one_bad_message_refuses_the_batch(world):
    good = {"to": "a@example.com", "from": "b@example.com", "subject": "s", "text": "t"}
    assert world.post("/mailbox/messages", [good, {**good, "to": ""}], status=400)["error"]["field"] == "to"
    assert world.get("/mailbox/api/messages")["data"] == []
    assert "No e-mail yet" in requests.get(f"{world.url}/mailbox/", timeout=30).text


def test_home_tells_of_personas_and_the_clock(world):
    world.forward(3 * 24 * 3600)
    page = requests.get(f"{world.url}/", timeout=30).text
    for text in ("+refer_approve_05", "4000 0000 0000 9995", "111111", "3 days ahead of real time"):
        assert text in page
    assert requests.get(f"{world.url}/static/sandbox.css", timeout=30).headers["Content-Type"].startswith("text/css")
