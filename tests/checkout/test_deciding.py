"""Deciding on a checkout that somebody else changes meanwhile."""

import threading

import pytest
from django.db import connections

from checkout import services as checkouts
from checkout.errors import CheckoutClosed
from checkout.models import Checkout
from checkout.queries import get_checkout, lock_checkout, lock_seen
from checkout.services import sessions
from core.db import unit
from credit.models import Decision
from simulation import shopper

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def checkout(buy, merchant, at):
    """A checkout that Anna has signed in at."""
    opened = buy.open(merchant, 60_000)
    shopper.identify(checkout=opened, email="anna+approve@people.example", at=at)
    return get_checkout(opened.pk)


def take_over(checkout, at):
    shopper.identify(checkout=checkout, email="bert+approve@people.example", at=at)


@pytest.mark.parametrize("decided", [True, False])
def test_nobody_gets_the_decision_about_a_person_who_took_the_checkout_over(checkout, at, monkeypatch, decided):
    real = sessions.credit.gather

    def slow(**told):
        monkeypatch.setattr(sessions.credit, "gather", real)
        take_over(checkout, at)
        if decided:
            checkouts.decide(checkout_id=checkout.pk, at=at)
        return real(**told)

    monkeypatch.setattr(sessions.credit, "gather", slow)
    with pytest.raises(CheckoutClosed) as refused:
        checkouts.decide(checkout_id=checkout.pk, at=at)
    assert refused.value.code == "checkout.changed"
    assert [one.consumer_id for one in Decision.objects.all()] == [get_checkout(checkout.pk).consumer_id] * decided


@pytest.mark.parametrize("lock", [lambda seen: lock_checkout(seen.pk), lock_seen])
def test_who_waited_for_the_lock_reads_the_checkout_with_its_new_person_and_decision(buy, checkout, merchant, at, lock):
    bought = buy(merchant, 10_000, email="bert+approve@people.example")
    found, waits = [], threading.Event()

    def wait():
        try:
            with unit():
                waits.set()
                locked = lock(checkout)
            found.extend([locked.consumer, locked.decision])
        finally:
            connections.close_all()

    other = threading.Thread(target=wait)
    with unit():
        lock(checkout)
        other.start()
        waits.wait(5)
        other.join(0.1)
        checkouts.identify(checkout_id=checkout.pk, consumer=bought.consumer, at=at)
        Checkout.objects.filter(pk=checkout.pk).update(decision=bought.decision)
    other.join()
    assert found == [bought.consumer, bought.decision]
