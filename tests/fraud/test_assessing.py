"""Each attempt to buy is assessed, and what was said is kept with its signals."""

from datetime import timedelta

import pytest

from accounts.models import Consumer
from checkout.errors import CardCheckNeeded, Declined, ProofNeeded
from checkout.models import Checkout, Order, OrderReview
from checkout.texts import cause_text
from controls.models import RuleCase
from controls.queries import find_rules
from controls.services.ruling import examples_that_fail, rules_of
from core.ids import parse_id
from core.short_memory import store
from fraud import services as fraud
from fraud.facts import FACTS
from fraud.models import KEYS, Assessment, FraudCase, Sighting
from fraud.queries import find_asked, find_assessment
from fraud.replaying import replay_assessments
from fraud.states import Verdict
from payments.models import Authorization, PaymentMethod
from tests.fraud.conftest import LAMP, PHONE, device, last
from tests.owner import unguarded

pytestmark = pytest.mark.django_db
HOME = device("home")


def again():
    """Return what differs of each assessment when the rules are asked again on its signals."""
    return [differs for _row, differs in replay_assessments()]


def test_an_honest_purchase_goes_on_and_all_its_signals_are_kept(attempt):
    order = attempt(where=HOME, network="93.184.216.34")
    looked, kept = Assessment.objects.order_by("id")
    assert (looked.moment, looked.verdict, looked.order, kept.moment) == ("decision", "allow", "", "consent")
    assert (order.status, kept.verdict, kept.order, kept.subject) == ("authorized", "allow", order.public_id, order.checkout.public_id)
    assert (kept.version, kept.findings) == (find_rules("fraud").number, [])
    counted = {name: kept.signals[name] for name in ("person_10m", "device_30d", "network_1h", "address_people_30d", "device_cards_1d")}
    assert counted == dict.fromkeys(counted, 1)
    assert set(kept.signals) <= {fact.name for fact in FACTS}
    assert "new_device" not in kept.signals
    assert RuleCase.objects.get(kind="fraud").subject == kept.subject


def test_what_is_kept_of_values_are_keyed_hashes(attempt):
    attempt(where=HOME, network="93.184.216.34")
    seen = Sighting.objects.get()
    values = {key: getattr(seen, key) for key in KEYS}
    assert {key for key, value in values.items() if not value} == {"phone"}
    assert all(len(value) == 32 and int(value, 16) for value in values.values() if value)
    assert len(set(values.values())) == len(values)


def test_loopback_private_addresses_and_missing_devices_tell_nothing(attempt):
    for network in ("", "127.0.0.1", "10.1.2.3", "192.168.1.9", "::1", "fd00::1", "203.0.113.9", "no address"):
        attempt(network=network)
        kept = last()
        assert not {name for name in kept.signals if name.startswith(("network", "device", "browser"))}
        assert (kept.verdict, Sighting.objects.filter(network="", device="").count()) == ("allow", Sighting.objects.count())


def test_identical_phones_of_one_person_are_held_from_the_third_on(attempt, at):
    said = [attempt(items=[PHONE], at=at + timedelta(minutes=n)).status for n in range(4)]
    assert said == ["authorized", "authorized", "pending_review", "pending_review"]
    review = OrderReview.objects.order_by("-id")[0]
    assert [cause["facts"] for cause in review.causes] == [
        {"rule": "The third identical basket within an hour", "id": "identical", "set": "fraud", "version": 1, "row": 0}
    ]
    assert cause_text(review.cause) == "Rule “The third identical basket within an hour” (version 1)"
    assert (last().verdict, last().signals["same_1h"], last().findings[0][0]) == ("hold", 4, "identical")
    held = Assessment.objects.filter(verdict="hold")
    assert (again(), held.count()) == ([{}] * 8, 4)
    with unguarded():
        held.filter(pk=held.last().pk).update(signals={})
        held.filter(pk=held.first().pk).update(verdict="block", findings=[])
    changed = {"rules": ([], held.last().findings), "verdict": ("block", "hold")}
    assert [one for one in again() if one != {}] == [changed, None]


