"""Sending of messages: claimed in batches, written, handed to the channel, recorded.

A claim postpones `next_at` by a lease, so that a killed worker's messages are claimed again. After a kill between the
channel's acceptance and the record, a message is sent twice, under the same Message-ID. No message is lost.
"""

import logging
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import formataddr
from functools import partial
from typing import Any, TypeVar

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.message import sanitize_address

from brands.queries import PageBrand
from core.clock import wall
from core.db import execute, unit
from notifications import rules
from notifications.gateways.sms import Undeliverable, send_sms
from notifications.letters import compose_brief, compose_letter, in_language_of, is_stale, speaker_of
from notifications.models import Message
from notifications.queries import Named, claim_due, load_named, load_standing
from notifications.states import MessageStatus

T = TypeVar("T")
log = logging.getLogger("bnpl.notifications")
BATCH = 200
LEASE = timedelta(minutes=3)
BUDGET_S = 20.0

_RECORD = f"""
    UPDATE notifications_message m SET status = t.status, tries = t.tries, next_at = t.next_at, error = t.error, sent_at = t.sent_at,
        not_before = t.not_before
    FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::timestamptz[], %s::text[], %s::timestamptz[], %s::timestamptz[])
        AS t(id, status, tries, next_at, error, sent_at, not_before)
    WHERE m.id = t.id AND m.status = '{MessageStatus.QUEUED}'"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one message: sent where there is no error; `again` says whether to try once more."""

    message: Message
    error: str = ""
    again: bool = True


class Mail(EmailMultiAlternatives):
    """A mail that records whether the backend has begun to send it, which shows where a failing batch stopped."""

    taken_up = False

    def message(self, *args: Any, **kwargs: Any) -> Any:
        """Return the mail in the form in which it is sent."""
        self.taken_up = True
        return super().message(*args, **kwargs)


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
    named, standing = load_named(messages), load_standing(m for m in messages if rules.KINDS[m.kind].while_open)
    stale = {message.pk for message in messages if is_stale(message, standing)}
    early = {message.pk: later for message in messages if (later := _quiet_until(message, at)) > at and message.pk not in stale}
    going = [message for message in messages if message.pk not in stale and message.pk not in early]
    outcomes = _send_mails([m for m in going if m.channel == "email"], named) + _send_texts([m for m in going if m.channel == "sms"], named)
    _record(outcomes, [m for m in messages if m.pk in stale], [(m, early[m.pk]) for m in messages if m.pk in early], at)


def _quiet_until(message: Message, at: datetime) -> datetime:
    """Return the moment from which a message may be sent, by the present hour: one delayed by an outage waits for the next morning.

    A sandbox's clock jumps over whole mornings, so there the hour of the first check counts.
    """
    if settings.SANDBOX or message.consumer is None:
        return at
    return rules.not_before(rules.KINDS[message.kind], message.channel, at=at, zone=message.consumer.time_zone)


def _write(messages: Sequence[Message], writer: Callable[[Message], T]) -> tuple[list[tuple[Message, T]], list[Outcome]]:
    """Write messages; one that cannot be written does not stop the others."""
    written: list[tuple[Message, T]] = []
    outcomes: list[Outcome] = []
    for message in messages:
        try:
            written.append((message, writer(message)))
        except Undeliverable as error:
            outcomes.append(Outcome(message, str(error), again=False))
        except Exception as error:
            log.exception("message %s cannot be written", message.public_id)
            outcomes.append(Outcome(message, f"cannot be written: {error!r}"))
    return written, outcomes


def _send_mails(messages: Sequence[Message], named: Named) -> list[Outcome]:
    """Write mails and hand them to the backend, all in one call."""
    written, outcomes = _write(messages, partial(_mail, named=named))
    return outcomes + _hand_over(written)


