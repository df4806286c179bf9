"""Identity checks against the real sandbox world: asked once, kept, settled later where they stay open."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts import queries, services
from accounts.errors import DetailsFixed, DetailsMissing
from accounts.models import Consumer, ConsumerChange, IdentityCheck, OnboardingStep
from core import clock, remote


def asked(world, check: IdentityCheck) -> int:
    return sum(one["asked"] for one in world.get("/kyc/v1/checks", {"reference": check.reference})["data"])


def trail(consumer):
    return [
        (change.change["from"], change.change["to"], change.actor)
        for change in ConsumerChange.objects.filter(consumer=consumer).order_by("-id")
        if change.subject == "identity"
    ]


def test_a_person_is_found_to_be_who_they_say(person, world, at):
    consumer = services.check_identity(consumer=person(), at=at, actor="consumer")
    assert consumer.identity == Consumer.objects.get().identity == "verified"
    found, intent = IdentityCheck.objects.filter(consumer=consumer).order_by("-id")
    assert (found.result, found.provider, found.reasons, found.at) == ("clear", "sandbox", [], at)
    assert found.provider_ref.startswith("kyc_")
    assert found.evidence["evidence"]["document"]["result"] == "clear"
    assert (intent.result, intent.reference, intent.next_at) == ("pending", found.reference, None)
    assert trail(consumer) == [("pending", "verified", "consumer"), ("unknown", "pending", "consumer")]
    assert list(OnboardingStep.objects.filter(consumer=consumer).order_by("at", "id").values_list("step", flat=True)) == [
        "signed_up",
        "details",
        "identity",
    ]


def test_who_is_verified_is_not_asked_about_again(person, world, at, django_assert_max_num_queries):
    consumer = services.check_identity(consumer=person(), at=at, actor="consumer")
    with django_assert_max_num_queries(4):
        assert services.check_identity(consumer=consumer, at=at, actor="consumer").identity == "verified"
    assert asked(world, queries.latest_identity_check(consumer)) == 1


@pytest.mark.parametrize(
    ("persona", "reason", "sanctions"), [("+kyc_fail", "document_mismatch", False), ("+sanctions", "sanctions_match", True)]
)
def test_a_rejected_person_and_why(person, world, at, persona, reason, sanctions):
    consumer = services.check_identity(consumer=person(persona), at=at, actor="consumer")
    assert consumer.identity == "rejected"
    found = queries.latest_identity_check(consumer)
    assert (found.result, found.reasons, found.evidence["sanctions_hit"]) == ("rejected", [reason], sanctions)


def test_a_rejected_person_is_not_asked_about_again_because_a_key_was_turned(person, world, at, settings):
    consumer = services.check_identity(consumer=person("+kyc_fail"), at=at, actor="consumer")
    settings.LOOKUP_KEYS = [b"n" * 32, *settings.LOOKUP_KEYS]
    assert services.check_identity(consumer=consumer, at=at, actor="consumer").identity == "rejected"
    assert IdentityCheck.objects.count() == 2


def test_a_rejected_person_is_asked_about_again_only_with_other_details(person, world, at):
    consumer = services.check_identity(consumer=person("+kyc_fail"), at=at, actor="consumer")
    assert services.check_identity(consumer=consumer, at=at, actor="consumer").identity == "rejected"
    assert IdentityCheck.objects.count() == 2
    consumer = services.update_details(consumer=consumer, name="Anne Example", at=at, actor="consumer")
    services.check_identity(consumer=consumer, at=at, actor="consumer")
    assert IdentityCheck.objects.count() == 4


def test_what_is_missing_is_named(us, email, at):
    consumer = services.get_or_create_consumer(channel="email", destination=email(), market=us, at=at)
    with pytest.raises(DetailsMissing) as caught:
        services.check_identity(consumer=consumer, at=at, actor="consumer")
    assert list(caught.value.fields) == ["name", "birth_date", "address"]
    assert Consumer.objects.get().identity == "unknown"
    assert IdentityCheck.objects.count() == 0


def test_what_was_checked_is_fixed(person, world, at):
    consumer = services.check_identity(consumer=person(), at=at, actor="consumer")
    with pytest.raises(DetailsFixed) as caught:
        services.update_details(consumer=consumer, name="Somebody Else", birth_date=date(1980, 1, 1), at=at, actor="consumer")
    assert list(caught.value.fields) == ["birth_date", "name"]
    moved = {"line1": "2 Main St", "city": "Albany", "postal_code": "12207", "region": "NY"}
    assert services.update_details(consumer=consumer, address=moved, at=at, actor="consumer").address == moved | {"country": "US"}


def test_a_pending_check_is_settled_by_the_timer(person, world):
    at = clock.now()
    consumer = services.check_identity(consumer=person("+kyc_pending"), at=at, actor="consumer")
    assert consumer.identity == "pending"
    assert services.poll_identity_checks(at=at) == 0
    assert services.poll_identity_checks(at=at + timedelta(minutes=2)) == 0
    world.post("/control/clock", {"forward_seconds": 600})
    assert services.poll_identity_checks(at=at + timedelta(minutes=10)) == 1
    assert services.poll_identity_checks(at=at + timedelta(minutes=10)) == 0
    assert Consumer.objects.get().identity == "verified"
    found = queries.latest_identity_check(consumer)
    assert (found.result, asked(world, found)) == ("clear", 1)
    assert trail(consumer)[0] == ("pending", "verified", "timer")


@pytest.mark.parametrize("chaos", [{"hang_up_after_recording": 1}, {"hang_up_before_recording": 1}])
def test_a_lost_answer_is_looked_up(person, world, at, chaos):
    subject = person()
    world.post("/control/chaos", {"target": "kyc", **chaos})
    consumer = services.check_identity(consumer=subject, at=at, actor="consumer")
    assert consumer.identity == "pending"
    assert services.poll_identity_checks(at=at + timedelta(minutes=2)) == 1
    assert Consumer.objects.get().identity == "verified"
    assert asked(world, queries.latest_identity_check(consumer)) == 1


def test_a_killed_process_leaves_its_check_to_the_timer(person, world, at, monkeypatch):
    """The process dies after the provider has recorded: the intent stands, and its lease keeps others off until it runs out."""
    subject = person()

    class Killed(BaseException):
        pass

    def die(*_, **__):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("accounts.services.identity._record", die)
        with pytest.raises(Killed):
            services.check_identity(consumer=subject, at=at, actor="consumer")
    intent = IdentityCheck.objects.get()
    assert asked(world, intent) == 1
    assert services.poll_identity_checks(at=at + timedelta(days=1)) == 0
    IdentityCheck.objects.update(claimed_until=clock.wall())
    assert services.poll_identity_checks(at=at + timedelta(days=1)) == 1
    assert Consumer.objects.get().identity == "verified"
    assert asked(world, intent) == 1


def test_a_provider_that_stays_away_is_asked_ever_later(person, world, at):
    subject = person()
    world.post("/control/chaos", {"target": "kyc", "fail_rate": 1})
    services.check_identity(consumer=subject, at=at, actor="consumer")
    for hours, again_hours in ((2, 3), (10, 15), (100, 112)):
        assert services.poll_identity_checks(at=at + timedelta(hours=hours)) == 0
        assert IdentityCheck.objects.get().next_at == at + timedelta(hours=again_hours)
    assert Consumer.objects.get().identity == "pending"
    assert ConsumerChange.objects.filter(subject="identity").count() == 1


def test_checks_are_evidence(person, world, at):
    services.check_identity(consumer=person(), at=at, actor="consumer")
    for change in (
        lambda: IdentityCheck.objects.update(result="rejected"),
        lambda: IdentityCheck.objects.all().delete(),
        lambda: ConsumerChange.objects.update(actor="somebody"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_no_provider_is_called_inside_a_transaction(db):
    from core.db import unit

    with unit(), pytest.raises(RuntimeError, match="inside a transaction"):
        remote.sandbox().get("/control/clock")
