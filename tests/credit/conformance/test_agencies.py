"""What Experian, Equifax and TransUnion all do: one report in the product's words, and never a report for no answer."""

import logging
from dataclasses import replace
from datetime import date

import pytest

from credit.gateways import equifax, experian, transunion
from credit.gateways.base import SourceRefused, SourceUnavailable, Subject
from tests.agencies import Case, Server, Trade

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


def test_a_report_is_told_in_the_products_words(agency, name):
    report = agency.report(SUBJECT, reference="inq_1")
    assert report.provider_ref == "inq_1"
    bureau = report.bureau
    assert (bureau.score, bureau.thin, bureau.delinquencies_24m, bureau.open_accounts) == (742, False, 0, 2)
    assert (bureau.utilization_pct, bureau.inquiries_6m, bureau.oldest_account_months) == (10, 1, 120)
    assert (bureau.fraud_alert, bureau.manual_review) == (False, False)
    assert bureau.disposable_income_minor == (60_000 // 12 - 300) * 100
    words = {"experian": (experian.FACTORS["32"], experian.FACTORS["14"])}
    assert report.factors == words.get(name, ("The words of 32", "The words of 14"))


def test_late_payments_of_two_years_are_counted(agency, server):
    server.state.case = Case(trades=(Trade(late=3), Trade(late=24, opened=(2021, 1)), Trade(opened=(2024, 2))))
    bureau = agency.report(SUBJECT, reference="inq_1").bureau
    assert (bureau.delinquencies_24m, bureau.oldest_account_months) == (27, 120)


def test_a_thin_file_is_told(agency, server):
    server.state.case = Case(trades=(Trade(),), inquiries=())
    bureau = agency.report(SUBJECT, reference="inq_1").bureau
    assert (bureau.thin, bureau.inquiries_6m) == (True, 0)


@pytest.mark.parametrize("alert", ["fraud", "active_duty"])
def test_an_alert_is_told(agency, server, alert):
    server.state.case = Case(alert=alert)
    assert agency.report(SUBJECT, reference="inq_1").bureau.fraud_alert is True


@pytest.mark.parametrize(
    ("case", "file"),
    [
        (Case(file="frozen"), "frozen"),
        (Case(file="deceased"), "deceased"),
        (Case(file="none", score=None, income=None, trades=()), "none"),
        (Case(score=None), "unscored"),
        (Case(income=None), "no_income"),
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


def test_a_token_is_used_until_it_expires_and_renewed_once(agency, server):
    for number in range(3):
        agency.report(SUBJECT, reference=f"inq_{number}")
    assert server.state.tokens == 1
    server.state.expired = {"token-1"}
    assert agency.report(SUBJECT, reference="inq_4").bureau
    assert (server.state.tokens, len(server.state.asked)) == (2, 4)
    server.state.expired = {f"token-{number}" for number in range(9)}
    with pytest.raises(SourceRefused):
        agency.report(SUBJECT, reference="inq_5")
    assert server.state.tokens == 3


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
    server.state.case = Case(inquiries=(date(2026, 5, 23), date(2026, 5, 22), date(2026, 11, 22)))
    assert agency.report(SUBJECT, reference="inq_1").bureau.inquiries_6m == 2
