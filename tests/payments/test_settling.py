"""Movements: one key for ever, no answer is unknown and never failed, and every answer is recorded once."""

import random
from datetime import timedelta
from threading import Event

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.clock import wall
from core.db import unit
from payments import services as payments
from payments.gateways.base import UNKNOWN, Outcome, done
from payments.models import Charge
from payments.services import recording
from payments.services.charges import CHARGES, record_charges
from tests.payments import oracle

pytestmark = pytest.mark.usefixtures("quiet")


def opened(request_for, card, count, at, **more):
    requests = [request_for(card, 100 + n, **more) for n in range(count)]
    payments.open_charges(requests=requests, at=at)
    return requests


def release_claims():
    Charge.objects.update(claimed_until=wall() - timedelta(seconds=1))


def statuses():
    return list(Charge.objects.order_by("id").values_list("status", flat=True))


def test_the_row_and_its_key_stand_before_the_call(scripted, token_card, request_for, at):
    (request,) = opened(request_for, token_card, 1, at)
    charge = Charge.objects.get()
    assert (charge.status, charge.idempotency_key, charge.tries) == ("pending", request.key, 0)
    assert charge.claimed_until > wall()
    assert scripted.asked == []
    assert payments.run_charges(requests=[request], at=at) == 1
    charge.refresh_from_db()
    assert (charge.status, charge.gateway_ref, charge.settled_at, charge.claimed_until) == ("succeeded", f"x_{request.key}", at, None)


def test_no_gateway_is_called_inside_a_transaction(scripted, token_card, request_for, at):
    requests = opened(request_for, token_card, 2, at)
    with pytest.raises(RuntimeError, match="never called inside a transaction"), unit():
        payments.run_charges(requests=requests, at=at)
    assert scripted.asked == []


def test_a_lost_answer_is_unknown_and_the_same_key_is_asked_until_there_is_one(scripted, token_card, request_for, at):
    (request,) = opened(request_for, token_card, 1, at)
    scripted.lose_answers = True
    assert payments.run_charges(requests=[request], at=at) == 0
    assert statuses() == ["unknown"]
    assert payments.resolve_charges(at=at) == 0
    assert scripted.asked == [request.key]
    release_claims()
    assert payments.resolve_charges(at=at) == 0
    assert statuses() == ["unknown"]
    scripted.lose_answers = False
    release_claims()
    assert payments.resolve_charges(at=at) == 1
    assert statuses() == ["succeeded"]
    assert set(scripted.asked) == {request.key}
    assert len(scripted.recorded) == 1


def test_what_the_gateway_never_heard_of_is_asked_again_with_the_same_key(scripted, token_card, request_for, at):
    (request,) = opened(request_for, token_card, 1, at)
    scripted.deaf = True
    payments.run_charges(requests=[request], at=at)
    assert (statuses(), scripted.recorded) == (["unknown"], {})
    scripted.deaf = False
    release_claims()
    assert payments.resolve_charges(at=at) == 1
    assert scripted.asked == [request.key, request.key]
    assert statuses() == ["succeeded"]


def test_a_charge_whose_worker_died_before_asking_is_taken_up_when_its_claim_ends(scripted, token_card, request_for, at):
    (request,) = opened(request_for, token_card, 1, at)
    assert payments.resolve_charges(at=at) == 0
    assert scripted.asked == []
    release_claims()
    assert payments.resolve_charges(at=at) == 1
    assert scripted.asked == [request.key]


def test_unknown_answers_put_the_next_look_off_longer_and_longer(scripted, token_card, request_for, at):
    (request,) = opened(request_for, token_card, 1, at)
    waits = []
    for _ in range(12):
        recording.write_answers(Charge, [(request, UNKNOWN)], at)
        waits.append((Charge.objects.get().claimed_until - wall()).total_seconds())
    expected = [2, 3, 5, 8, 13, 20, 30, 60, 120, 300, 600, 600]
    assert [wanted for wanted, waited in zip(expected, waits, strict=True) if not wanted - 1 < waited <= wanted] == []
    assert sum(expected[:6]) < 60


def test_an_answer_is_recorded_once_whoever_brings_it(scripted, token_card, request_for, at):
    (request,) = opened(request_for, token_card, 1, at)
    assert record_charges([(request, done(request, "ch_1"))], at) == 1
    assert record_charges([(request, Outcome("failed", "", "lost_card"))], at) == 0
    assert record_charges([(request, UNKNOWN)], at) == 0
    charge = Charge.objects.get()
    assert (charge.status, charge.gateway_ref, charge.failure, charge.tries) == ("succeeded", "ch_1", "", 1)


@pytest.mark.parametrize("seed", range(5))
def test_recording_by_one_statement_does_what_the_state_machine_does(scripted, token_card, request_for, at, seed):
    chance = random.Random(seed)
    refusals = [Outcome("failed", "ch_2", "lost_card"), Outcome("failed", failure="invalid_request"), UNKNOWN, Outcome("under_way", "ch_3")]
    outcomes = [lambda request: done(request, "ch_1"), *(lambda _request, refusal=refusal: refusal for refusal in refusals)]
    pairs = [(opened(request_for, token_card, 12, at), answer) for answer in (recording.write_answers, oracle.write_answers)]
    plan = [[chance.choice(outcomes) for _ in range(12)] for _ in range(3)]
    told = []
    for requests, write in pairs:
        heard = []
        for outcomes_now in plan:
            answers = [(request, answer(request)) for request, answer in zip(requests, outcomes_now, strict=True)]
            if write is oracle.write_answers:
                won, failed = write(answers, at)
            else:
                changed = write(Charge, answers, at)
                won, failed = changed.succeeded, changed.failed
            index = {request.id: n for n, request in enumerate(requests)}
            heard.append((sorted(index[pk] for pk in won), sorted(index[pk] for pk in failed)))
        told.append(heard)
    assert told[0] == told[1]
    fields = ("amount_minor", "status", "gateway_ref", "failure", "settled_at", "next_look_at", "tries")
    rows = [
        list(Charge.objects.filter(id__in=[r.id for r in requests]).order_by("amount_minor").values_list(*fields)) for requests, _ in pairs
    ]
    assert rows[0] == rows[1]


