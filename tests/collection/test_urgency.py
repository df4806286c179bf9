"""What waits in the queue of a lane is taken by its urgency, and long work of the machine's own lets it go first."""

import time

import pytest
import redis

from collection import handlers
from collection.services import due as due_run
from core import giving_way, relay
from core.lanes import Lane, Urgency

FIRST_PAYMENT, WEBHOOK, RECEIPT = (
    "collection.handlers.on_order_captured",
    "webhooks.handlers.on_order",
    "notifications.handlers.on_installments_paid",
)


@pytest.fixture
def queues():
    """The queues of both lanes, empty: other tests told what no worker took."""
    with (
        relay.current_app.connection() as connection,
        connection.SimpleQueue(Lane.OUTSIDE) as outside,
        connection.SimpleQueue(Lane.DELIVER) as deliver,
    ):
        for queue in (outside, deliver):
            queue.clear()
        yield {"outside": outside, "deliver": deliver}
        for queue in (outside, deliver):
            queue.clear()


def take(queue, count):
    taken = []
    for _ in range(count):
        message = queue.get(timeout=5)
        message.ack()
        taken.append(message.payload[0])
    return taken


def test_a_first_payment_is_taken_before_all_else_and_what_a_due_run_tells_after_it(queues):
    """The tasks go through Redis itself: the later one is taken first."""
    relay.current_app.send_task("core.tasks.run_timer", args=["usual"], queue=Lane.OUTSIDE, priority=Urgency.USUAL)
    for number, handler in enumerate([RECEIPT, WEBHOOK, FIRST_PAYMENT]):
        relay.wake([(number, handler)])
    handlers._wake("pln_1")
    assert take(queues["outside"], 3) == [[[2]], ["pln_1"], ["usual"]]
    assert take(queues["deliver"], 2) == [[[1]], [[0]]]


@pytest.mark.parametrize(("handler", "waits"), [(WEBHOOK, True), (RECEIPT, False), (FIRST_PAYMENT, False)])
def test_people_wait_while_what_is_not_patient_stands_in_the_lane_of_events(queues, handler, waits):
    assert not giving_way.people_wait()
    relay.wake([(1, handler)])
    assert giving_way.people_wait() is waits


def test_way_is_given_until_nobody_waits_and_never_for_longer_than_said(queues, monkeypatch):
    assert giving_way.give_way(5) < 1
    relay.wake([(1, WEBHOOK)])
    assert giving_way.give_way(0.2) >= 0.2
    answers = iter([True, True, False])
    monkeypatch.setattr(giving_way, "people_wait", lambda: next(answers))
    assert giving_way.give_way(60) < 30
    assert list(answers) == []


def test_without_redis_nobody_is_known_to_wait(monkeypatch):
    monkeypatch.setattr(giving_way, "store", lambda: redis.Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=0.05))
    assert giving_way.give_way(60) < 30


def test_a_due_run_gives_way_after_each_whole_chunk_by_what_the_chunk_took(monkeypatch):
    given = []
    founds = iter([due_run.CHUNK, due_run.CHUNK, 3])

    def claim(*, at, after):
        time.sleep(0.01)
        return [], next(founds), after

    monkeypatch.setattr(due_run, "claim_due", claim)
    monkeypatch.setattr(due_run.payments, "run_charges", lambda *, requests, at: 0)
    monkeypatch.setattr(due_run, "give_way", given.append)
    assert due_run.run_due(at=None) == 0
    assert len(given) == 2
    assert min(given) >= 0.01 * due_run.GIVEN_WAY
