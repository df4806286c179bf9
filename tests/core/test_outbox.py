"""Events: heard now in the publisher's commit, later exactly once however often and by however many somebody is woken."""

import contextlib
import logging
import time
from datetime import timedelta

import pytest

from core import relay, tasks
from core.clock import wall
from core.db import unit
from core.models import Delivery, OutboxEvent
from core.outbox import append, append_all, event_type

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("ears")]


@pytest.fixture
def tell(ears, at):
    """Give a function that tells numbers, each in a commit of its own."""

    def publish(*numbers: int) -> None:
        for number in numbers:
            with unit():
                append(ears.Happened(number=number), at=at)

    return publish


SWEEP_S = 5


def open_deliveries() -> list[tuple[str, int]]:
    return list(Delivery.objects.filter(done_at=None).order_by("id").values_list("handler", "attempts"))


def is_waiting() -> bool:
    return OutboxEvent.objects.filter(relayed=False).exists() or Delivery.objects.filter(done_at=None).exists()


def let_waits_end() -> None:
    Delivery.objects.filter(done_at=None).update(next_at=wall() - timedelta(seconds=1))


def test_events_are_told_inside_a_transaction_only(ears, at):
    with pytest.raises(RuntimeError, match="inside a transaction"):
        append(ears.Happened(number=1), at=at)
    assert (ears.noted("now"), OutboxEvent.objects.count()) == ([], 0)


def test_now_is_in_the_publisher_s_commit_and_later_is_not(ears, tell, at):
    with contextlib.suppress(KeyError), unit():
        append(ears.Happened(number=1), at=at)
        raise KeyError("undo")
    assert (ears.noted("now"), OutboxEvent.objects.count()) == ([], 0)
    tell(2)
    assert (ears.noted("now"), ears.noted("later"), OutboxEvent.objects.get().payload) == (["2"], [], {"number": 2})


def test_who_hears_now_and_fails_undoes_what_was_told(ears, tell):
    with pytest.raises(ValueError, match="negative"):
        tell(-1)
    assert (ears.noted("now"), OutboxEvent.objects.count()) == ([], 0)


def test_what_nobody_hears_later_leaves_no_row(ears, at):
    with unit():
        append(ears.Unheard(), at=at)
    assert OutboxEvent.objects.count() == 0


def test_many_are_kept_with_one_statement(ears, at, django_assert_num_queries):
    with unit(), django_assert_num_queries(1 + 50):
        append_all((ears.Happened(number=n) for n in range(50)), at=at)
    assert OutboxEvent.objects.count() == 50


def test_each_handler_runs_once_however_often_it_is_woken(ears, tell):
    tell(1, 2, 3)
    ids = relay.relay_chunk()
    assert relay.relay_chunk() == []
    assert len(ids) == 6
    for _ in range(3):
        relay.deliver(ids)
    relay.deliver(list(reversed(ids)))
    tasks.sweep_outbox()
    assert ears.noted("later") == ears.noted("small") == ["1", "2", "3"]
    assert Delivery.objects.filter(done_at=None).count() == 0


def test_each_handler_runs_once_though_eight_are_woken_at_once(ears, tell, at_once):
    tell(*range(12))

    def work(_number: int) -> None:
        deadline = time.monotonic() + 20
        while is_waiting() and time.monotonic() < deadline:
            relay.deliver(relay.relay_chunk() or list(Delivery.objects.filter(done_at=None).values_list("id", flat=True)))

    assert at_once(8, work) == [None] * 8
    assert sorted(map(int, ears.noted("later"))) == sorted(map(int, ears.noted("small"))) == list(range(12))


def test_who_fails_leaves_nothing_backs_off_and_keeps_nobody_waiting(ears, tell, caplog):
    caplog.set_level(logging.CRITICAL, "bnpl")
    tell(100, 1, 2)
    before = wall()
    relay.drain()
    assert sorted(ears.noted("later")) == ["1", "100", "2"]
    assert sorted(ears.noted("small")) == ["1", "2"]
    failed = Delivery.objects.get(done_at=None)
    assert (failed.handler, failed.attempts, "too large" in failed.error) == ("tests.core.ears.hear_small", 1, True)
    assert timedelta(seconds=0.9) < failed.next_at - before < timedelta(seconds=3)
    assert relay.claim_overdue() == []
    waits = []
    for _ in range(3):
        let_waits_end()
        now = wall()
        tasks.sweep_outbox()
        waits.append(round((Delivery.objects.get(done_at=None).next_at - now).total_seconds()))
    assert waits == [2, 4, 8]
    assert sorted(ears.noted("small")) == ["1", "2"]
    assert sorted(ears.noted("later")) == ["1", "100", "2"]


