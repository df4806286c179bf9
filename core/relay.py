"""The relay: turns outbox rows into deliveries and wakes workers for them.

One thread in every worker of the lane `deliver` listens to PostgreSQL and relays as soon as a transaction commits. The sweep
finds deliveries whose wake-up was lost (Redis flushed, worker killed). Any number of relays may run at once.
"""

import json
import logging
import select
import sys
import threading
import time
from collections.abc import Sequence
from datetime import timedelta

from celery import current_app
from django.db import close_old_connections, connection

from core.acting import acting
from core.clock import wall
from core.crypto import Erased
from core.db import execute, rows, unit
from core.errors import Conflict
from core.lanes import Urgency, lane_of
from core.logs import without_personal_data
from core.models import Delivery, OutboxEvent
from core.outbox import all_later, event_type, load_handler, urgencies
from core.queries import given_up, lock_delivery

log = logging.getLogger("bnpl.relay")
CHUNK = 200
TASK_SIZE = 20
RESEND_S = 20
PATIENT_RESEND_S = 60
UNSEEN_RESEND_S = 1_800
"""Seconds after which the sweep runs a delivery itself; a patient one only if the queue has passed it (`passed_until`).

After a due run, unseen deliveries may wait in their lane for many minutes without being lost.
"""
_RESEND_S = {Urgency.PATIENT: PATIENT_RESEND_S, Urgency.UNSEEN: UNSEEN_RESEND_S}
STILL_S = 30
"""If no patient delivery was done for this many seconds, the queue holds none."""
MAX_ATTEMPTS = 25
MOST_AGAIN = 1_000
"""The most given-up deliveries that one act wakes."""
DRAIN_S = 5.0
"""The longest that a drain waits for events that another relay has taken, in seconds."""
_stopping = threading.Event()


_RELAY = """
    WITH waiting AS MATERIALIZED (
        SELECT id, name, payload FROM core_outboxevent WHERE NOT relayed ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED
    ), told AS (
        UPDATE core_outboxevent e SET relayed = true FROM waiting WHERE e.id = waiting.id
    )
    INSERT INTO core_delivery (event_id, handler, stream, attempts, next_at, error)
    SELECT waiting.id, heard.handler, coalesce(waiting.payload ->> heard.field, ''), 0, heard.due, ''
    FROM waiting JOIN unnest(%(names)s::text[], %(handlers)s::text[], %(fields)s::text[], %(dues)s::timestamptz[]) WITH ORDINALITY
        AS heard(name, handler, field, due, place) USING (name)
    ORDER BY waiting.id, heard.place
    RETURNING id, handler"""


def relay_chunk() -> list[int]:
    """Make the deliveries of up to 200 waiting events and return the ids of those deliveries."""
    return [pk for pk, _ in relay_duties()]


def relay_duties() -> list[tuple[int, str]]:
    """Make the deliveries of up to 200 waiting events and return each one's id and handler."""
    names, handlers, streams = all_later()
    now, urgency = wall(), urgencies()
    dues = [now + timedelta(seconds=_RESEND_S.get(urgency[handler], RESEND_S)) for handler in handlers]
    found = rows(_RELAY, {"most": CHUNK, "names": names, "handlers": handlers, "fields": streams, "dues": dues})
    return [(pk, handler) for pk, handler in found]


def deliver(ids: Sequence[int]) -> int:
    """Run each open delivery that nobody else is running; return how many ran.

    About twenty deliveries share a commit; if one of them fails, each runs in its own commit, so that the failure stops no other.
    Deliveries that wait behind one of them in its stream follow.
    """
    ran, waiting = 0, sorted(ids)
    while waiting:
        chunk, waiting = waiting[:TASK_SIZE], waiting[TASK_SIZE:]
        try:
            ran += _deliver_together(chunk)
        except Exception:
            log.exception("a handler failed; its neighbors run by themselves")
            ran += sum(_deliver_alone(pk) for pk in chunk)
        waiting += [pk for (pk,) in rows(_NEXT, [chunk])]
    return ran


# One at a time for each app and merchant (or stream, without a merchant). Two handlers that lock the rows of one merchant in different
# order would deadlock, and the events of one object must stay in order. The keys are locked in sorted order, for the same reason.
_LOCK = """
    SELECT pg_advisory_xact_lock(wanted.key) FROM (
        SELECT DISTINCT hashtextextended(
            'deliver ' || split_part(d.handler, '.', 1) || coalesce(e.payload ->> 'merchant', d.stream), 0) AS key
        FROM core_delivery d JOIN core_outboxevent e ON e.id = d.event_id WHERE d.id = ANY(%s) AND d.done_at IS NULL
        ORDER BY key OFFSET 0) AS wanted"""