def _hand_over(written: Sequence[tuple[Message, Mail]]) -> list[Outcome]:
    """Send mails in one call; where the backend fails at one of them, continue after it, so that none is sent twice."""
    outcomes: list[Outcome] = []
    backend, rest = get_connection(), list(written)
    while rest:
        try:
            backend.send_messages([mail for _, mail in rest])
            return outcomes + [Outcome(message) for message, _ in rest]
        except Exception as error:  # noqa: BLE001  (each backend has errors of its own)
            reached = sum(mail.taken_up for _, mail in rest)
            outcomes += [Outcome(message) for message, _ in rest[: max(0, reached - 1)]]
            # A backend that sends a batch as a whole has begun none of the mails: the whole batch is tried again.
            stopped, rest = (rest[reached - 1 : reached], rest[reached:]) if reached else (rest, [])
            outcomes += [Outcome(message, repr(error)) for message, _ in stopped]
    return outcomes


def _mail(message: Message, named: Named) -> Mail:
    """Write a mail; the address is read only now. Undeliverable where there is no address, or no valid one."""
    to = message.consumer.email if message.consumer else message.user.email if message.user else ""
    try:
        sanitize_address(to, "utf-8")
    except ValueError:
        raise Undeliverable("no e-mail address that mail can be sent to") from None
    letter = compose_letter(message, named)
    speaker = speaker_of(message)
    domain = speaker.mail_address.rpartition("@")[2]
    sender = formataddr((speaker.name, speaker.mail_address))
    mail = Mail(letter.subject, letter.text, sender, [to], headers={"Message-ID": f"<{message.public_id}@{domain}>"})
    mail.attach_alternative(letter.html, "text/html")
    return mail


def _send_texts(messages: Sequence[Message], named: Named) -> list[Outcome]:
    """Write SMS and send several at once; each is a call of its own."""
    written, outcomes = _write(messages, partial(_text, named=named))
    with ThreadPoolExecutor(settings.CALLS_IN_FLIGHT) as pool:
        return outcomes + list(pool.map(_send_text, written))


def _text(message: Message, named: Named) -> tuple[str, str, PageBrand]:
    """Write an SMS: its number, its text and who sends it. Undeliverable where there is no number."""
    to = message.consumer.phone if message.consumer else ""
    if not to:
        raise Undeliverable("no phone number")
    with in_language_of(message):
        brief = compose_brief(message, named)
    speaker = speaker_of(message)
    return to, f"{speaker.name}: {brief.text} {brief.url}", speaker


def _send_text(written: tuple[Message, tuple[str, str, PageBrand]]) -> Outcome:
    """Send one SMS; runs in a thread of the pool and touches no database."""
    message, (to, text, speaker) = written
    try:
        market = message.consumer.market_id if message.consumer else ""
        send_sms(to=to, text=text, brand=speaker.code, market=market, sender=speaker.sms_sender)
    except Undeliverable as error:
        return Outcome(message, str(error), again=False)
    except Exception as error:  # noqa: BLE001  (the SDK and the network have many)
        return Outcome(message, repr(error))
    return Outcome(message)


def _record(outcomes: Iterable[Outcome], stale: Iterable[Message], early: Iterable[tuple[Message, datetime]], at: datetime) -> None:
    now = wall()
    rows = [_row(outcome, now, at) for outcome in outcomes]
    for message in stale:
        message.drop()
        rows.append((message.pk, message.status, message.tries, now, "no longer true", None, message.not_before))
    rows += [(message.pk, message.status, message.tries, now, "", None, later) for message, later in early]
    with unit():
        execute(_RECORD, [list(column) for column in zip(*rows, strict=True)])


def _row(outcome: Outcome, now: datetime, at: datetime) -> tuple[uuid.UUID, str, int, datetime, str, datetime | None, datetime]:
    message, tries = outcome.message, outcome.message.tries + 1
    again = rules.next_try(tries=tries, at=now) if outcome.again else None
    if not outcome.error:
        message.send()
    elif again is None:
        message.fail()
        log.warning("message %s failed for good: %s", message.public_id, outcome.error)
    sent_at = at if not outcome.error else None
    return message.pk, message.status, tries, again or now, outcome.error[:200], sent_at, message.not_before
