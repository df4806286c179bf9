"""What Experian, Equifax and TransUnion all do: one report in the product's words, and never a report for no answer."""

import json
import logging
from dataclasses import replace
from datetime import date

import pytest

from credit.gateways import equifax, experian, transunion
from credit.gateways.base import SourceRefused, SourceUnavailable, Subject
from sandbox import known_people
from sandbox.credit_files import FACTORS, CreditFile, Trade
from sandbox.message import Request
from tests.agencies import Server

ADAPTERS = {"experian": experian, "equifax": equifax, "transunion": transunion}
ADDRESS = {"line1": "1 Main St", "city": "New York", "postal_code": "10001", "region": "NY", "country": "US"}
SUBJECT = Subject("Ann Mary Berg", "1990-05-31", "ann@people.example", "US", "USD", ADDRESS)


@pytest.fixture(scope="module")
def server():
    made = Server()
    yield made
    made.state.over.set()
    made.shutdown()
    made.server_close()


@pytest.fixture(params=ADAPTERS)
def name(request):
    return request.param


@pytest.fixture
def agency(server, name):
    server.state.over.set()
    server.state = type(server.state)()
    return ADAPTERS[name].of_account(server.account(name))


def test_it_works_and_says_who_it_is(agency, server):
    agency.health()
    assert (server.state.tokens, server.state.asked) == (1, [])
    told = agency.agency
    assert all((agency.name, told.identifier, told.name, told.address, told.phone))
    assert (told.lowest_score, told.highest_score) == (300, 850)


