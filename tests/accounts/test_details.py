"""What people tell about themselves and agree to."""

import hashlib
import uuid
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from accounts import queries, services
from accounts.errors import DetailsFixed, DetailsInvalid
from accounts.models import Consent, Consumer, ConsumerChange, OnboardingStep
from accounts.rules import normalize_postal_code
from core.crypto import lookup_hash
from markets.queries import find_setting, get_market

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)

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
    assert list(OnboardingStep.objects.filter(consumer=stored).order_by("at", "id").values_list("step", flat=True)) == [
        "signed_up",
        "details",
    ]
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
            consumer=ann, name="1", birth_date=date(2010, 1, 1), address={"line1": "x"}, phone="12", email="ann", at=at, actor="consumer"
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
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_steps_are_known_and_once(ann, at):
    services.note_step(consumer=ann, step="plan", at=at)
    services.note_step(consumer=ann, step="plan", at=at.replace(year=2027))
    assert list(OnboardingStep.objects.filter(consumer=ann).order_by("at", "id").values_list("step", "at")) == [
        ("signed_up", at),
        ("plan", at),
    ]
    with pytest.raises(ValueError, match="not a step"):
        services.note_step(consumer=ann, step="dancing", at=at)


def test_the_lookup_hash_is_keyed(ann):
    assert ann.email_hash == lookup_hash(ann.email)
    assert ann.email_hash != hashlib.sha256(ann.email.encode()).hexdigest()


@pytest.mark.parametrize(
    ("market", "typed", "stored"),
    [
        ("US", "10001 1234", "10001-1234"),
        ("US", "100011234", "10001-1234"),
        ("US", "10001-1234", "10001-1234"),
        ("US", "10001", "10001"),
        ("GB", "BFPO 61", "BFPO 61"),
        ("GB", "bfpo61", "BFPO 61"),
        ("GB", "sw1a1aa", "SW1A 1AA"),
        ("GB", "GB-M1 1AE", "M1 1AE"),
        ("DK", "DK-1050", "1050"),
        ("DK", "dk 1050", "1050"),
        ("SE", "SE-114 55", "114 55"),
        ("SE", "S-11455", "114 55"),
        ("SE", "114 55", "114 55"),
        ("DE", "D-10115", "10115"),
        ("DE", "DE-10115", "10115"),
        ("DE", "１０１１５", "10115"),
        ("AU", "AU-2000", "2000"),
    ],
)
def test_a_postal_code_has_one_form_in_its_market(us, at, market, typed, stored):
    form = queries.address_form(get_market(market), at.date())
    assert normalize_postal_code(typed, form) == stored


@pytest.mark.parametrize(
    ("market", "typed"), [("US", "1234"), ("US", "DK-10001"), ("DK", "12345"), ("SE", "1145"), ("GB", "BFPO"), ("DE", "S-10115")]
)
def test_what_is_no_postal_code_of_the_market_is_none(us, at, market, typed):
    assert normalize_postal_code(typed, queries.address_form(get_market(market), at.date())) == ""


def live_at(market, postal_code, region=""):
    address = {"line1": "1 Main St", "city": "Town", "postal_code": postal_code} | ({"region": region} if region else {})
    consumer = services.get_or_create_consumer(
        channel="email", destination=f"{uuid.uuid4().hex}@example.com", market=get_market(market), at=AT
    )
    assert consumer.time_zone == get_market(market).time_zone
    return services.update_details(consumer=consumer, address=address, at=AT, actor="consumer").time_zone


@pytest.mark.parametrize(
    ("postal_code", "region", "zone"),
    [
        ("10001", "NY", "America/New_York"),
        ("96813", "HI", "Pacific/Honolulu"),
        ("99501", "AK", "America/Anchorage"),
        ("99546", "AK", "America/Adak"),
        ("00901", "PR", "America/Puerto_Rico"),
        ("96910", "GU", "Pacific/Guam"),
        ("85001", "AZ", "America/Phoenix"),
        ("86515", "AZ", "America/Denver"),
        ("33101", "FL", "America/New_York"),
        ("32501", "FL", "America/Chicago"),
        ("37201", "TN", "America/Chicago"),
        ("37902", "TN", "America/New_York"),
        ("37402", "TN", "America/New_York"),
        ("40202", "KY", "America/New_York"),
        ("42101", "KY", "America/Chicago"),
        ("46204", "IN", "America/New_York"),
        ("46402", "IN", "America/Chicago"),
        ("58601", "ND", "America/Denver"),
        ("58102", "ND", "America/Chicago"),
        ("57701", "SD", "America/Denver"),
        ("69301", "NE", "America/Denver"),
        ("67735", "KS", "America/Denver"),
        ("97914", "OR", "America/Denver"),
        ("97205", "OR", "America/Los_Angeles"),
        ("83702", "ID", "America/Denver"),
        ("83814", "ID", "America/Los_Angeles"),
        ("79901", "TX", "America/Denver"),
        ("75201", "TX", "America/Chicago"),
        ("49938", "MI", "America/Chicago"),
        ("48201", "MI", "America/New_York"),
    ],
)
def test_a_person_lives_by_the_clock_of_their_address(us, postal_code, region, zone):
    assert live_at("US", postal_code, region) == zone


@pytest.mark.parametrize(
    ("market", "postal_code", "region", "zone"),
    [
        ("AU", "2000", "NSW", "Australia/Sydney"),
        ("AU", "2880", "NSW", "Australia/Broken_Hill"),
        ("AU", "2898", "NSW", "Australia/Lord_Howe"),
        ("AU", "6000", "WA", "Australia/Perth"),
        ("AU", "4000", "Queensland", "Australia/Brisbane"),
        ("AU", "0800", "NT", "Australia/Darwin"),
        ("GB", "SW1A 1AA", "", "Europe/London"),
        ("DK", "1050", "", "Europe/Copenhagen"),
        ("DK", "3900", "", "America/Nuuk"),
        ("SE", "114 55", "", "Europe/Stockholm"),
        ("DE", "10115", "", "Europe/Berlin"),
    ],
)
def test_in_all_markets(us, market, postal_code, region, zone):
    assert live_at(market, postal_code, region) == zone


def test_every_state_has_a_zone_that_exists(us):
    for code in ("US", "AU"):
        market = get_market(code)
        zones = find_setting(code, "address.time_zones", AT.date()).value
        listed = {region for line in zones["by_region"].values() for region in line.split()}
        assert listed == set(queries.list_regions(market, AT.date()))
        assert all(ZoneInfo(zone) for part in zones.values() for zone in part)


def test_the_age_is_counted_by_the_clock_of_the_address(us, ann, at):
    """At 07:00 UTC on the 22nd it is still the 21st in Honolulu, and already the 22nd in New York."""
    honolulu = {"line1": "1 Bishop St", "city": "Honolulu", "postal_code": "96813", "region": "HI"}
    with pytest.raises(DetailsInvalid):
        services.update_details(consumer=ann, birth_date=date(2008, 11, 22), address=honolulu, at=at.replace(hour=7), actor="consumer")
    services.update_details(consumer=ann, birth_date=date(2008, 11, 22), address=HOME, at=at.replace(hour=7), actor="consumer")
