"""The network of what people share: rings, distances, hubs, erasure, and many workers at once."""

import threading
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from django.db import connection, connections

from accounts.models import Consumer
from accounts.queries import lock_consumer
from core.db import unit
from core.money import Money
from core.outbox import append
from core.relay import drain
from fraud import network
from fraud.events import PurchaseAssessed
from fraud.handlers import on_identity_settled
from fraud.models import Assessment, Hub, Label, Link, Member, Ring, Sighting
from fraud.network.queries import labels_of
from fraud.network.rules import MOST_PEOPLE, parts_of
from fraud.network.services import forget_person, put_label, settle_rings
from fraud.network.services.labeling import Sale
from fraud.states import LabelSource, LinkKind
from tests.fraud.conftest import device

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
_number = count(1)


def person(**more) -> Consumer:
    number = next(_number)
    market = {"market_id": "US", "locale": "en", "time_zone": "America/New_York"}
    return Consumer.objects.create(email_hash=f"network{number}", created_at=AT, **market, **more)


def ring(who: Consumer) -> int:
    return network.standing(who.holder_id).people


def steps(who: Consumer) -> int | None:
    return network.standing(who.holder_id).steps


def link(who: Consumer, *things: str, at: datetime = AT) -> None:
    """Link a person with things, each `kind:name`."""
    named = [one.split(":") for one in things]
    network.link(consumer_id=who.pk, things=[(LinkKind(kind), name.rjust(32, "0")) for kind, name in named], at=at)


def fraud(who: Consumer, **more) -> Label:
    told = {"source": LabelSource.DESK, "actor": "test", "reason": "Stolen card", "at": AT}
    return put_label(consumer_id=who.pk, **{"is_fraud": True} | told | more)


def check_rings() -> None:
    """Compare the rings with the parts that the links make, walked anew."""
    hubs = set(Hub.objects.values_list("kind", "key"))
    shared = [((kind, key), who) for kind, key, who in Link.objects.values_list("kind", "key", "consumer_id") if (kind, key) not in hubs]
    parts = {frozenset(part) for part in parts_of({who for _, who in shared}, shared) if len(part) > 1}
    rings = {frozenset(one.members.values_list("consumer_id", flat=True)) for one in Ring.objects.all()}
    assert rings == parts
    assert all(one.size == one.members.count() for one in Ring.objects.all())


@pytest.mark.django_db
def test_who_shares_a_thing_is_in_one_ring_over_any_number_of_steps():
    a, b, c, d, alone = (person() for _ in range(5))
    link(a, "device:1", "address:1")
    link(b, "device:1", "card:1")
    assert (ring(a), ring(b), ring(alone)) == (2, 2, 1)
    link(c, "phone:1")
    link(d, "phone:1", "email:9")
    assert Ring.objects.count() == 2
    link(c, "card:1")
    assert [ring(one) for one in (a, b, c, d)] == [4, 4, 4, 4]
    check_rings()


@pytest.mark.django_db
def test_hashes_of_two_kinds_never_join():
    a, b = person(), person()
    link(a, "device:7")
    link(b, "card:7")
    assert (ring(a), Ring.objects.count()) == (1, 0)


@pytest.mark.django_db
def test_a_link_seen_again_counts_and_keeps_its_first_and_last_moment():
    a = person()
    for days in (3, 0, 8):
        link(a, "device:1", at=AT + timedelta(days=days))
    kept = Link.objects.get()
    assert (kept.times, kept.first_at, kept.last_at) == (3, AT, AT + timedelta(days=8))


@pytest.mark.django_db
def test_two_accounts_of_one_person_are_one_in_a_ring():
    first = person()
    second = person(person=first)
    other = person()
    link(first, "person:1", "device:1")
    link(second, "person:1")
    assert ring(first) == 1
    link(other, "device:1")
    assert [ring(one) for one in (first, second, other)] == [2, 2, 2]


@pytest.mark.django_db
def test_distance_to_known_fraud_by_people_and_orders():
    a, b, c, d, e = (person() for _ in range(5))
    link(a, "device:1")
    link(b, "device:1", "card:2")
    link(c, "card:2", "phone:3")
    link(d, "phone:3")
    link(e, "device:9")
    assert [steps(one) for one in (a, b, c, d)] == [None] * 4
    label = fraud(a)
    assert [steps(one) for one in (a, b, c, d, e)] == [0, 1, 2, None, None]
    Label.objects.filter(pk=label.pk).update(ended_at=AT, ended_by="test")
    assert [steps(one) for one in (a, b, c)] == [None] * 3
    sold = fraud(e, sale=Sale("ord_x", "mer_x", Money(9_900, "USD")))
    assert (steps(e), sold.amount_minor, sold.merchant) == (0, 9_900, "mer_x")