def test_a_report_is_told_in_the_products_words(agency):
    report = agency.report(SUBJECT, reference="inq_1")
    assert report.provider_ref == "inq_1"
    bureau = report.bureau
    assert (bureau.score, bureau.thin, bureau.delinquencies_24m, bureau.open_accounts) == (742, False, 0, 2)
    assert (bureau.utilization_pct, bureau.inquiries_6m, bureau.oldest_account_months) == (10, 1, 120)
    assert (bureau.fraud_alert, bureau.manual_review) == (False, False)
    assert bureau.disposable_income_minor == (60_000 // 12 - 300) * 100
    assert report.factors == (FACTORS["32"][1], FACTORS["14"][1])


def test_late_payments_of_two_years_are_counted(agency, server):
    server.state.case = CreditFile(trades=(Trade(late=3), Trade(late=24, opened=(2021, 1)), Trade(opened=(2024, 2))))
    bureau = agency.report(SUBJECT, reference="inq_1").bureau
    assert (bureau.delinquencies_24m, bureau.oldest_account_months) == (27, 120)


def test_a_thin_file_is_told(agency, server):
    server.state.case = CreditFile(trades=(Trade(),), inquiries=())
    bureau = agency.report(SUBJECT, reference="inq_1").bureau
    assert (bureau.thin, bureau.inquiries_6m) == (True, 0)


@pytest.mark.parametrize("alert", ["fraud", "active_duty"])
def test_an_alert_is_told(agency, server, alert):
    server.state.case = CreditFile(alert=alert)
    assert agency.report(SUBJECT, reference="inq_1").bureau.fraud_alert is True


@pytest.mark.parametrize(
    ("case", "file"),
    [
        (CreditFile(file="frozen"), "frozen"),
        (CreditFile(file="deceased"), "deceased"),
        (CreditFile(file="none", score=None, income=None, trades=()), "none"),
        (CreditFile(score=None), "unscored"),
        (CreditFile(income=None), "no_income"),
    ],
)
def test_what_cannot_be_scored_is_told_as_what_it_is(agency, server, case, file):
    server.state.case = case
    report = agency.report(SUBJECT, reference="inq_1")
    assert (report.bureau, report.file, report.kept) == (None, file, {"file": file})


def test_who_is_asked_about_and_under_which_reference_and_purpose(agency, server, name):
    agency.report(SUBJECT, reference="inq_1")
    head, body = server.state.asked[0]
    text = str(body)
    for part in ("Berg", "Ann Mary", "New York", "NY", "10001", "Main St"):
        assert part in text
    assert "ann@people.example" not in text
    purpose = {
        "experian": lambda: (
            body["permissiblePurpose"]["type"] == "08" and head["clientReferenceId"] == "inq_1" and head["companyId"] == "comp"
        ),
        "equifax": lambda: body["customerConfiguration"][equifax.KIND]["endUserInformation"] == {"permissiblePurposeCode": "57"},
        "transunion": lambda: body["creditBureau"]["product"]["permissiblePurpose"]["code"] == "CE",
    }
    assert purpose[name]()


def test_a_token_is_used_until_it_expires_and_renewed_once(agency, server, monkeypatch):
    faults = []
    monkeypatch.setattr("core.provider_calls.note", lambda _account, *, ms, error="": faults.append(error))
    for number in range(3):
        agency.report(SUBJECT, reference=f"inq_{number}")
    assert server.state.tokens == 1
    server.expire_tokens()
    assert agency.report(SUBJECT, reference="inq_4").bureau
    assert (server.state.tokens, len(server.state.asked)) == (2, 4)
    # Operators read nothing of it: the token had its time, as after the sandbox's clock was moved.
    assert set(faults) == {""}
    server.state.is_expired = True
    with pytest.raises(SourceRefused):
        agency.report(SUBJECT, reference="inq_5")
    assert server.state.tokens == 3
    assert faults[-1] == "AuthenticationError 401"


def test_a_repeated_inquiry_keeps_its_reference_and_is_nowhere_to_be_looked_up(agency, server):
    assert agency.find(reference="inq_1") is None
    assert agency.report(SUBJECT, reference="inq_1") == agency.report(SUBJECT, reference="inq_1")
    assert all("inq_1" in str(one) for one in server.state.asked)
    assert agency.review(provider_ref="inq_1") == ""


@pytest.mark.parametrize("status", [400, 403, 429, 500, 503])
def test_an_error_is_no_report(agency, server, status):
    server.state.status = status
    with pytest.raises(SourceUnavailable) as error:
        agency.report(SUBJECT, reference="inq_1")
    assert error.value.outcome == ("refused" if status in {400, 403} else "failed")


def test_a_connection_that_is_lost_is_no_report(agency, server):
    server.state.does = "hang up"
    with pytest.raises(SourceUnavailable):
        agency.report(SUBJECT, reference="inq_1")


def replaced(answer, path, value):
    """Return an answer with another value at a path of names and numbers."""
    part = answer
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    return answer


OTHERS = {
    "experian": [
        (("creditProfile",), []),
        (("creditProfile", 0, "headerRecord", 0, "y2kReportedDate"), 22),
        (("creditProfile", 0, "riskModel", 0, "score"), {"points": 742}),
        (("creditProfile", 0, "riskModel", 0, "score"), "0042"),
        (("creditProfile", 0, "tradeline", 0, "balanceAmount"), True),
        (("creditProfile", 0, "tradeline"), "none"),
        (("creditProfile", 0, "inquiry", 0, "date"), "yesterday"),
    ],
    "equifax": [
        (("status",), "pending"),
        (("consumers",), None),
        (("consumers", equifax.KIND, 0, "customerReferenceNumber"), "of another"),
        (("consumers", equifax.KIND, 0, "models", 0, "score"), "many"),
        (("consumers", equifax.KIND, 0, "models", 0, "score"), 7),
        (("consumers", equifax.KIND, 0, "trades", 0, "balance"), [1]),
        (("consumers", equifax.KIND, 0, "reportDate"), None),
    ],
    "transunion": [
        (("creditBureau", "product", "error"), {"code": "033", "description": "Invalid password"}),
        (("creditBureau", "transactionControl", "userRefNumber"), "of another"),
        (("creditBureau", "product", "subject"), []),
        (("creditBureau", "product", "subject", "subjectRecord", "addOnProduct", 1, "scoreModel", "score", "results"), "high"),
        (("creditBureau", "product", "subject", "subjectRecord", "addOnProduct", 1, "scoreModel", "score", "results"), "+900"),
        (("creditBureau", "product", "subject", "subjectRecord", "custom", "credit", "trade", 0, "dateOpened"), "long ago"),
        (("creditBureau", "transactionControl", "tracking", "transactionTimeStamp"), ""),
    ],
}


@pytest.mark.parametrize("number", range(7))
def test_what_cannot_be_read_is_no_report(agency, server, name, number):
    path, value = OTHERS[name][number]
    server.state.change = lambda answer: replaced(answer, path, value)
    with pytest.raises(SourceUnavailable):
        agency.report(SUBJECT, reference="inq_1")


@pytest.mark.parametrize("answer", [[], {}, "text", None])
def test_an_answer_of_another_kind_is_no_report(agency, server, answer):
    server.state.change = lambda _: answer
    with pytest.raises(SourceUnavailable):
        agency.report(SUBJECT, reference="inq_1")


def test_wrong_keys_are_refused_and_nobody_is_asked_about(server, name):
    server.state = type(server.state)()
    stranger = ADAPTERS[name].of_account(server.account(name, client_secret="wrong"))
    with pytest.raises(SourceRefused):
        stranger.health()
    with pytest.raises(SourceRefused):
        stranger.report(SUBJECT, reference="inq_1")
    assert server.state.asked == []


def test_nothing_of_a_person_is_logged(agency, server, caplog):
    caplog.set_level(logging.DEBUG)
    agency.report(SUBJECT, reference="inq_1")
    server.state.status = 400
    with pytest.raises(SourceRefused) as error:
        agency.report(SUBJECT, reference="inq_2")
    told = caplog.text + str(error.value) + repr(SUBJECT)
    for part in ("Berg", "1990", "0531", "Main St", "10001", "ann@"):
        assert part not in told


def test_a_person_of_one_name_is_asked_about_by_it(agency, server):
    assert agency.report(replace(SUBJECT, name="Cher"), reference="inq_1").bureau
    assert str(server.state.asked[0][1]).count("Cher") == 2


def test_inquiries_of_half_a_year_count(agency, server):
    server.state.case = CreditFile(inquiries=(date(2026, 5, 23), date(2026, 5, 22), date(2026, 11, 22)))
    assert agency.report(SUBJECT, reference="inq_1").bureau.inquiries_6m == 2


@pytest.fixture
def world(agency, server):
    """The sandbox as it is by itself: what it knows of people is by their personas."""
    server.state.case = None
    server.world.store.run("DELETE FROM known_people")
    return server.world


@pytest.mark.parametrize(
    ("persona", "told"),
    [
        ("approve", (842, False, 0, 6, 8, 0, 168, False, 300_000)),
        ("well_off", (842, False, 0, 6, 8, 0, 168, False, 900_000)),
        ("decline", (382, False, 7, 11, 97, 9, 34, False, 4_000)),
        ("thin", (610, True, 0, 1, 35, 2, 5, False, None)),
        ("remarks", (604, False, 3, 7, 61, 3, 96, False, None)),
        ("fraud_hold", (842, False, 0, 6, 8, 0, 168, True, None)),
    ],
)
def test_a_persona_is_the_same_at_every_agency(agency, world, persona, told):
    known_people.remember(world, SUBJECT.name, SUBJECT.birth_date, f"ann+{persona}@people.example")
    found = agency.report(SUBJECT, reference="inq_1").bureau
    names = (
        "score",
        "thin",
        "delinquencies_24m",
        "open_accounts",
        "utilization_pct",
        "inquiries_6m",
        "oldest_account_months",
        "fraud_alert",
    )
    assert tuple(getattr(found, name) for name in names) == told[:-1]
    assert told[-1] is None or found.disposable_income_minor == told[-1]


@pytest.mark.parametrize(
    ("word", "file"),
    [("Frozen", "frozen"), ("Deceased", "deceased"), ("No-File", "none"), ("No-Score", "unscored"), ("No-Income", "no_income")],
)
def test_a_word_of_the_name_is_a_persona_for_who_is_not_known(agency, world, word, file):
    assert agency.report(replace(SUBJECT, name=f"Ann {word}"), reference="inq_1").file == file


def test_an_agency_tells_nobody_by_persona_alike_and_the_same_every_time(agency, world):
    others = [agency.report(replace(SUBJECT, name=name), reference=f"inq_{name}").bureau for name in ("Bo Alm", "Cy Dahl", "Bo Alm")]
    assert others[0] == others[2] != others[1]
    assert all(640 <= one.score <= 820 and 150_000 <= one.disposable_income_minor < 400_001 for one in others)


def test_an_agency_that_fails_for_a_persona_gives_no_report(agency, world, server):
    with pytest.raises(SourceUnavailable) as error:
        agency.report(replace(SUBJECT, name="Ann Failing-Bureau"), reference="inq_1")
    assert error.value.outcome == "failed"
    assert server.app.handle(asked_again(server, "Slow-Bureau")).delay_s == 5


def asked_again(server, word):
    """Return the last inquiry as a request, for a person of another name."""
    headers, body = server.state.asked[-1]
    text = json.dumps(body).replace("Failing-Bureau", word)
    path = next(path for known, path in PATHS.items() if known in body)
    return Request("POST", path, "", {name.lower(): value for name, value in headers.items()}, text.encode())


PATHS = {
    "consumerPii": f"/experian{experian.REPORT}",
    "customerReferenceIdentifier": f"/equifax{equifax.REPORT}",
    "creditBureau": f"/transunion{transunion.REPORT}",
}