_OPEN_ONES = """
    SELECT d.id, d.handler, e.name, e.payload, e.at, e.id FROM core_delivery d JOIN core_outboxevent e ON e.id = d.event_id
    WHERE d.id = ANY(%s) AND d.done_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM core_delivery before
        WHERE before.handler = d.handler AND before.stream = d.stream AND before.id < d.id AND before.done_at IS NULL
            AND before.attempts < %s AND before.id <> ALL(%s))
    ORDER BY d.id FOR UPDATE OF d SKIP LOCKED"""

# Deliveries that were skipped because they were woken while an earlier one of their stream was running.
_NEXT = """
    SELECT DISTINCT ON (d.handler, d.stream) d.id FROM core_delivery ended
    JOIN core_delivery d ON d.stream = ended.stream AND d.handler = ended.handler AND d.done_at IS NULL AND d.attempts = 0
        AND d.id > ended.id
    WHERE ended.id = ANY(%s) AND ended.done_at IS NOT NULL AND ended.stream <> ''
    ORDER BY d.handler, d.stream, d.id"""

_DONE = "UPDATE core_delivery SET done_at = %s, attempts = attempts + 1, error = '' WHERE id = ANY(%s)"


def _deliver_together(ids: Sequence[int]) -> int:
    with unit():
        rows(_LOCK, [list(ids)])
        duties = rows(_OPEN_ONES, [list(ids), MAX_ATTEMPTS, list(ids)])
        for _, handler, name, payload, at, event in duties:
            with acting(f"handler:{handler}", f"event:{event}"):
                load_handler(handler)(event_type(name).load(json.loads(payload)), at=at)
        if duties:
            execute(_DONE, [wall(), [duty[0] for duty in duties]])
    return len(duties)


def _deliver_alone(pk: int) -> int:
    try:
        return _deliver_together([pk])
    except Exception as error:
        log.exception("handler failed: delivery %s", pk)
        _note_failure(pk, error)
    return 1


def _note_failure(pk: int, error: Exception) -> None:
    duty = Delivery.objects.filter(pk=pk, done_at__isnull=True).first()
    if duty is not None:
        wait = timedelta(seconds=min(2 ** min(duty.attempts, 12), 3600))
        # Erased data can never be read again: tell an operator at once, and not after 25 tries.
        tried = MAX_ATTEMPTS if isinstance(error, Erased) else duty.attempts + 1
        Delivery.objects.filter(pk=pk).update(attempts=tried, next_at=wall() + wait, error=without_personal_data(repr(error))[:2000])


def try_again(pk: int) -> None:
    """Wake a failed delivery as if it were new; NotFound if it is done or does not exist."""
    with unit():
        duty = lock_delivery(pk)
        Delivery.objects.filter(pk=pk).update(attempts=0, next_at=wall())
    wake([(pk, duty.handler)])


def try_all_again() -> int:
    """Wake the oldest 1,000 deliveries that were given up as if they were new; return how many. Those about erased people stay."""
    with unit():
        waiting = given_up(MAX_ATTEMPTS).order_by("id").select_for_update(skip_locked=True)
        found = list(waiting.values_list("id", "handler")[:MOST_AGAIN])
        Delivery.objects.filter(pk__in=[pk for pk, _ in found]).update(attempts=0, next_at=wall())
    wake(found)
    return len(found)


def close_erased(pk: int) -> None:
    """Close a delivery that can never be made because its person was erased; Conflict for any other, NotFound if it is done or unknown."""
    with unit():
        duty = lock_delivery(pk)
        if not duty.is_erased:
            raise Conflict("Only what is about an erased person is closed. Try it again instead.")
        Delivery.objects.filter(pk=pk).update(done_at=wall())


_PASSED = """
    SELECT id FROM core_delivery WHERE done_at > now() - make_interval(secs => %s) AND handler = ANY(%s) ORDER BY done_at DESC LIMIT 1"""


def _patient() -> list[str]:
    return [handler for handler, urgency in urgencies().items() if urgency == Urgency.PATIENT]


