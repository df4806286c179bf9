"""What people tell about themselves and agree to."""

import hashlib
from datetime import date

import pytest
from django.db import InternalError, transaction

from accounts import queries, services
from accounts.errors import DetailsFixed, DetailsInvalid
from accounts.models import Consent, Consumer, ConsumerChange
from core.crypto import lookup_hash

HOME = {"line1": "1 Main St", "city": "New York", "postal_code": "10001", "region": "NY"}


@pytest.fixture
def ann(us, email, at):
    return services.get_or_create_consumer(channel="email", destination=email(), market=us, at=at)


def test_only_what_has_a_use_is_asked_for(us, ann, at):
    assert queries.missing_details(ann) == ["name", "birth_date", "address"]
    by_phone = services.get_or_create_consumer(channel="sms", destination="+12125550110", market=us, at=at)
    assert queries.missing_details(by_phone) == ["name", "birth_date", "address", "email"]


def test_details_are_kept_in_one_form(ann, at):
    told = services.update_details(
        consumer=ann, name=" Ann  Example ", birth_date=date(1990, 5, 31), address=HOME, phone="(212) 555-0111", at=at, actor="consumer"
    )
    assert queries.missing_details(told) == []
    stored = Consumer.objects.get()
    assert (stored.name, stored.birth_date, stored.phone, stored.phone_hash) == ("Ann Example", "1990-05-31", "+12125550111", None)
    assert stored.address == HOME | {"country": "US"}
    assert queries.birth_date_of(stored) == date(1990, 5, 31)
    assert [step.step for step in queries.list_steps(stored)] == ["signed_up", "details"]
    change = ConsumerChange.objects.get()
    assert (change.subject, change.change, change.actor, change.at) == (
        "details",
        {"fields": ["address", "birth_date", "name", "phone"]},
        "consumer",
        at,
    )


def test_telling_the_same_again_changes_nothing(ann, at, django_assert_max_num_queries):
    told = {"name": "Ann Example", "birth_date": date(1990, 5, 31), "address": HOME}
    services.update_details(consumer=ann, **told, at=at, actor="consumer")
    with django_assert_max_num_queries(3):
        services.update_details(consumer=ann, **told, at=at, actor="consumer")
    assert ConsumerChange.objects.count() == 1


def test_every_fault_is_named_and_nothing_is_written(ann, at):
    with pytest.raises(DetailsInvalid) as caught:
        services.update_details(
            consumer=ann, name="A", birth_date=date(2010, 1, 1), address={"line1": "x"}, phone="12", email="ann", at=at, actor="consumer"
        )
    assert sorted(caught.value.fields) == [
        *("address.city", "address.postal_code", "address.region"),
        *("birth_date", "email", "name", "phone"),
    ]
    assert caught.value.fields["birth_date"] == "You must be at least 18 years old."
    stored = Consumer.objects.get()
    assert (stored.name, stored.birth_date, stored.address, stored.phone) == ("", "", {}, "")
    assert ConsumerChange.objects.count() == 0


def test_the_age_is_counted_at_the_persons_place(us, ann, at):
    """At 03:00 UTC on the 22nd it is still the 21st in New York."""
    with pytest.raises(DetailsInvalid):
        services.update_details(consumer=ann, birth_date=date(2008, 11, 22), at=at.replace(hour=3), actor="consumer")
    services.update_details(consumer=ann, birth_date=date(2008, 11, 22), at=at, actor="consumer")


def test_a_market_without_states(dk, email, at):
    consumer = services.get_or_create_consumer(channel="email", destination=email(), market=dk, at=at)
    address = {"line1": "Nyhavn 1", "city": "København", "postal_code": "1051"}
    stored = services.update_details(consumer=consumer, address=address, at=at, actor="consumer")
    assert stored.address == address | {"country": "DK"}


def test_what_a_code_confirmed_stays(ann, at, email):
    with pytest.raises(DetailsFixed) as caught:
        services.update_details(consumer=ann, email=email(), at=at, actor="consumer")
    assert list(caught.value.fields) == ["email"]
    assert services.update_details(consumer=ann, email=f" {ann.email.upper()}", at=at, actor="consumer").email == ann.email
    assert ConsumerChange.objects.count() == 0


def test_consents_keep_the_very_text(ann, at):
    services.record_consent(consumer=ann, kind="agreement", version="2026-11", text="I pay in 4.", reference="ord_1", at=at)
    stored = queries.list_consents(ann)[0]
    assert (stored.kind, stored.version, stored.reference, stored.at) == ("agreement", "2026-11", "ord_1", at)
    assert stored.text_hash == hashlib.sha256(b"I pay in 4.").hexdigest()
    for change in (lambda: Consent.objects.update(version="x"), lambda: Consent.objects.all().delete()):
        with pytest.raises(InternalError), transaction.atomic():
            change()


def test_steps_are_known_and_once(ann, at):
    services.note_step(consumer=ann, step="plan", at=at)
    services.note_step(consumer=ann, step="plan", at=at.replace(year=2027))
    assert [(step.step, step.at) for step in queries.list_steps(ann)] == [("signed_up", at), ("plan", at)]
    with pytest.raises(ValueError, match="not a step"):
        services.note_step(consumer=ann, step="dancing", at=at)


def test_the_lookup_hash_is_keyed(ann):
    assert ann.email_hash == lookup_hash(ann.email)
    assert ann.email_hash != hashlib.sha256(ann.email.encode()).hexdigest()