def test_a_second_press_counts_as_one_attempt(attempt, at):
    order = attempt(where=HOME)
    again = attempt(where=HOME, checkout=order.checkout)
    assert again == order
    assert (Assessment.objects.filter(moment="consent").count(), Sighting.objects.count()) == (1, 1)
    attempt(where=HOME, at=at + timedelta(minutes=1))
    assert last().signals["device_10m"] == 2


def crowd(attempt, count, at):
    return [attempt(f"p{n}+approve@people.example", where=HOME, at=at + timedelta(seconds=n)) for n in range(count)]


def test_a_refused_attempt_holds_no_money_and_is_kept(attempt, at):
    crowd(attempt, 4, at)
    with pytest.raises(Declined) as refused:
        attempt("fifth+approve@people.example", where=HOME, at=at + timedelta(minutes=1))
    assert (refused.value.code, str(refused.value.detail)) == ("checkout.declined", "This purchase was not approved.")
    kept = last()
    assert (kept.verdict, kept.order, kept.findings[0][0]) == ("block", "", "card-testing")
    assert (Authorization.objects.count(), Order.objects.count()) == (4, 4)


def test_another_code_is_asked_for_once_and_lets_the_purchase_go_on(attempt, at):
    first = attempt(where=HOME)
    other = device("elsewhere")
    dear = [LAMP | {"unit_amount": 40_000, "amount": 40_000}]
    with pytest.raises(ProofNeeded):
        attempt(items=dear, where=other, at=at + timedelta(hours=1))
    asked = last()
    assert (asked.verdict, asked.signals["new_device"], asked.signals["times_usual"], asked.order) == ("step_up", True, 4.49, "")
    assert find_asked(asked.subject, first.consumer) == asked
    fraud.prove(assessment_id=asked.id, at=at + timedelta(hours=1, minutes=2))
    fraud.prove(assessment_id=asked.id, at=at + timedelta(hours=1, minutes=3))
    assert Assessment.objects.get(id=asked.id).proved_at == at + timedelta(hours=1, minutes=2)
    checkout = asked.subject
    from checkout.models import Checkout

    order = attempt(
        items=dear, where=other, at=at + timedelta(hours=1, minutes=4), checkout=Checkout.objects.get(id=parse_id("chk", checkout))
    )
    assert (order.status, last().verdict, last().signals["proved"]) == ("authorized", "allow", True)
    assert find_assessment(asked.subject).order == order.public_id
    assert again() == [{}] * Assessment.objects.count()


def test_a_code_counts_for_half_an_hour_only(attempt, at):
    attempt(where=HOME)
    dear = [LAMP | {"unit_amount": 40_000, "amount": 40_000}]
    with pytest.raises(ProofNeeded):
        attempt(items=dear, where=device("elsewhere"), at=at)
    fraud.prove(assessment_id=last().id, at=at)
    checkout = Checkout.objects.order_by("-id")[0]
    with pytest.raises(ProofNeeded):
        attempt(items=dear, where=device("elsewhere"), at=at + timedelta(minutes=31), checkout=checkout)


OWN, OTHER = "4111111111111111", "4012888888881881"


def test_a_card_is_the_same_whoever_adds_it_and_wherever(attempt, at):
    attempt(card=OWN)
    with pytest.raises(CardCheckNeeded):
        attempt("bob+approve@people.example", card=OWN, at=at + timedelta(minutes=1))
    assert (last().signals["card_people_30d"], last().signals["card_1d"]) == (2, 2)
    first, second = PaymentMethod.objects.order_by("id")
    assert first.token != second.token
    assert first.fingerprint == second.fingerprint == Sighting.objects.order_by("-id")[0].card
    assert "fingerprint" not in first.shown