def passed_until() -> int:
    """Return the id below which the queue no longer holds any patient delivery: the id of the patient delivery that was done last.

    The queue is first in, first out: an open delivery with a lower id lost its wake-up. After a due run many thousands of patient
    deliveries wait for minutes without being lost; the sweep must not run them, because that would keep threads from more urgent work. If
    no patient delivery was done in the last seconds, none waits in the queue.
    """
    found = rows(_PASSED, [STILL_S, _patient()])
    return int(found[0][0]) if found else sys.maxsize


# MATERIALIZED: a plain sub-query may run again for each row, and would then claim more rows than its limit.
_LOST = """
    WITH lost AS MATERIALIZED (
        SELECT id FROM core_delivery WHERE done_at IS NULL AND next_at <= now() AND attempts < %s
            AND (attempts > 0 OR handler <> ALL(%s) OR id < %s)
        ORDER BY next_at LIMIT %s FOR UPDATE SKIP LOCKED)
    UPDATE core_delivery d SET next_at = now() + make_interval(secs => %s) FROM lost WHERE d.id = lost.id
    RETURNING d.id"""


def claim_overdue(passed: int | None = None) -> list[int]:
    """Return open deliveries whose wake-up seems lost or whose back-off is over, and postpone their next try.

    `passed` is what `passed_until` returned when this sweep began: deliveries that the sweep runs itself say nothing about the queue.
    """
    before = passed_until() if passed is None else passed
    return [row[0] for row in rows(_LOST, [MAX_ATTEMPTS, _patient(), before, CHUNK, RESEND_S])]


def drain() -> int:
    """Relay and deliver in this process until nothing waits; return how many handlers ran.

    For commands and sandbox pages that answer only once everything up to now has been handled.
    """
    done, until = 0, time.monotonic() + DRAIN_S
    while True:
        ids = relay_chunk() or [row[0] for row in rows(_OPEN, [MAX_ATTEMPTS, CHUNK])]
        ran = deliver(ids)
        done += ran
        if not ran and not (OutboxEvent.objects.filter(relayed=False).exists() and time.monotonic() < until):
            return done
        if not ids:
            # A worker's relay is taking the remaining events: their deliveries will exist in a moment.
            time.sleep(0.005)


_OPEN = "SELECT id FROM core_delivery WHERE done_at IS NULL AND (attempts = 0 OR next_at <= now()) AND attempts < %s ORDER BY id LIMIT %s"


def wake(duties: Sequence[tuple[int, str]]) -> None:
    """Hand deliveries, by id and handler, to the workers of their lanes; if the broker is down, the sweep finds them later.

    A task holds deliveries of one urgency, which is its priority: tasks with more urgent ones are taken from the queue first. It also holds
    deliveries of only one app, so that several apps can handle the events of one merchant at the same time.
    """
    known = urgencies()
    queues: dict[tuple[str, int, str], list[int]] = {}
    for pk, handler in duties:
        urgency = known.get(handler, Urgency.USUAL)
        queues.setdefault((lane_of(handler, urgency), urgency, handler.partition(".")[0]), []).append(pk)
    try:
        for (lane, priority, _), ids in queues.items():
            for start in range(0, len(ids), TASK_SIZE):
                part = ids[start : start + TASK_SIZE]
                current_app.send_task("core.tasks.deliver_events", args=[part], queue=lane, priority=priority, retry=False)
    except Exception:  # noqa: BLE001  (whatever is wrong with the broker: the sweep does it)
        log.warning("the broker does not answer; up to %s deliveries wait for the sweep", len(duties))


def _listen() -> None:
    """Relay whenever a transaction with events commits, and at least once a second."""
    while not _stopping.is_set():
        try:
            with connection.cursor() as cursor:
                cursor.execute("LISTEN bnpl_outbox")
            raw = connection.connection
            while not _stopping.is_set():
                raw.notifies.clear()
                if duties := relay_duties():
                    wake(duties)
                # Notifications of other commits arrive with the answers to this connection's own statements: look before waiting.
                if len(duties) < CHUNK and not raw.notifies:
                    select.select([raw], [], [], 1.0)
                    raw.poll()
        except Exception:
            log.exception("the relay lost its connection; it starts again")
            close_old_connections()
            connection.close()
            _stopping.wait(1)
    connection.close()


def start() -> threading.Thread:
    """Start the relay thread of this worker and return it."""
    _stopping.clear()
    thread = threading.Thread(target=_listen, name="relay", daemon=True)
    thread.start()
    return thread


def stop() -> None:
    """Tell the relay thread to end."""
    _stopping.set()
