"""Sending of messages: claimed in batches, written, given to the channel, recorded.

A claim postpones `next_at` by a lease, so that a killed worker's messages are claimed again. If a worker is killed between the channel's
acceptance and the record, a message is sent twice, with the same Message-ID. No message is lost.
"""

import logging
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.utils.translation import gettext as _

from brands.queries import PageBrand
from collection.contacting import HELD_BACK
from collection.models import LateNotice
from collection.queries import lock_contacts
from collection.services import note_told
from core.clock import local_date, wall
from core.db import execute, unit
from core.ids import parse_id
from core.logs import without_personal_data
from markets.queries import contact_hours
from notifications import rules
from notifications.gateways.sms import Undeliverable, send_sms
from notifications.letters import compose_brief, in_language_of, speaker_of
from notifications.models import Message
from notifications.queries import Named, claim_due, load_named
from notifications.services.gating import gate
from notifications.services.late import tell_anew
from notifications.services.mails import send_mails
from notifications.services.posting import failed_notices, fall_over
from notifications.services.writing import Outcome, write_each
from notifications.states import MessageStatus

log = logging.getLogger("bnpl.notifications")
BATCH = 200
LEASE = timedelta(minutes=3)
FEW = 10
"""How many messages about what is owed are handed over before the gate is asked again, so that a payment stops them within seconds."""
BUDGET_S = 20.0

_RECORD = f"""
    UPDATE notifications_message m SET status = t.status, tries = t.tries, next_at = t.next_at, error = t.error, sent_at = t.sent_at,
        not_before = t.not_before
    FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::timestamptz[], %s::text[], %s::timestamptz[], %s::timestamptz[])
        AS t(id, status, tries, next_at, error, sent_at, not_before)
    WHERE m.id = t.id AND m.status = '{MessageStatus.QUEUED}'"""  # noqa: S608


def send_messages(*, at: datetime) -> int:
    """Send the messages that are due and return how many were claimed. A timer; safe at once on many workers and after a kill."""
    taken, stop = 0, time.monotonic() + BUDGET_S
    while time.monotonic() < stop:
        claimed = claim_due(at=at, until=wall() + LEASE, limit=BATCH)
        if not claimed:
            break
        _send(claimed, at)
        taken += len(claimed)
    return taken


def _send(messages: Sequence[Message], at: datetime) -> None:
    """Send claimed messages: those about what is owed through the gate of contacts, a few at a time, right before they are handed over."""
    named = load_named(messages)
    early = [(message, later) for message in messages if (later := _quiet_until(message, at)) > at]
    waiting = {message.pk for message, _later in early}
    now = [message for message in messages if message.pk not in waiting]
    free = [message for message in now if not rules.KINDS[message.kind].gated]
    _record(_hand_over(free, named), [], early, at)
    for few in _slices([message for message in now if rules.KINDS[message.kind].gated]):
        verdicts = gate(messages=few, at=at)
        dropped = [(message, verdict.why) for message, verdict in verdicts.items() if verdict.why and verdict.until is None]
        put_off = [(message, verdict.until) for message, verdict in verdicts.items() if verdict.until is not None]
        _record(_hand_over([message for message, verdict in verdicts.items() if verdict.goes], named), dropped, put_off, at)


def _hand_over(messages: Sequence[Message], named: Named) -> list[Outcome]:
    return send_mails([m for m in messages if m.channel == "email"], named) + _send_texts(
        [m for m in messages if m.channel == "sms"], named
    )


def _slices(messages: Sequence[Message]) -> Iterator[Sequence[Message]]:
    return (messages[start : start + FEW] for start in range(0, len(messages), FEW))


