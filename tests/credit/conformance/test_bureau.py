"""What every credit bureau does: one inquiry for a reference, its people's decision, and never a report for no answer."""

import uuid

import pytest

from core import providers
from credit.gateways.base import SourceUnavailable, Subject
from tests import outside_accounts
from tests.live import outside
from tests.live.outside import REPORT, Services

REPORTS = "/bureau/v1/reports"


@pytest.fixture
def outside_world(sandbox_world, settings):
    """Give the sandbox world to be told what to do; its clock and its faults end with the test, and so do those of the tests' server."""
    services = f"http://127.0.0.1:{outside.services()}"
    settings.PROVIDER_VALUES = settings.PROVIDER_VALUES | outside_accounts.variables(sandbox_world, services)
    world = outside_accounts.Outside(sandbox_world, settings.SANDBOX_KEY)
    before = world.read("/control/clock")["offset_seconds"]
    yield world
    world.post("/control/clock", offset_seconds=before)
    world.chaos("bureau")
    Services.broken = None
    Services.scripted.clear()
    Services.reviews.clear()
    providers.forget()


@pytest.fixture(params=["sandbox-bureau", "http-bureau"])
def account(request, outside_world):
    return request.param


@pytest.fixture
def bureau(account):
    return providers.connect(account)


@pytest.fixture
def reference():
    return f"inq_{uuid.uuid4().hex}"


def subject(persona="", **script):
    """A person of a persona; the tests' own server is told what to answer about them."""
    email = f"{uuid.uuid4().hex}{persona}@people.example"
    Services.scripted[email] = script
    return Subject(name="Ann Berg", birth_date="1990-05-31", email=email, country="US", currency="USD")


def test_it_works_and_says_who_it_is(bureau):
    bureau.health()
    agency = bureau.agency
    assert all((bureau.name, agency.identifier, agency.name, agency.address, agency.phone))
    assert 0 < agency.lowest_score < agency.highest_score


def test_a_report_has_every_field_and_a_score_within_the_range(bureau, reference):
    report = bureau.report(subject(), reference=reference)
    assert report.provider_ref
    assert bureau.agency.lowest_score <= report.bureau.score <= bureau.agency.highest_score
    assert (report.bureau.thin, report.bureau.fraud_alert, report.bureau.manual_review) == (False, False, False)
    assert report.bureau.disposable_income_minor > 0


def test_one_reference_is_one_inquiry_and_is_looked_up(bureau, reference):
    who = subject()
    assert bureau.find(reference=reference) is None
    first = bureau.report(who, reference=reference)
    assert bureau.report(who, reference=reference) == first == bureau.find(reference=reference)
    assert bureau.report(who, reference=f"{reference}b").provider_ref != first.provider_ref


def test_a_bad_file_is_told_with_what_lowered_its_score(bureau, reference):
    script = {"score": 382, "delinquencies_24m": 7, "score_factors": [{"text": "Late payments in the last 24 months"}]}
    report = bureau.report(subject("+decline", **script), reference=reference)
    assert (report.bureau.score, report.bureau.delinquencies_24m) == (382, 7)
    assert report.factors[0] == "Late payments in the last 24 months"


def test_a_thin_file_and_an_alarm_are_told(bureau, reference):
    assert bureau.report(subject("+thin", file="thin"), reference=reference).bureau.thin is True
    assert bureau.report(subject("+fraud_hold", fraud_alert=True), reference=f"{reference}b").bureau.fraud_alert is True


@pytest.mark.parametrize("outcome", ["approve", "decline"])
def test_its_people_decide_later(bureau, account, reference, outside_world, outcome):
    report = bureau.report(subject(f"+refer_{outcome}_05", manual_review=True), reference=reference)
    assert report.bureau.manual_review is True
    assert bureau.review(provider_ref=report.provider_ref) == ""
    outside_world.post("/control/clock", forward_seconds=600)
    if account == "http-bureau":
        Services.reviews[report.provider_ref] = outcome
    assert bureau.review(provider_ref=report.provider_ref) == outcome


def test_no_answer_is_no_report(bureau, reference, outside_world):
    who = subject()
    ref = bureau.report(who, reference=reference).provider_ref
    outside_world.chaos("bureau", fail_rate=1)
    Services.broken = (503, {})
    asks = [
        lambda: bureau.report(who, reference=reference),
        lambda: bureau.find(reference=reference),
        lambda: bureau.review(provider_ref=ref),
        bureau.health,
    ]
    for ask in asks:
        with pytest.raises(SourceUnavailable):
            ask()


WHOLE = {"id": "x", **REPORT}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (201, {}),
        (201, []),
        (201, None),
        (201, WHOLE | {"score": "790"}),
        (201, WHOLE | {"score": None}),
        (201, WHOLE | {"fraud_alert": 0}),
        (201, WHOLE | {"file": "lost"}),
        (201, WHOLE | {"score": 7}),
        (201, WHOLE | {"disposable_income_minor": 12.5}),
        (201, WHOLE | {"score_factors": ["late"]}),
        (201, WHOLE | {"score_factors": [{"text": ""}]}),
        (201, WHOLE | {"score_factors": "late"}),
        (201, {name: value for name, value in WHOLE.items() if name != "open_accounts"}),
        (403, ["no"]),
        (422, {"error": "no such country"}),
        (429, {}),
    ],
)
def test_what_cannot_be_read_is_no_report(outside_world, reference, status, body):
    bureau = providers.connect("http-bureau")
    Services.broken = (status, body)
    with pytest.raises(SourceUnavailable):
        bureau.report(subject(), reference=reference)


@pytest.mark.parametrize(("status", "body"), [(200, {}), (200, []), (200, {"outcome": "perhaps"}), (404, {"error": "gone"})])
def test_what_is_no_decision_is_none(outside_world, status, body):
    bureau = providers.connect("http-bureau")
    Services.broken = (status, body)
    with pytest.raises(SourceUnavailable):
        bureau.review(provider_ref="x")


@pytest.mark.parametrize("values", [{"key": "turned"}, {"url": outside_accounts.NOBODY}])
def test_an_account_that_is_not_let_in_is_not_well(outside_world, reference, values):
    bureau = outside_accounts.other("http-bureau", values)
    asks = [
        bureau.health,
        lambda: bureau.report(subject(), reference=reference),
        lambda: bureau.find(reference=reference),
        lambda: bureau.review(provider_ref="x"),
    ]
    for ask in asks:
        with pytest.raises(SourceUnavailable):
            ask()
