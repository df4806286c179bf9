"""Sending of deliveries: claimed, posted concurrently, recorded; retried on a fixed schedule; sent again on request.

A claim is `claimed_until` on the row, so that another worker takes up the deliveries of a killed one. An endpoint has
a few claims at a time in the whole installation, so that an endpoint that hangs delays no other.
"""

import json
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import connection
from standardwebhooks import Webhook

from core.clock import wall
from core.db import execute, rows, unit
from merchants.models import Merchant
from webhooks import rules
from webhooks.gateways.http import Answer, post
from webhooks.models import Attempt, Delivery
from webhooks.queries import describe_event, lock_delivery, lock_endpoints
from webhooks.services.endpoints import close_endpoint, require_active
from webhooks.states import DeliveryStatus
from webhooks.texts import IS_GONE

IN_FLIGHT = 64
PER_ENDPOINT = 8
LEASE = timedelta(seconds=60)
BUDGET_S = 10.0
PATIENCE_S = 2.0
KEEP_ANSWER = 4000
GONE = 410

# One index entry is read for each endpoint with due deliveries, however long its backlog is (a loose index scan).
_CLAIM = f"""
    WITH RECURSIVE due AS (
        (SELECT endpoint_id FROM webhooks_delivery WHERE status = '{DeliveryStatus.WAITING}' ORDER BY endpoint_id LIMIT 1)
        UNION ALL
        SELECT (SELECT d.endpoint_id FROM webhooks_delivery d
                WHERE d.status = '{DeliveryStatus.WAITING}' AND d.endpoint_id > due.endpoint_id ORDER BY d.endpoint_id LIMIT 1)
        FROM due WHERE due.endpoint_id IS NOT NULL
    ), mine AS MATERIALIZED (
        SELECT one.id FROM due
        JOIN webhooks_endpoint e ON e.id = due.endpoint_id AND e.disabled_at IS NULL AND e.removed_at IS NULL
        CROSS JOIN LATERAL (
            SELECT d.id FROM webhooks_delivery d
            WHERE d.endpoint_id = due.endpoint_id AND d.status = '{DeliveryStatus.WAITING}' AND d.next_at <= %(now)s
              AND (d.claimed_until IS NULL OR d.claimed_until <= %(now)s)
            ORDER BY d.next_at
            LIMIT greatest(0, %(each)s - (SELECT count(*) FROM webhooks_delivery c WHERE c.endpoint_id = due.endpoint_id
                                          AND c.status = '{DeliveryStatus.WAITING}' AND c.claimed_until > %(now)s))
            FOR UPDATE SKIP LOCKED
        ) one LIMIT %(most)s
    )
    UPDATE webhooks_delivery d SET claimed_until = %(until)s FROM mine WHERE d.id = mine.id RETURNING d.id"""  # noqa: S608