def test_a_batch_that_cannot_be_recorded_is_recorded_one_by_one(scripted, token_card, request_for, at, monkeypatch):
    requests = opened(request_for, token_card, 5, at)
    poisoned = requests[2].id
    genuine = recording.write_answers

    def write_answers(model, answers, at, **more):
        if any(request.id == poisoned for request, _ in answers):
            raise ValueError("poison")
        return genuine(model, answers, at, **more)

    monkeypatch.setattr("payments.services.charges.write_answers", write_answers)
    assert payments.run_charges(requests=requests, at=at) == 4
    assert Charge.objects.get(id=poisoned).status == "pending"
    assert sorted(statuses()) == ["pending", "succeeded", "succeeded", "succeeded", "succeeded"]


def test_a_bug_in_an_adapter_leaves_the_charge_unknown(scripted, token_card, request_for, at, monkeypatch):
    requests = opened(request_for, token_card, 3, at)
    monkeypatch.setattr(type(scripted), "charge", lambda self, request: 1 / 0)
    assert payments.run_charges(requests=requests, at=at) == 0
    assert statuses() == ["unknown"] * 3


def test_the_number_of_statements_does_not_grow_with_the_charges(scripted, token_card, request_for, at):
    counts = []
    for size in (3, 300):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            payments.run_charges(requests=opened(request_for, token_card, size, at), at=at)
        counts.append(len([q for q in queries if "SAVEPOINT" not in q["sql"]]))
    assert counts[0] == counts[1] <= 3


def test_answers_are_recorded_while_others_are_still_awaited(scripted, token_card, request_for, at, monkeypatch):
    import threading

    gate, slow = threading.Event(), threading.Event()
    requests = opened(request_for, token_card, 4, at)
    genuine = type(scripted).charge

    def charge(self, request):
        if request.id == requests[0].id:
            slow.set()
            assert gate.wait(10)
        return genuine(self, request)

    monkeypatch.setattr(type(scripted), "charge", charge)
    recorded = []

    def record(kind, answers, at):
        recorded.append(len(answers))
        gate.set()
        return len(answers)

    monkeypatch.setattr("payments.services.recording.record_safely", record)
    payments.run_charges(requests=requests, at=at)
    assert recorded == [3, 1]


def test_calls_that_hang_do_not_hold_up_the_others(scripted, token_card, request_for, at, monkeypatch, settings):
    """All calls that may be in flight hang until everything else was asked: others take their place meanwhile."""
    settings.CALLS_IN_FLIGHT = 4
    monkeypatch.setattr("payments.services.calls.SLOW_S", 0.2)
    requests, asked_all = opened(request_for, token_card, 24, at), Event()
    hanging = {request.id for request in requests[:4]}
    genuine = type(scripted).charge

    def charge(self, request):
        outcome = genuine(self, request)
        if len(self.asked) == len(requests):
            asked_all.set()
        return outcome if request.id not in hanging or asked_all.wait(20) else UNKNOWN

    monkeypatch.setattr(type(scripted), "charge", charge)
    assert payments.run_charges(requests=requests, at=at) == 24
    assert (asked_all.is_set(), set(statuses())) == (True, {"succeeded"})


def test_what_was_never_heard_of_is_asked_for_again_at_once(scripted, token_card, request_for, at, monkeypatch):
    (request,) = opened(request_for, token_card, 1, at)
    genuine = type(scripted).charge
    lost = []
    monkeypatch.setattr(type(scripted), "charge", lambda self, asked: genuine(self, asked) if lost else lost.append(asked.key) or UNKNOWN)
    assert payments.run_charges(requests=[request], at=at) == 1
    assert (lost, scripted.asked, statuses()) == ([request.key], [request.key], ["succeeded"])


def test_settling_ends_where_the_gateway_never_answers(scripted, token_card, request_for, at, monkeypatch):
    opened(request_for, token_card, 3, at)
    release_claims()
    scripted.deaf = True
    monkeypatch.setattr(recording, "LOOKS_S", (0,))
    monkeypatch.setattr(recording, "SETTLE_S", 0.3)
    recording._write.cache_clear()
    assert payments.resolve_charges(at=at) == 0
    recording._write.cache_clear()
    assert statuses() == ["unknown"] * 3


def test_charges_that_cannot_be_started_in_time_are_left_to_the_next_claim(scripted, token_card, request_for, at, monkeypatch):
    monkeypatch.setattr("payments.services.calls.START_WITHIN_S", -1)
    requests = opened(request_for, token_card, 4, at)
    assert payments.run_charges(requests=requests, at=at) == 0
    assert statuses() == ["pending"] * 4
    monkeypatch.undo()
    # They wait for nobody's claim to end.
    assert payments.resolve_charges(at=at) == 4
    assert CHARGES.model is Charge