def test_the_bank_confirms_a_card_once_and_no_other_one(attempt, at):
    attempt(card=OWN)
    with pytest.raises(CardCheckNeeded):
        attempt("bob+approve@people.example", card=OWN, at=at)
    asked, checkout = last(), Checkout.objects.order_by("-id")[0]
    assert (asked.verdict, asked.order, Authorization.objects.count()) == ("confirm", "", 1)
    assert find_asked(asked.subject, checkout.consumer) is None
    assert find_asked(asked.subject, checkout.consumer, Verdict.CONFIRM) == asked
    fraud.prove(assessment_id=asked.id, at=at)
    assert not FraudCase.objects.exists()
    attempt("eve+approve@people.example", card=OTHER, at=at)
    with pytest.raises(CardCheckNeeded):
        attempt(card=OTHER, at=at + timedelta(minutes=1), checkout=checkout)
    order = attempt(card=OWN, at=at + timedelta(minutes=2), checkout=checkout)
    assert (order.status, last().verdict, last().signals["card_proved"]) == ("authorized", "allow", True)


def test_published_test_cards_belong_to_nobody(attempt, at):
    attempt()
    attempt("bob+approve@people.example", at=at + timedelta(minutes=1))
    assert (last().verdict, last().signals["card_people_30d"]) == ("allow", 1)
    assert set(PaymentMethod.objects.values_list("fingerprint", flat=True)) == {""}


@pytest.mark.parametrize("empty", [False, True])
def test_without_what_redis_knew_all_is_counted_from_the_database(attempt, at, empty, settings):
    crowd(attempt, 3, at)
    if empty:
        for key in store().scan_iter(f"{settings.FRAUD_COUNTERS}:*"):
            store().delete(key)
    attempt("late+approve@people.example", where=HOME, at=at + timedelta(minutes=1))
    kept = last().signals
    assert [kept[name] for name in ("device_10m", "device_people_1d", "device_cards_1d", "person_30d")] == [4, 4, 4, 1]


def test_where_redis_does_not_answer_all_is_counted_from_the_database(attempt, at, settings, monkeypatch):
    crowd(attempt, 3, at)

    def silent(*_args, **_kwargs):
        raise ConnectionError

    monkeypatch.setattr("fraud.counters._script", lambda: silent)
    monkeypatch.setattr("fraud.counters.store", silent)
    attempt("late+approve@people.example", where=HOME, at=at + timedelta(minutes=1))
    assert last().signals["device_people_1d"] == 4


def test_attempts_grow_old(attempt, at):
    for n, later in enumerate((0, 5 * 60, 30 * 60, 20 * 3_600, 20 * 86_400)):
        attempt(f"p{n}+approve@people.example", where=HOME, at=at + timedelta(seconds=later))
    kept = last().signals
    assert [kept[f"device_{span}"] for span in ("10m", "1h", "1d", "30d")] == [1, 1, 1, 5]


def test_who_is_erased_is_forgotten_and_the_verdict_stays(attempt, at, settings):
    attempt(where=HOME)
    attempt("other+approve@people.example", where=HOME)
    gone = Consumer.objects.order_by("id")[0]
    fraud.erase(consumer_id=gone.id, at=at)
    assert [seen.consumer_id == gone.id for seen in Sighting.objects.all()] == [False]
    kept = Assessment.objects.filter(consumer=gone)
    assert [(one.signals, one.verdict) for one in kept] == [({}, "allow")] * 2
    assert again() == [None, None, {}, {}]
    kept = kept[0]
    assert RuleCase.objects.get(kind="fraud", subject=kept.subject).facts == {}
    attempt("third+approve@people.example", where=HOME, at=at + timedelta(minutes=1))
    assert last().signals["device_people_30d"] == 2


def test_the_shipped_rules_keep_what_their_examples_say(shipped, at):
    version = find_rules("fraud")
    assert (version.number, version.began_by) == (1, "product")
    assert examples_that_fail(rules_of(version), at) == {}