def test_a_handler_that_is_mended_hears_it_after_all(ears, tell, caplog, monkeypatch):
    caplog.set_level(logging.CRITICAL, "bnpl")
    tell(100)
    relay.drain()
    monkeypatch.setattr(relay, "load_handler", lambda _path: ears.hear)
    let_waits_end()
    tasks.sweep_outbox()
    assert open_deliveries() == []
    assert ears.noted("later") == ["100", "100"]


def test_what_never_works_is_given_up_and_stays_to_be_seen(ears, tell, caplog):
    caplog.set_level(logging.CRITICAL, "bnpl")
    tell(100)
    relay.drain()
    Delivery.objects.filter(done_at=None).update(attempts=relay.MAX_ATTEMPTS)
    let_waits_end()
    assert (tasks.sweep_outbox(), relay.drain()) == (0, 0)
    assert open_deliveries() == [("tests.core.ears.hear_small", relay.MAX_ATTEMPTS)]


def test_what_is_kept_of_a_failure_names_nobody(ears, tell, caplog):
    tell(1)
    pk = relay.relay_chunk()[0]
    relay._note_failure(pk, ValueError("anna@example.com, +45 20 12 34 56 is taken"))
    assert Delivery.objects.get(pk=pk).error == "ValueError('[removed], [removed] is taken')"


def test_a_lost_wake_up_is_found_by_the_sweep(ears, tell):
    tell(1)
    assert len(relay.relay_chunk()) == 2
    assert (relay.claim_overdue(), tasks.sweep_outbox(), ears.noted("later")) == ([], 0, [])
    let_waits_end()
    assert tasks.sweep_outbox() == 2
    assert ears.noted("later") == ["1"]


def test_an_event_that_no_relay_saw_is_found_by_the_sweep(ears, tell):
    tell(1, 2)
    assert tasks.sweep_outbox() == 4
    assert (ears.noted("later"), tasks.sweep_outbox()) == (["1", "2"], 0)


def test_one_overdue_delivery_is_claimed_by_one(tell, at_once):
    tell(*range(20))
    relay.relay_chunk()
    let_waits_end()
    claimed = at_once(4, lambda _: relay.claim_overdue())
    assert sorted(pk for ids in claimed for pk in ids) == sorted(Delivery.objects.values_list("id", flat=True))


def patient(number: int) -> Delivery:
    return Delivery.objects.get(handler="tests.core.ears.hear_small", event__payload__number=number)


def test_what_is_patient_waits_in_its_queue_and_is_found_soon_where_the_queue_has_passed_it(ears, tell):
    tell(1, 2, 3)
    relay.relay_chunk()
    usual = list(Delivery.objects.exclude(handler="tests.core.ears.hear_small").values_list("id", flat=True))
    relay.deliver([*usual, patient(2).id])
    let_waits_end()
    # The queue is at the second: the first is lost, the third waits for its turn.
    assert relay.claim_overdue() == [patient(1).id]
    let_waits_end()
    assert tasks.sweep_outbox() == 1
    assert ears.noted("small") == ["2", "1"]
    # Nothing moves any more: whatever is left is lost.
    Delivery.objects.filter(done_at__isnull=False).update(done_at=wall() - timedelta(seconds=relay.STILL_S + 1))
    let_waits_end()
    assert (tasks.sweep_outbox(), ears.noted("small")) == (1, ["2", "1", "3"])
    assert not is_waiting()


def test_a_lost_wake_up_of_a_letter_is_found_within_two_minutes(ears, tell):
    tell(1)
    made = wall()
    relay.relay_chunk()
    latest = (patient(1).next_at - made).total_seconds() + relay.STILL_S + SWEEP_S
    assert 60 <= latest <= 120


def test_a_queue_that_is_lost_whole_is_swept_in_one_go(ears, tell):
    tell(*range(30))
    relay.relay_chunk()
    let_waits_end()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(relay, "CHUNK", 7)
        assert tasks.sweep_outbox() == 60
    assert sorted(map(int, ears.noted("small"))) == list(range(30))


