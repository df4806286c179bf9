"""The same key and body give the stored answer; the same key and another body are refused."""

import threading

import pytest
from django.db import connection

from checkout.models import Checkout
from core.models import IdempotentAnswer
from tests.api.conftest import Api
from tests.api.counting import statements
from tests.shops import basket


def test_repeated_key_gives_the_first_answer(api):
    first = api.post("checkouts", basket(), key="k-1")
    again = api.post("checkouts", dict(reversed(basket().items())), key="k-1")
    assert (again.status_code, again.json(), again["Idempotent-Replayed"]) == (201, first.json(), "true")
    assert "Idempotent-Replayed" not in first
    assert Checkout.objects.count() == 1


def test_key_with_another_body_or_address_is_refused(api, problem):
    api.post("checkouts", basket(), key="k-1")
    problem(api.post("checkouts", basket(amount=22_901), key="k-1"), 422, "idempotency.key_reused", "Idempotency-Key")
    checkout = Checkout.objects.get()
    problem(api.post(f"checkouts/{checkout.public_id}/expire", key="k-1"), 422, "idempotency.key_reused")
    assert (Checkout.objects.count(), Checkout.objects.get().status) == (1, "open")


def test_keys_of_shops_are_apart(api, stranger):
    api.post("checkouts", basket(), key="k-1")
    answer = stranger.post("checkouts", basket(), key="k-1")
    assert (answer.status_code, "Idempotent-Replayed" in answer) == (201, False)
    assert Checkout.objects.count() == 2


def test_refusals_are_not_kept(api, problem):
    problem(api.post("checkouts", basket(amount=0), key="k-1"), 422, "invalid")
    assert IdempotentAnswer.objects.count() == 0
    assert api.post("checkouts", basket(), key="k-1").status_code == 201


@pytest.mark.parametrize("key", ["a b", "k" * 256, "k\u00e9y", "\t"])
def test_bad_key_is_refused(api, problem, key):
    problem(api.post("checkouts", basket(), key=key), 422, "idempotency.key_invalid", "Idempotency-Key")
    assert Checkout.objects.count() == 0


def test_longest_key_is_taken(api):
    assert api.post("checkouts", basket(), key="k" * 255).status_code == 201


def test_costs_at_most_four_statements(api):
    with statements() as plain:
        api.post("checkouts", basket())
    with statements() as keyed:
        api.post("checkouts", basket(), key="k-1")
    with statements() as replayed:
        api.post("checkouts", basket(), key="k-1")
    assert len(keyed) - len(plain) <= 4
    assert len(replayed) <= 4


def test_a_key_costs_one_statement(api):
    with statements() as used:
        api.get("sandbox/clock")
    assert [sql for sql in used if "merchants_apikey" in sql] == used[:1]
    assert len([sql for sql in used if "core_clockoffset" not in sql]) == 1


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_with_one_key_make_one(api):
    start, answers = threading.Barrier(8), []

    def run():
        try:
            start.wait()
            answers.append(Api(api.key).post("checkouts", basket(), key="k-1"))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"idempotency.in_progress"}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert Checkout.objects.count() == 1
