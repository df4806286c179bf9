"""Block and allow lists at the real checkout: what is blocked is refused, what is allowed is not held, and wide entries take two people."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Consumer
from checkout.errors import Declined
from controls import services as controls
from controls.models import AuditRow, Proposal
from core.crypto import lookup_hash
from core.db import execute
from core.errors import Forbidden, Invalid, NotFound
from fraud import services as fraud
from fraud.hashing import hash_of
from fraud.lists.services import add_entry, block_seen, end_entry
from fraud.lists.values import read_value
from fraud.models import FraudCase, ListEntry, Sighting
from fraud.states import Listed, ListKind
from sandbox.cards import card_from
from tests.cast import NOW
from tests.fraud.conftest import PHONE, device, last
from tests.operators import make_operator

pytestmark = pytest.mark.django_db
HOME = device("home")
EMAIL = "anna+approve@people.example"
UNTIL = NOW.date() + timedelta(days=90)


@pytest.fixture
def fay():
    return make_operator("fay@kvart.example", may=["add_listentry", "propose_list"])


def put(user, kind, text, *, listed=Listed.BLOCK, until: date = UNTIL, reason="Known to the police"):
    return add_entry(listed=listed, kind=ListKind(kind), text=text, reason=reason, until=until, user=user, at=NOW)


def refused(attempt, **how) -> bool:
    """Buy; return whether it was refused for a list."""
    try:
        attempt(**how)
    except Declined as error:
        said = str(error.detail)
    kept = last()
    told = (kept.verdict, kept.signals.get("listed"), bool(kept.findings) and kept.findings[0][0])
    if kept.order:
        assert told[1] != "block"
        return False
    return (said, *told) == ("This purchase was not approved.", "block", "block", "blocked")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("device", HOME.id),
        ("email", " Anna+Approve@PEOPLE.example"),
        ("range", "93.184.216.0/24"),
        ("range", "93.184.216.34"),
    ],
)
def test_what_is_blocked_is_refused_until_it_ends(attempt, fay, kind, text):
    how = {"where": HOME, "network": "93.184.216.34"}
    assert not refused(attempt, **how)
    entry = put(fay, kind, text)
    assert refused(attempt, **how)
    end_entry(entry_id=entry.pk, reason="It was a library", user=fay, at=NOW)
    end_entry(entry_id=entry.pk, reason="It was a library", user=fay, at=NOW)
    assert not refused(attempt, **how)
    acts = AuditRow.objects.filter(act__startswith="fraud.list", actor=str(fay.pk)).order_by("pk").values_list("act", flat=True)
    assert list(acts) == ["fraud.listed_block", "fraud.list_entry_ended"]


def test_a_person_and_their_address_are_blocked(attempt, fay):
    assert not refused(attempt)
    someone = Consumer.objects.get()
    entry = put(fay, "person", someone.public_id)
    assert (entry.shown, entry.consumer) == (someone.public_id, someone)
    assert refused(attempt)
    end_entry(entry_id=entry.pk, reason="x", user=fay, at=NOW)
    home = someone.address
    put(fay, "address", f"{home['line1']}, {home['postal_code']}, {home['country']}")
    assert refused(attempt)


def test_an_entry_holds_to_the_end_of_its_last_day(attempt, fay, at):
    put(fay, "device", HOME.id, until=at.date())
    assert refused(attempt, where=HOME)
    assert not refused(attempt, where=HOME, at=at + timedelta(days=1))


def test_the_newest_addresses_are_compared_with_ranges(attempt, fay):
    put(fay, "range", "2a00:1450:4001::/48")
    assert refused(attempt, network="2a00:1450:4001:0:1::5")
    assert not refused(attempt, network="2a00:1450:4002::5")
    assert not refused(attempt, network="no address")


def test_who_is_allowed_is_not_held_but_a_refusal_counts(attempt, fay, at):
    attempt(items=[PHONE])
    put(fay, "person", Consumer.objects.get().public_id, listed=Listed.ALLOW)
    said = [attempt(items=[PHONE], at=at + timedelta(minutes=n)).status for n in (1, 2)]
    assert said == ["authorized", "authorized"]
    kept = last()
    assert (kept.verdict, kept.signals["listed"], kept.findings[0][0]) == ("allow", "allow", "identical")
    put(fay, "device", HOME.id)
    assert refused(attempt, where=HOME, at=at + timedelta(minutes=3))


def test_a_card_is_blocked_by_its_fingerprint_whoever_adds_it(attempt, fay):
    number = "4111111111111111"
    put(fay, "card", card_from(number, 12, 1999, "123", None, 0).fingerprint)
    assert refused(attempt, card=number)
    assert not refused(attempt)


def test_what_was_seen_is_blocked_without_its_clear_value(attempt, fay, at):
    for n in range(4):
        attempt(items=[PHONE], where=HOME, at=at + timedelta(minutes=n))
    case = FraudCase.objects.order_by("-id")[0]
    entry = block_seen(case_id=case.pk, kind=ListKind.CARD, reason="Stolen", until=UNTIL, user=fay, at=NOW)
    assert (entry.key, entry.shown) == (Sighting.objects.order_by("-id")[0].card, f"#{entry.key[:8]}")
    assert refused(attempt, at=at + timedelta(minutes=9))
    for kind in (ListKind.PHONE, ListKind.RANGE):
        with pytest.raises(NotFound):
            block_seen(case_id=case.pk, kind=kind, reason="Stolen", until=UNTIL, user=fay, at=NOW)


@pytest.mark.parametrize(("kind", "text"), [("domain", "@People.example"), ("range", "93.184.0.0/16")])
def test_what_concerns_many_takes_two_people(attempt, fay, kind, text):
    how = {"network": "93.184.216.34", "email": "anna+approve@mail.people.example"}
    made = put(fay, kind, text)
    assert isinstance(made, Proposal)
    assert not refused(attempt, **how)
    bo = make_operator("bo@kvart.example", may=["approve_list"])
    assert controls.approve_proposal(proposal_id=made.pk, user=bo, at=NOW).status == "applied"
    assert ListEntry.objects.get().reason == "Known to the police"
    assert refused(attempt, **how)


@pytest.mark.parametrize(
    ("kind", "text", "field"),
    [
        ("email", "nobody", "text"),
        ("phone", "12345678", "text"),
        ("domain", "no domain", "text"),
        ("domain", f"{'a' * 60}.example", "text"),
        ("domain", "gmail.com", "text"),
        ("range", "10.0.0.0/24", "text"),
        ("range", "0.0.0.0/0", "text"),
        ("range", "2a00::/8", "text"),
        ("range", "999.1.1.1", "text"),
        ("address", "Here", "text"),
        ("person", "con_nobody", "text"),
        ("device", " ", "text"),
    ],
)
def test_what_is_no_value_is_refused(fay, kind, text, field):
    with pytest.raises(Invalid) as caught:
        put(fay, kind, text)
    assert set(caught.value.fields) == {field}
    assert (ListEntry.objects.count(), Proposal.objects.count()) == (0, 0)


def test_an_entry_needs_a_reason_a_last_day_within_two_years_and_somebody_who_may(fay):
    for fault, field in (({"reason": " "}, "reason"), ({"until": NOW.date() - timedelta(days=1)}, "until"),
                         ({"until": NOW.date() + timedelta(days=732)}, "until")):  # fmt: skip
        with pytest.raises(Invalid) as caught:
            put(fay, "device", "one", **fault)
        assert set(caught.value.fields) == {field}
    entry = put(fay, "device", "one")
    with pytest.raises(Forbidden):
        put(make_operator("otto@kvart.example", may=["view_listentry"]), "device", "two")
    with pytest.raises(Invalid):
        end_entry(entry_id=entry.pk, reason="", user=fay, at=NOW)
    assert ListEntry.objects.get() == entry


def test_the_same_value_is_listed_once_and_another_day_replaces_it(fay):
    one = put(fay, "device", "one")
    assert put(fay, "device", "one") == one
    two = put(fay, "device", "one", until=UNTIL + timedelta(days=1))
    one.refresh_from_db()
    assert (one.ended_at, one.ended_by, two.ended_at) == (NOW, str(fay.pk), None)
    for sql in ("UPDATE fraud_listentry SET until = until + 1", "DELETE FROM fraud_listentry"):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            execute(sql)


def test_an_erased_person_stays_blocked_but_nothing_of_the_entry_can_be_read(attempt, fay):
    attempt()
    someone = Consumer.objects.get()
    entries = [put(fay, "person", someone.public_id), put(fay, "email", EMAIL)]
    fraud.erase(consumer_id=someone.pk, at=NOW)
    for entry in entries:
        kept = ListEntry.objects.get(pk=entry.pk)
        assert (kept.key, kept.shown, kept.reason, kept.consumer, kept.ended_at) == (entry.key, "", "", None, None)


def test_contacts_are_masked_and_compared_as_sightings_are():
    email = read_value(ListKind.EMAIL, "Ann@Example.com")
    assert (email.key, email.shown) == (hash_of("email", lookup_hash("ann@example.com")), "a•••@example.com")
    phone = read_value(ListKind.PHONE, "+45 20 30 40 50")
    assert (phone.key, phone.shown) == (hash_of("phone", lookup_hash("+4520304050")), "+45•••50")