def test_what_is_swept_while_its_wake_up_was_only_slow_runs_once(ears, tell, at_once):
    tell(*range(10))
    relay.relay_chunk()
    let_waits_end()
    ids = list(Delivery.objects.values_list("id", flat=True))
    acts = [tasks.sweep_outbox, lambda: relay.deliver(ids), tasks.sweep_outbox, lambda: relay.deliver(ids)]
    at_once(4, lambda number: acts[number]())
    tasks.sweep_outbox()
    assert sorted(map(int, ears.noted("small"))) == list(range(10))


def test_the_broker_may_be_away(ears, tell, caplog, monkeypatch):
    caplog.set_level(logging.CRITICAL, "bnpl")

    def refuse(*_args: object, **_options: object) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr(relay.current_app, "send_task", refuse)
    tell(1)
    relay.wake(relay.relay_duties())
    let_waits_end()
    tasks.sweep_outbox()
    assert ears.noted("later") == ["1"]


def test_the_relay_is_woken_by_the_commit(ears, tell, monkeypatch):
    woken: list[tuple[float, int]] = []
    monkeypatch.setattr(relay, "wake", lambda ids: woken.append((time.monotonic(), len(ids))))
    thread = relay.start()
    try:
        waits = []
        for number in range(6):
            told, seen = time.monotonic(), len(woken)
            tell(number)
            while len(woken) == seen and time.monotonic() < told + 3:
                time.sleep(0.005)
            waits.append(woken[-1][0] - told)
            time.sleep(0.15)
    finally:
        relay.stop()
        thread.join(5)
    assert [count for _, count in woken] == [2] * 6
    # It looks once a second anyway: half of them would come later than this.
    assert sorted(waits)[4] < 0.4
    assert not thread.is_alive()


def test_payloads_of_other_versions_are_read(ears):
    event = event_type("tests.happened").load({"number": 4, "added_later": "x"})
    assert event == ears.Happened(number=4)


def test_what_happened_to_one_thing_is_heard_in_its_order_and_nothing_else_waits(ears, tell, caplog, monkeypatch):
    """Stream 100 fails first: its second event waits for it; stream 1, told after both, does not."""
    caplog.set_level(logging.CRITICAL, "bnpl")
    tell(100)
    relay.drain()
    monkeypatch.setattr(relay, "load_handler", lambda _path: ears.hear)
    tell(100, 1)
    relay.drain()
    assert open_deliveries() == [("tests.core.ears.hear_small", 1), ("tests.core.ears.hear_small", 0)]
    let_waits_end()
    relay.drain()
    assert open_deliveries() == []


def test_what_was_woken_before_its_time_follows_what_it_waited_for(ears, tell):
    tell(7, 7, 7)
    relay.relay_chunk()
    ids = list(Delivery.objects.filter(handler="tests.core.ears.hear").order_by("id").values_list("id", flat=True))
    assert relay.deliver(ids[2:]) == relay.deliver(ids[1:2]) == 0
    assert relay.deliver(ids[:1]) == 3
    assert ears.noted("later") == ["7", "7", "7"]


def test_what_was_given_up_keeps_nothing_waiting(ears, tell, caplog, monkeypatch):
    caplog.set_level(logging.CRITICAL, "bnpl")
    tell(100)
    relay.drain()
    Delivery.objects.filter(done_at=None).update(attempts=relay.MAX_ATTEMPTS)
    monkeypatch.setattr(relay, "load_handler", lambda _path: ears.hear)
    tell(100)
    relay.drain()
    assert open_deliveries() == [("tests.core.ears.hear_small", relay.MAX_ATTEMPTS)]


def test_a_delivery_goes_to_the_workers_of_its_lane(monkeypatch):
    sent = []
    monkeypatch.setattr(relay.current_app, "send_task", lambda name, args, queue, **options: sent.append((queue, args)))
    duties = [(number, "webhooks.handlers.on_order") for number in range(21)] + [(99, "reports.handlers.on_order_held")]
    relay.wake(duties)
    assert sent == [("deliver", [list(range(20))]), ("deliver", [[20]]), ("figures", [[99]])]


def test_a_task_holds_deliveries_of_one_app(monkeypatch):
    """Else no two tasks about one merchant's events run beside each other: each would wait for the turn of every app in it."""
    sent = []
    monkeypatch.setattr(relay.current_app, "send_task", lambda name, args, queue, **options: sent.append(args))
    relay.wake([(1, "webhooks.handlers.on_order"), (2, "notifications.handlers.on_order_held"), (3, "webhooks.handlers.on_order")])
    assert sent == [[[1, 3]], [[2]]]