@pytest.mark.django_db
def test_somebody_whose_account_was_stolen_is_said_to_be_honest():
    a, b = person(), person()
    link(a, "address:1")
    link(b, "address:1")
    fraud(a, sale=Sale("ord_x", "mer_x", Money(9_900, "USD")))
    fraud(a, is_fraud=False)
    assert (steps(a), steps(b), len(labels_of([a.pk]))) == (None, None, 2)


@pytest.mark.django_db
def test_what_is_just_seen_counts_before_it_is_linked():
    a, b, c, new = (person() for _ in range(4))
    link(a, "device:1")
    link(b, "device:1", "card:2")
    link(c, "phone:3")
    fraud(a)
    seen = [(LinkKind.CARD, "2".rjust(32, "0")), (LinkKind.PHONE, "3".rjust(32, "0")), (LinkKind.EMAIL, "")]
    assert network.standing(new.pk, seen) == network.Standing(4, 2)
    assert network.standing(new.pk, seen[1:]) == network.Standing(2, None)
    assert network.standing(new.pk) == network.Standing(1, None)


@pytest.mark.django_db
def test_a_label_of_one_account_counts_for_the_person():
    first = person()
    second = person(person=first)
    other = person()
    link(second, "card:1")
    link(other, "card:1")
    fraud(first)
    assert (steps(first), steps(other)) == (0, 1)


@pytest.mark.django_db
def test_labels_are_put_once_replaced_and_kept_with_who_and_why():
    a = person()
    one, again = fraud(a), fraud(a, reason="Another word")
    assert (one, Label.objects.count(), one.reason) == (again, 1, "Stolen card")
    honest = put_label(consumer_id=a.pk, is_fraud=False, source=LabelSource.DESK, actor="2", reason="It was not", at=AT + timedelta(days=1))
    one.refresh_from_db()
    assert (one.ended_at, one.ended_by, steps(a)) == (AT + timedelta(days=1), "2", None)
    assert labels_of([a.pk]) == [honest]


@pytest.mark.django_db
def test_a_hub_joins_nobody_and_lets_go_of_whom_it_joined():
    most = MOST_PEOPLE[LinkKind.NETWORK]
    office = [person() for _ in range(most + 3)]
    for one in office[:most]:
        link(one, "network:1")
    assert ring(office[0]) == most
    link(office[0], "device:5")
    link(office[1], "device:5")
    for one in office[most:]:
        link(one, "network:1")
    assert (Hub.objects.count(), ring(office[-1])) == (1, 1)
    assert settle_rings(at=AT) == 1
    assert [ring(one) for one in (office[0], office[1], office[2], office[-1])] == [2, 2, 1, 1]
    check_rings()
    fraud(office[3])
    assert steps(office[4]) is None
    assert {edge.is_hub for edge in network.neighborhood(office[4].pk)} == {True}
    assert len(network.neighborhood(office[4].pk)) == 1
    assert settle_rings(at=AT) == 0


@pytest.mark.django_db
def test_a_crowd_at_a_hub_makes_nothing_slow(django_assert_num_queries):
    """20,000 people at one address: the next one is linked by few statements, which read few rows."""
    with connection.cursor() as cursor:
        cursor.execute("""
            INSERT INTO accounts_consumer (id, market_id, locale, time_zone, email, email_hash, phone, name, birth_date, address, identity,
                created_at) SELECT gen_random_uuid(), 'US', 'en', 'UTC', '', 'crowd' || n, '', '', '', '', 'unknown', now()
            FROM generate_series(1, 20000) n""")
        cursor.execute("""
            INSERT INTO fraud_link (id, consumer_id, kind, key, times, first_at, last_at)
            SELECT gen_random_uuid(), id, 'network', 'office', 1, now(), now() FROM accounts_consumer WHERE email_hash LIKE 'crowd%'""")
    Hub.objects.create(kind="network", key="office", since=AT)
    one = person()
    with django_assert_num_queries(7):
        network.link(consumer_id=one.pk, things=[(LinkKind.NETWORK, "office"), (LinkKind.DEVICE, "d")], at=AT)
    with django_assert_num_queries(2):
        assert (network.standing(one.pk), len(network.neighborhood(one.pk))) == (network.Standing(1, None), 2)


@pytest.mark.django_db
def test_an_erased_person_leaves_the_network_and_the_ring_parts():
    a, bridge, c = (person() for _ in range(3))
    link(a, "device:1")
    link(bridge, "device:1", "card:1")
    link(c, "card:1")
    assert ring(a) == 3
    forget_person(consumer_id=bridge.pk, at=AT)
    forget_person(consumer_id=bridge.pk, at=AT)
    assert not Link.objects.filter(consumer=bridge).exists()
    assert not Member.objects.filter(consumer=bridge).exists()
    assert settle_rings(at=AT) == 1
    assert (ring(a), ring(c), Ring.objects.count()) == (1, 1, 0)
    check_rings()


