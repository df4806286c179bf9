"""A company looks at pictures: once for each proof through kills and outages, decided by itself or passed on to a person."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.gateways.base import ProviderUnavailable
from accounts.gateways.onfido import Onfido
from accounts.gateways.pictures import Judged, Seen
from accounts.models import IdentityProof
from accounts.proofs.checking import services as checking
from accounts.proofs.checking.services import LONGEST, look_at_pictures
from accounts.proofs.services import decide_proof, send_proof
from core import providers
from tests import outside_accounts
from tests.operators import make_boss
from tests.pictures import photo

pytestmark = pytest.mark.django_db(transaction=True)
ACCOUNT = "sandbox-pictures"


@pytest.fixture(autouse=True)
def world(sandbox_world, settings):
    settings.PICTURES = "sandbox"
    found = outside_accounts.Outside(sandbox_world, settings.SANDBOX_KEY)
    yield found
    found.chaos("onfido")
    providers.forget()


@pytest.fixture
def sent(person, at):
    """Give a function that sends pictures of somebody of a persona."""

    def send(persona="", level="selfie", document="card"):
        pictures = {"front": photo(), "back": photo(), "selfie": photo()}
        return send_proof(consumer=person(persona), level=level, document=document, pictures=pictures, at=at)

    return send


def looked(proof, at):
    look_at_pictures(at=at)
    return IdentityProof.objects.get(pk=proof.pk)


def test_clear_pictures_are_accepted_until_the_document_ends(sent, at):
    proof = looked(sent(), at)
    assert (proof.status, proof.provider, proof.reasons, proof.decided_by) == ("accepted", ACCOUNT, [], None)
    assert proof.ends_on > at.date() + timedelta(days=4 * 365)
    assert [one["name"] for one in proof.evidence["reports"]] == ["document", "facial_similarity_photo"]
    assert look_at_pictures(at=at + timedelta(days=1)) == 0
    passport = looked(sent(level="document", document="passport"), at)
    assert (passport.status, [one["name"] for one in passport.evidence["reports"]]) == ("accepted", ["document"])


@pytest.mark.parametrize(
    ("persona", "status", "reasons"),
    [
        ("+document_blurred", "refused", ["picture_unreadable"]),
        ("+document_doubtful", "review", ["document_doubtful"]),
        ("+face_differs", "review", ["face_differs"]),
    ],
)
def test_what_is_not_clear_is_refused_or_left_to_a_person_who_reads_why(client, sent, at, persona, status, reasons):
    proof = looked(sent(persona), at)
    assert (proof.status, proof.reasons, proof.ends_on is None) == (status, reasons, status == "refused")
    boss = make_boss("rita@kvart.example", "demo-password", name="Rita")
    client.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("admin:accounts_identityproof_change", args=[proof.pk])).content.decode()
    assert str(checking.REASONS[reasons[0]]) in page
    assert f"{ACCOUNT} looked at them first." in page
    if status == "review":
        decide_proof(proof_id=proof.pk, accepts=True, reason="Seen it", ends_on=at.date() + timedelta(days=9), user=boss, at=at)


def test_slow_answers_are_asked_again_and_a_company_that_is_silent_for_hours_is_not_waited_for(sent, at, world):
    proof = looked(sent("+document_slow"), at)
    assert (proof.status, proof.next_at) == ("checking", at + timedelta(minutes=1))
    before = world.read("/control/clock")["offset_seconds"]
    world.post("/control/clock", offset_seconds=before + 600)
    assert looked(proof, at + timedelta(minutes=10)).status == "accepted"
    world.post("/control/clock", offset_seconds=before)
    world.chaos("onfido", fail_rate=1.0)
    silent = looked(sent(), at)
    assert (silent.status, silent.provider_ref) == ("checking", "")
    late = looked(silent, at + LONGEST)
    assert (late.status, late.reasons, late.review_by) == ("review", ["no_answer"], at + LONGEST + timedelta(hours=24))


def test_a_process_that_is_killed_anywhere_pays_for_one_check(sent, at, monkeypatch):
    proof, asked = sent(), []
    real = Onfido._post

    class Killed(BaseException):
        pass

    def post(self, path, body):
        asked.append(path)
        told = real(self, path, body)
        if len(asked) in (1, 3):
            raise Killed
        return told

    monkeypatch.setattr(Onfido, "_post", post)
    for turn in range(2):
        with pytest.raises(Killed):
            look_at_pictures(at=at)
        IdentityProof.objects.filter(pk=proof.pk).update(claimed_until=None)
        assert bool(IdentityProof.objects.get(pk=proof.pk).provider_ref) == bool(turn)
    assert looked(proof, at).status == "accepted"
    assert asked == ["/applicants", "/applicants", "/checks"]


def test_a_document_of_somebody_else_or_without_a_last_day_is_a_persons_to_judge(sent, at, monkeypatch):
    proof = sent()
    judged = Judged(Seen.CLEAR, name="Somebody Else", birth_date=at.date())
    monkeypatch.setattr(Onfido, "check", lambda *_args, **_how: judged)
    assert looked(proof, at).reasons == ["name_differs", "birth_date_differs", "no_last_day"]


def test_two_workers_and_a_reviewer_leave_one_answer(sent, at, at_once):
    proof = sent()
    at_once(3, lambda _number: look_at_pictures(at=at))
    proof.refresh_from_db()
    assert proof.status == "accepted"
    assert not checking._record(proof, Judged(Seen.UNREADABLE, ["picture_unreadable"]), at)


def test_an_account_with_onfido_speaks_by_its_token_and_says_when_its_keys_are_refused(sandbox_world, person):
    provider = providers.get_provider("onfido")
    account = providers.Account(
        code="onfido", provider="onfido", capabilities=provider.capabilities, values={"token": "t", "url": f"{sandbox_world}/onfido"}
    )
    made = providers.import_string(provider.adapter)(account)
    made.health()
    assert made.find(made.begin(checking._person(person()), reference="idp_1")) is None
    with pytest.raises(ProviderUnavailable):
        made.find("app_nobody")
