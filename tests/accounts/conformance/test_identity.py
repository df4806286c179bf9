"""What every provider of identity checks does: one check for a reference, told in one form, and never a verdict for no answer."""

import uuid
from datetime import date

import pytest

from accounts.gateways.base import Person, ProviderUnavailable
from core import providers
from tests import outside_accounts
from tests.live.outside import Services

HOME = {"line1": "1 Main St", "city": "New York", "postal_code": "10001", "region": "NY", "country": "US"}
SCRIPTS = {
    "+kyc_fail": {"status": "rejected", "reasons": ["document_mismatch"]},
    "+sanctions": {"status": "rejected", "reasons": ["sanctions_match"], "sanctions_hit": True},
    "+kyc_pending": {"status": "pending"},
}


@pytest.fixture(params=["sandbox-identity", "http-identity"])
def account(request, outside_world):
    return request.param


@pytest.fixture
def identity(account):
    return providers.connect(account)


@pytest.fixture
def person(account):
    """Give a function that makes a person of a persona; the tests' own server is told what to answer about them."""

    def make(persona=""):
        email = f"{uuid.uuid4().hex}{persona}@people.example"
        Services.scripted[email] = SCRIPTS.get(persona, {})
        return Person(name="Ann Berg", birth_date=date(1990, 5, 31), email=email, phone="+12125550100", address=HOME, country="US")

    return make


@pytest.fixture
def reference():
    return f"idc_{uuid.uuid4().hex}"


def test_it_works_and_has_a_name(identity):
    identity.health()
    assert 0 < len(identity.name) <= 20


def test_a_person_is_clear_and_the_evidence_is_told(identity, person, reference):
    found = identity.check(person(), reference=reference)
    assert (found.result, found.reasons) == ("clear", [])
    assert found.provider_ref
    assert set(found.evidence) == {"evidence", "sanctions_hit", "pep_hit"}
    assert found.evidence["sanctions_hit"] is False


@pytest.mark.parametrize(
    ("persona", "reason", "listed"), [("+kyc_fail", "document_mismatch", False), ("+sanctions", "sanctions_match", True)]
)
def test_a_person_is_rejected_and_why(identity, person, reference, persona, reason, listed):
    found = identity.check(person(persona), reference=reference)
    assert (found.result, found.reasons, found.evidence["sanctions_hit"]) == ("rejected", [reason], listed)


def test_one_reference_is_one_check_and_is_looked_up(identity, person, reference):
    who = person()
    assert identity.find(reference=reference) is None
    first = identity.check(who, reference=reference)
    assert identity.check(who, reference=reference) == first == identity.find(reference=reference)
    assert identity.check(who, reference=f"{reference}b").provider_ref != first.provider_ref


def test_who_waits_is_pending_each_time_and_decided_later(identity, account, person, reference, outside_world):
    who = person("+kyc_pending")
    assert identity.check(who, reference=reference).result == "pending"
    assert identity.check(who, reference=reference).result == "pending"
    assert identity.find(reference=reference).result == "pending"
    outside_world.post("/control/clock", forward_seconds=600)
    if account == "http-identity":
        Services.known["/kyc/v1/checks", reference]["status"] = "clear"
    assert identity.find(reference=reference).result == "clear"
    assert identity.check(who, reference=reference).result == "clear"


@pytest.fixture
def quiet(account, outside_world):
    """Give a function that makes the provider stop answering."""

    def down():
        outside_world.chaos("kyc", fail_rate=1)
        Services.broken = (503, {})

    return down


def test_no_answer_is_no_verdict(identity, person, reference, quiet):
    who = person("+kyc_fail")
    identity.check(who, reference=reference)
    quiet()
    for ask in (lambda: identity.check(who, reference=reference), lambda: identity.find(reference=reference), identity.health):
        with pytest.raises(ProviderUnavailable):
            ask()


WHOLE = {"id": "x", "status": "clear", "reasons": [], "evidence": {}, "sanctions_hit": False, "pep_hit": False}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (201, {}),
        (201, []),
        (201, "clear"),
        (201, None),
        (201, WHOLE | {"status": "consider"}),
        (201, WHOLE | {"status": ["clear"]}),
        (201, WHOLE | {"reasons": "none"}),
        (201, WHOLE | {"reasons": None}),
        (201, {name: value for name, value in WHOLE.items() if name != "sanctions_hit"}),
        (403, ["no"]),
        (422, {"error": "no such country"}),
        (429, {}),
    ],
)
def test_what_cannot_be_read_is_no_verdict(outside_world, person, reference, status, body):
    identity = providers.connect("http-identity")
    Services.broken = (status, body)
    with pytest.raises(ProviderUnavailable):
        identity.check(person(), reference=reference)


@pytest.mark.parametrize("values", [{"key": "turned"}, {"url": outside_accounts.NOBODY}])
def test_an_account_that_is_not_let_in_is_not_well(outside_world, person, reference, values):
    identity = outside_accounts.other("http-identity", values)
    for ask in (identity.health, lambda: identity.check(person(), reference=reference), lambda: identity.find(reference=reference)):
        with pytest.raises(ProviderUnavailable):
            ask()