@pytest.mark.django_db
def test_rings_are_walked_again_when_links_were_forgotten():
    a, b = person(), person()
    link(a, "device:1")
    link(b, "device:1")
    Link.objects.filter(consumer=b).delete()
    assert (settle_rings(at=AT + timedelta(days=29)), ring(a)) == (0, 2)
    assert (settle_rings(at=AT + timedelta(days=31)), ring(a)) == (1, 1)


@pytest.mark.django_db
def test_rings_hold_what_links_say_whatever_happens_in_whatever_order():
    from random import Random

    dice, people = Random(7), [person() for _ in range(25)]
    for step in range(160):
        who = dice.choice(people)
        if dice.random() < 0.06:
            forget_person(consumer_id=who.pk, at=AT)
        else:
            link(who, f"{dice.choice(['device', 'card', 'phone'])}:{dice.randrange(30)}")
        if step % 20 == 0:
            settle_rings(at=AT)
            check_rings()
    settle_rings(at=AT)
    check_rings()


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_find_every_ring_and_never_lock_one_another():
    people, failed = [person() for _ in range(24)], []

    def work(mine: int) -> None:
        try:
            for number, one in enumerate(people):
                if number % 4 == mine:
                    # Each shares one thing with the next, and one with everybody of the same half.
                    link(one, f"device:{number}", f"device:{(number + 1) % 24}", f"card:{number // 12}")
                    settle_rings(at=AT)
        except Exception as error:  # noqa: BLE001  (told by the test)
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(mine,)) for mine in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert failed == []
    assert ring(people[0]) == 24
    check_rings()


def test_an_attempt_links_the_person_with_all_that_was_seen_once(attempt, at):
    attempt(where=device("home"), network="93.184.216.34")
    drain()
    drain()
    seen = Sighting.objects.get()
    kinds = dict(Link.objects.exclude(kind="person").values_list("kind", "key"))
    assert kinds == {kind: getattr(seen, kind) for kind in ("device", "card", "email", "address", "network")}
    assert list(Link.objects.filter(kind="device").values_list("times", flat=True)) == [1]
    attempt("bob+approve@people.example", where=device("home"), network="198.51.100.7", at=at)
    drain()
    assert ring(seen.consumer) == 2


def test_a_refused_attempt_is_linked_too_and_a_forgotten_sighting_is_nothing(attempt, at):
    from checkout.errors import Declined

    for number in range(4):
        attempt(f"p{number}+approve@people.example", where=device("home"), at=at + timedelta(seconds=number))
    with pytest.raises(Declined):
        attempt("p6+approve@people.example", where=device("home"), at=at + timedelta(seconds=9))
    drain()
    assert Link.objects.filter(kind="device").count() == 5
    append(PurchaseAssessed(sighting=Sighting().public_id), at=at)
    drain()


@pytest.mark.django_db
def test_an_erased_person_is_not_linked_again_by_a_late_event():
    gone = person()
    Consumer.objects.filter(pk=gone.pk).update(email_hash=gone.erased_hash)
    from accounts.events import IdentitySettled

    on_identity_settled(IdentitySettled(consumer=gone.public_id, identity="verified"), at=AT)
    assert not Link.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_nobody_is_linked_who_is_being_erased():
    """A worker that links while a person is erased waits, and then links nothing."""
    gone, linked = person(), threading.Event()

    def work() -> None:
        link(gone, "device:1")
        linked.set()
        connections.close_all()

    worker = threading.Thread(target=work)
    with unit():
        locked = lock_consumer(gone.pk)
        worker.start()
        assert not linked.wait(0.5)
        Consumer.objects.filter(pk=gone.pk).update(email_hash=locked.erased_hash)
        forget_person(consumer_id=gone.pk, at=AT)
    worker.join(20)
    assert linked.is_set()
    assert not Link.objects.exists()


def test_who_shares_a_device_with_known_fraud_is_held_by_the_shipped_rules(attempt, at):
    first = attempt(where=device("home"))
    drain()
    put_label(consumer_id=first.consumer_id, is_fraud=True, source=LabelSource.DESK, actor="test", reason="Stolen card", at=at)
    second = attempt("bob+approve@people.example", where=device("home"), card="5555555555554444", at=at + timedelta(days=2))
    third = attempt("eve+approve@people.example", where=device("other"), card="5200828282828210", at=at + timedelta(days=2))
    assert (second.status, third.status) == ("pending_review", "authorized")
    assert [one[0] for one in Assessment.objects.get(order=second.public_id).findings] == ["known-fraud"]
    told_to = Assessment.objects.get(order=second.public_id).signals
    assert (told_to["fraud_steps"], told_to["ring_people"]) == (1, 2)