_RECORD = f"""
    UPDATE webhooks_delivery d SET status = t.status, tries = t.tries, next_at = t.next_at, claimed_until = NULL
    FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::timestamptz[]) AS t(id, status, tries, next_at)
    WHERE d.id = t.id AND d.status = '{DeliveryStatus.WAITING}'"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Tried:
    """A delivery and the result of one try."""

    delivery: Delivery
    answer: Answer


def send_webhooks(*, at: datetime) -> int:
    """Post every delivery that is due and record each result; return how many were claimed. Run by a timer.

    Safe to run on many workers at once, and to kill: a claim ends after a minute, and the delivery is posted again under the same id, so
    that receivers can detect a repetition. The timer does not wait for an endpoint that hangs: its result is recorded later.
    """
    pool = ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="webhook")
    flying: set[Future[Tried]] = set()
    sent, stop = 0, time.monotonic() + BUDGET_S
    try:
        while time.monotonic() < stop:
            claimed = _claim(IN_FLIGHT - len(flying))
            flying |= {pool.submit(_try, delivery, _headers(delivery), _body(delivery)) for delivery in claimed}
            sent += len(claimed)
            done, flying = wait(flying, timeout=PATIENCE_S, return_when=FIRST_COMPLETED)
            record_tries([future.result() for future in done], at=at)
            if not claimed and not done:
                break
    finally:
        for future in flying:
            future.add_done_callback(partial(_record_late, at=at))
        pool.shutdown(wait=False)
    return sent


def _claim(most: int) -> list[Delivery]:
    if most <= 0:
        return []
    now = wall()
    ids = [row[0] for row in rows(_CLAIM, {"now": now, "each": PER_ENDPOINT, "most": most, "until": now + LEASE})]
    found = Delivery.objects.filter(id__in=ids).select_related("endpoint", "event").order_by("next_at", "id") if ids else []
    return list(found)


def _body(delivery: Delivery) -> bytes:
    return json.dumps(describe_event(delivery.event), separators=(",", ":"), ensure_ascii=False).encode()


def _headers(delivery: Delivery) -> dict[str, str]:
    """Sign by Standard Webhooks: one signature for each valid secret, over the id, the real time and the body."""
    now = wall()
    event_id, body = delivery.event.public_id, _body(delivery).decode()
    secrets = rules.live_secrets(delivery.endpoint.secrets, at=now)
    return {
        "Content-Type": "application/json",
        "User-Agent": "bnpl-webhooks/1",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(event_id, now, body) for secret in secrets),
    }


def _try(delivery: Delivery, headers: dict[str, str], body: bytes) -> Tried:
    """Post one delivery; runs in a thread of the pool, without using the database."""
    return Tried(delivery, post(delivery.endpoint.url, headers=headers, body=body, sandbox=settings.SANDBOX))


def _record_late(future: Future[Tried], *, at: datetime) -> None:
    """Record a result that came after the sender stopped waiting; runs in the pool's thread, which then closes its connection."""
    try:
        record_tries([future.result()], at=at)
    finally:
        connection.close()


def record_tries(tried: Sequence[Tried], *, at: datetime) -> None:
    """Record the results of tries: the attempt for the log, then delivered, failed, or when to try again. 410 disables the endpoint."""
    if not tried:
        return
    now = wall()
    with unit():
        gone = lock_endpoints({one.delivery.endpoint_id for one in tried if one.answer.status_code == GONE})
        Attempt.objects.bulk_create(_attempt(one, at) for one in tried)
        execute(_RECORD, [list(column) for column in zip(*(_outcome(one, now) for one in tried), strict=True)])
        for endpoint in gone:
            close_endpoint(endpoint, reason=IS_GONE, at=at)


def _attempt(one: Tried, at: datetime) -> Attempt:
    answer = one.answer
    return Attempt(
        delivery=one.delivery,
        status_code=answer.status_code,
        error=answer.error,
        answer=answer.text[:KEEP_ANSWER],
        duration_ms=answer.duration_ms,
        at=at,
    )


def _outcome(one: Tried, now: datetime) -> tuple[uuid.UUID, str, int, datetime]:
    delivery, tries = one.delivery, one.delivery.tries + 1
    again = rules.next_try(tries=tries, at=now)
    if one.answer.ok:
        delivery.deliver()
    elif again is None or one.answer.status_code == GONE:
        delivery.fail()
    return delivery.pk, delivery.status, tries, again or now


def resend(*, merchant: Merchant, delivery_id: uuid.UUID, at: datetime, actor: str) -> Delivery:
    """Send a delivery again, with a new series of tries and the same event id; NotFound, EndpointDisabled."""
    with unit():
        delivery = lock_delivery(delivery_id, merchant)
        require_active(delivery.endpoint)
        delivery.resend()
        delivery.tries, delivery.next_at, delivery.claimed_until = 0, wall(), None
        delivery.resent_by, delivery.resent_at = actor, at
        delivery.save()
    return delivery
