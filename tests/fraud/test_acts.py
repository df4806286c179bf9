"""Acts on accounts are kept and counted, and the next attempt to buy is assessed by them: devices, codes, changes, cards."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from accounts import services as accounts
from accounts.models import Consumer
from checkout.errors import ProofNeeded
from core.ids import uuid7
from core.short_memory import store
from fraud import services as fraud
from fraud.acts.facts import ACT_FACTS, COUNTED_ACTS
from fraud.acts.services import link_sign_in, note_failed_code, note_sign_in
from fraud.gathering import contacts_of
from fraud.hashing import hash_of
from fraud.models import AccountAct, Link
from fraud.purchases import NO_DEVICE, Device
from payments import services as payments
from portals.consumer.account.copying import everything
from tests.fraud.conftest import LAMP, PHONE, device, last

pytestmark = pytest.mark.django_db
OWN, STRANGE = device("own"), device("strange")
HOME, FAR = "93.184.216.34", "185.220.101.1"
MOVED = {"line1": "99 Drop Lane", "city": "Portland", "postal_code": "97205", "region": "OR"}
DEAR = [PHONE | {"quantity": 2, "amount": 29_800}]


@pytest.fixture
def owner(attempt, at):
    """Somebody who has bought with their own device for two months."""
    for week in range(3):
        attempt(where=OWN, network=HOME, at=at - timedelta(days=60 - 7 * week))
    return Consumer.objects.get()


def signed(consumer, at, where=OWN, network=HOME):
    return note_sign_in(consumer=consumer, device=where, network=network, at=at).act


def told(*names):
    kept = last().signals
    return [kept.get(name) for name in names]


def test_a_sign_in_is_kept_with_hashes_and_what_names_the_person_is_sealed(owner, at):
    act = AccountAct.objects.get(pk=signed(owner, at, STRANGE, FAR).pk)
    assert (act.kind, act.from_new, act.network_kind, act.zone_gap_min) == ("sign_in", True, "relay", 0)
    assert (act.device, act.person_key) == (hash_of("device", STRANGE.id), contacts_of(owner)["person_key"])
    assert (act.internet, act.zone) == (FAR, "America/Los_Angeles")
    with connection.cursor() as cursor:
        cursor.execute("SELECT internet, zone, device, network FROM fraud_accountact WHERE id = %s", [act.pk])
        raw = " ".join(cursor.fetchone())
    assert FAR not in raw
    assert "America" not in raw
    assert STRANGE.id not in raw


def test_addresses_of_nobody_and_silent_browsers_are_not_kept(owner, at):
    act = AccountAct.objects.get(pk=signed(owner, at, NO_DEVICE, "127.0.0.1").pk)
    assert (act.device, act.browser, act.network, act.internet, act.zone, act.from_new, act.zone_gap_min) == (
        "",
        "",
        "",
        "",
        "",
        None,
        None,
    )


def test_a_device_that_signed_in_yesterday_is_not_new_and_one_that_only_just_did_is(attempt, owner, at):
    signed(owner, at - timedelta(minutes=5), STRANGE)
    attempt(where=STRANGE, at=at)
    assert told("new_device", "device_days", "new_signin_days") == [True, 0, 0]
    attempt(where=STRANGE, at=at + timedelta(days=1))
    assert told("new_device", "device_days", "new_signin_days") == [False, 1, 1]
    attempt(where=OWN, at=at + timedelta(days=1))
    assert told("new_device", "device_days") == [False, 61]


def test_a_new_customers_first_device_is_not_new_to_them(attempt, at, buy, merchant):
    attempt(at=at)
    person = Consumer.objects.get()
    signed(person, at + timedelta(minutes=1))
    attempt(where=OWN, at=at + timedelta(minutes=2))
    assert told("new_device", "device_days", "device_silent", "signin_devices_1d") == [None, 0, False, 1]


def test_acts_are_counted_for_the_person_the_device_and_the_network(attempt, owner, at):
    other = Consumer.objects.create(
        brand_id=owner.brand_id, market_id="US", locale="en", time_zone="America/New_York", email_hash="e" * 64, created_at=at
    )
    signed(owner, at - timedelta(days=20), device("old"), "93.184.216.99")
    signed(owner, at - timedelta(hours=2))
    signed(owner, at - timedelta(hours=1))
    signed(other, at - timedelta(hours=1))
    for minutes in (5, 30, 90):
        note_failed_code(consumer=owner, device=OWN, network=HOME, at=at - timedelta(minutes=minutes))
    note_failed_code(consumer=None, device=OWN, network=FAR, at=at - timedelta(minutes=1))
    payments.add_card(consumer=owner, number="4111111111111111", at=at - timedelta(days=2))
    attempt(where=OWN, network=HOME, at=at)
    expected = {
        "signins_1d": 2,
        "signin_devices_1d": 1,
        "signin_devices_30d": 2,
        "signin_networks_1d": 1,
        "signin_networks_30d": 2,
        "failed_codes_1h": 2,
        "failed_codes_1d": 3,
        "added_methods_1d": 0,
        "added_methods_30d": 1,
        "device_signin_people_1d": 2,
        "device_signin_people_30d": 2,
        "device_failed_codes_1h": 3,
        "device_failed_codes_1d": 4,
        "network_signin_people_1d": 2,
        "network_failed_codes_1h": 2,
    }
    assert expected.keys() == COUNTED_ACTS.keys()
    assert {name: last().signals[name] for name in expected} == expected


@pytest.mark.parametrize("how", ["emptied", "silent"])
def test_without_redis_acts_are_counted_from_the_database(attempt, owner, at, settings, monkeypatch, how):
    for minutes in (1, 2, 3):
        signed(owner, at - timedelta(minutes=minutes), device(f"d{minutes}"))
        note_failed_code(consumer=owner, device=OWN, network=HOME, at=at - timedelta(minutes=minutes))
    if how == "emptied":
        for key in store().scan_iter(f"{settings.FRAUD_COUNTERS}:*"):
            store().delete(key)
    else:

        def silent(*_args, **_kwargs):
            raise ConnectionError

        monkeypatch.setattr("fraud.counters._script", lambda: silent)
        monkeypatch.setattr("fraud.counters.store", silent)
    attempt(where=OWN, network=HOME, at=at)
    assert told("signins_1d", "signin_devices_1d", "failed_codes_1h", "device_failed_codes_1h") == [3, 3, 3, 3]
    attempt(where=OWN, network=HOME, at=at + timedelta(seconds=30))
    assert told("signins_1d", "signin_devices_1d", "failed_codes_1h", "device_failed_codes_1h") == [3, 3, 3, 3]


def test_many_sign_ins_hide_neither_codes_nor_changes_nor_the_first_device(attempt, owner, at):
    """Thousands of sign-ins of the thief push nothing out of sight."""
    signed(owner, at - timedelta(days=3), STRANGE, FAR)
    accounts.update_details(consumer=owner, address=MOVED, at=at - timedelta(days=3), actor="thief")
    note_failed_code(consumer=owner, device=STRANGE, network=FAR, at=at - timedelta(minutes=59))
    seen = {"person_key": contacts_of(owner)["person_key"], "device": hash_of("device", STRANGE.id), "from_new": True, "kind": "sign_in"}
    AccountAct.objects.bulk_create(
        [AccountAct(id=uuid7(), consumer=owner, at=at - timedelta(seconds=n % 3_000), **seen) for n in range(3_000)]
    )
    for key in store().scan_iter("*:person_key:*"):
        store().delete(key)
    assert attempt(items=DEAR, where=STRANGE, network=FAR, at=at).status == "pending_review"
    assert told("failed_codes_1h", "changed_new_days", "device_days", "signin_devices_30d") == [1, 3, 3, 1]
    assert last().signals["signins_1d"] <= 501


def test_a_thief_who_waits_until_the_device_is_old_is_held(attempt, owner, at):
    """They sign in, change the address, and come back days later with a device that is no longer new."""
    signed(owner, at, STRANGE, FAR)
    accounts.update_details(consumer=owner, address=MOVED, at=at + timedelta(minutes=3), actor="thief")
    late = at + timedelta(days=10)
    order = attempt(items=DEAR, where=STRANGE, network=FAR, at=late)
    assert (order.status, last().findings[0][0]) == ("pending_review", "take-over")
    assert told("new_device", "device_days", "changed_new_days", "address_days") == [False, 10, 9, 9]
    assert attempt(where=OWN, network=HOME, at=late).status == "authorized"


def test_a_thief_whose_browser_says_nothing_is_held(attempt, owner, at):
    accounts.update_details(consumer=owner, address=MOVED, at=at, actor="thief")
    with pytest.raises(ProofNeeded):
        attempt(items=[LAMP], where=NO_DEVICE, at=at + timedelta(hours=1))
    assert told("new_device", "device_silent") == [None, True]
    fraud.prove(assessment_id=last().id, at=at + timedelta(hours=1))
    assert attempt(items=DEAR, where=NO_DEVICE, at=at + timedelta(hours=2)).status == "pending_review"


def test_who_moves_house_with_their_own_device_is_not_held(attempt, owner, at):
    signed(owner, at)
    accounts.update_details(consumer=owner, address=MOVED, at=at, actor=owner.public_id)
    assert attempt(items=DEAR, where=OWN, network=HOME, at=at + timedelta(hours=1)).status == "authorized"
    assert told("changed_new_days", "new_signin_days", "new_device", "address_days") == [None, None, False, 0]


def test_who_has_a_new_phone_and_buys_as_ever_is_not_held(attempt, owner, at):
    signed(owner, at, STRANGE)
    assert attempt(where=STRANGE, network=HOME, at=at + timedelta(minutes=5)).status == "authorized"
    assert (last().verdict, last().signals["new_device"]) == ("allow", True)


def test_codes_that_a_stranger_mistypes_do_not_stop_the_owner(attempt, owner, at):
    for minute in range(9):
        note_failed_code(consumer=owner, device=STRANGE, network=FAR, at=at - timedelta(minutes=minute))
    assert attempt(where=OWN, network=HOME, at=at).status == "authorized"
    with pytest.raises(ProofNeeded):
        attempt(where=STRANGE, network=FAR, at=at)
    assert (last().findings[0][0], told("failed_codes_1h", "device_failed_codes_1h")) == ("guessed-codes", [9, 9])


def test_mistyped_codes_make_no_device_known(attempt, owner, at):
    note_failed_code(consumer=owner, device=STRANGE, network=FAR, at=at - timedelta(days=9))
    attempt(where=STRANGE, at=at)
    assert told("new_device", "device_days", "new_signin_days") == [True, 0, None]


def test_another_persons_device_is_new_to_the_person_and_links_the_two(attempt, owner, at):
    attempt("eve+approve@people.example", where=STRANGE, network="93.184.216.77", at=at - timedelta(days=30))
    eve = Consumer.objects.exclude(pk=owner.pk).get()
    signed(eve, at - timedelta(days=29), STRANGE)
    act = signed(owner, at, STRANGE)
    assert act.from_new is True
    link_sign_in(act=act, at=at)
    assert Link.objects.get(consumer=owner, kind="device", key=hash_of("device", STRANGE.id)).times == 1
    attempt(where=STRANGE, network=HOME, at=at + timedelta(minutes=1))
    assert told("new_device", "device_signin_people_30d", "device_signin_people_1d") == [True, 2, 1]


def test_details_of_the_first_day_and_of_nobody_are_no_changes(attempt, at):
    attempt(at=at)
    person = Consumer.objects.get()
    accounts.update_details(consumer=person, address=MOVED, at=at + timedelta(hours=3), actor="person")
    assert not AccountAct.objects.filter(kind__in=["address", "contact"]).exists()
    accounts.update_details(
        consumer=person, phone="+12025550147", address=MOVED | {"line1": "1 New St"}, at=at + timedelta(days=2), actor="x"
    )
    acts = AccountAct.objects.filter(kind__in=["address", "contact"]).order_by("kind")
    assert list(acts.values_list("kind", "from_new")) == [("address", False), ("contact", False)]


def test_a_card_that_is_added_after_a_sign_in_from_a_new_device(attempt, owner, at):
    signed(owner, at, STRANGE, FAR)
    payments.add_card(consumer=owner, number="4111111111111111", at=at + timedelta(minutes=2))
    with pytest.raises(ProofNeeded):
        attempt(items=DEAR, where=OWN, card="4111111111111111", at=at + timedelta(days=1, hours=3))
    assert (last().findings[0][0], told("added_new_days", "added_methods_30d")) == ("card-of-a-new-device", [1, 1])


def test_an_act_that_is_rolled_back_is_counted_and_not_kept(owner, at):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        signed(owner, at)
        raise ZeroDivisionError
    assert AccountAct.objects.filter(kind="sign_in").count() == 0


def test_forged_descriptions_are_only_values_that_nobody_has(attempt, owner, at):
    for number, forged in enumerate(("x" * 64, "'; DROP TABLE fraud_accountact; --", "\u0000\uffff", "😀" * 16)):
        act = signed(owner, at + timedelta(seconds=number), Device(id=forged, print=forged, zone=forged))
        assert (act.from_new, len(act.device), act.zone_gap_min) == (True, 32, None)
    attempt(where=OWN, network=HOME, at=at + timedelta(minutes=1))
    assert told("signin_devices_1d", "new_signin_days", "new_device") == [4, 0, False]


def test_who_is_erased_is_forgotten_with_their_acts(attempt, owner, at):
    signed(owner, at)
    note_failed_code(consumer=owner, device=OWN, network=HOME, at=at)
    fraud.erase(consumer_id=owner.pk, at=at)
    assert AccountAct.objects.count() == 0
    attempt("new+approve@people.example", where=OWN, network=HOME, at=at)
    assert told("device_signin_people_30d", "device_failed_codes_1h", "network_signin_people_1d") == [0, 0, 0]


def test_the_persons_copy_has_their_sign_ins_and_nothing_that_would_warn(owner, at):
    signed(owner, at, STRANGE, FAR)
    note_failed_code(consumer=owner, device=STRANGE, network=FAR, at=at)
    copy = everything(owner)
    assert copy["sign_ins"] == [{"at": at, "internet": FAR, "zone": "America/Los_Angeles"}]
    assert not {"from_new", "network_kind", "failed", "relay"} & set(str(copy["sign_ins"]).split("'"))


def test_each_signal_of_acts_says_what_it_is():
    assert all(str(fact.title) and str(fact.meaning).endswith(".") and fact.example is not None for fact in ACT_FACTS)
    assert all(str(fact.unit) for fact in ACT_FACTS if fact.type in {"whole", "number"})