def _quiet_until(message: Message, at: datetime) -> datetime:
    """Return the time from which a message may be sent, by the current hour: one delayed by an outage waits for the next morning.

    A sandbox's clock jumps over whole mornings, so there the hour of the first check counts.
    """
    if settings.SANDBOX or message.consumer is None:
        return at
    zone = message.consumer.time_zone
    hours = contact_hours(message.consumer.market_id, local_date(at, zone))
    return rules.not_before(rules.KINDS[message.kind], message.channel, at=at, zone=zone, hours=hours)


def _send_texts(messages: Sequence[Message], named: Named) -> list[Outcome]:
    """Write SMS and send several at once, each with its own call."""
    written, outcomes = write_each(messages, partial(_text, named=named))
    with ThreadPoolExecutor(settings.CALLS_IN_FLIGHT) as pool:
        return outcomes + list(pool.map(_send_text, written))


def _text(message: Message, named: Named) -> tuple[str, str, PageBrand]:
    """Write an SMS: its number, its text and its sender. Undeliverable if there is no number."""
    to = message.facts.get("to") or (message.consumer.phone if message.consumer else "")
    if not to:
        raise Undeliverable("no phone number")
    with in_language_of(message):
        brief = compose_brief(message, named)
        stop = " " + _("No more such SMS: %(url)s") % {"url": brief.stop_url} if brief.stop_url else ""
    speaker = speaker_of(message)
    return to, f"{speaker.name}: {brief.text} {brief.url}{stop}", speaker


def _send_text(written: tuple[Message, tuple[str, str, PageBrand]]) -> Outcome:
    """Send one SMS; runs in a thread of the pool and does not use the database."""
    message, (to, text, speaker) = written
    try:
        market = message.consumer.market_id if message.consumer else ""
        send_sms(to=to, text=text, brand=speaker.code, market=market, sender=speaker.sms_sender)
    except Undeliverable as error:
        return Outcome(message, str(error), again=False)
    except Exception as error:  # noqa: BLE001  (the SDK and the network have many)
        return Outcome(message, repr(error))
    return Outcome(message)


def _record(
    outcomes: Sequence[Outcome], dropped: Sequence[tuple[Message, str]], early: Iterable[tuple[Message, datetime]], at: datetime
) -> None:
    now = wall()
    rows = [_row(outcome, now, at) for outcome in outcomes]
    changed = [message for message, why in dropped if why == "changed"]
    for message, why in dropped:
        message.drop()
        rows.append((message.pk, message.status, message.tries, now, HELD_BACK[why], None, message.not_before))
    rows += [(message.pk, message.status, message.tries, now, "", None, later) for message, later in early]
    if not rows:
        return
    with unit():
        # Before the rows of messages, as whoever tells of what is late locks them.
        lock_contacts({message.consumer_id for message in changed if message.consumer_id})
        execute(_RECORD, [list(column) for column in zip(*rows, strict=True)])
        note_told(notices=_notices_of(outcomes), at=at)
        fall_over(messages=failed_notices(one.message for one in outcomes), at=at)
        for message in changed:
            tell_anew(message=message, at=at)


def _row(outcome: Outcome, now: datetime, at: datetime) -> tuple[uuid.UUID, str, int, datetime, str, datetime | None, datetime]:
    message, tries = outcome.message, outcome.message.tries + 1
    again = rules.next_try(tries=tries, at=now) if outcome.again else None
    if not outcome.error:
        message.send()
    elif again is None:
        message.fail()
        log.warning("message %s failed for good: %s", message.public_id, outcome.error)
    sent_at = at if not outcome.error else None
    # A server's refusal repeats the address.
    message.error = without_personal_data(outcome.error)[:200]
    return message.pk, message.status, tries, again or now, message.error, sent_at, message.not_before


def _notices_of(outcomes: Iterable[Outcome]) -> list[uuid.UUID]:
    """Return the notices to who is late that were sent, but for those that count only on paper."""
    told = (one.message.context.get("late_notice") for one in outcomes if not one.error and not one.message.context.get("paper"))
    return [parse_id(LateNotice.PREFIX, notice) for notice in told if notice]
