"""Queueing of messages, in the transaction of their cause, once for each channel; sending is separate."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings

from accounts.models import Consumer, User
from brands.models import DEFAULT
from core.clock import local_date, wall
from core.crypto import lookup_hash
from core.db import unit
from markets import queries as markets
from notifications import rules
from notifications.facts import gather
from notifications.models import Message
from notifications.queries import load_named
from notifications.states import MessageStatus
from plans.standstill import find_standstill


def queue_for_consumer(
    *,
    consumer: Consumer,
    kind: str,
    subject: str,
    context: dict[str, Any],
    facts: dict[str, Any] | None = None,
    first: str = "",
    by: str = "",
    at: datetime,
) -> None:
    """Queue a message for a consumer, by the channels of its kind, with its facts.

    `subject` identifies what the message is about (public ids, numbers): each pair of kind and subject is queued once. The context holds
    ids and amounts. `facts` come from the event itself, in the form of `notifications.facts`; all other facts are read now. `first` is
    the channel that goes before the others: `sms` where there is a number, or `inbox`, and no other. `by` is the one channel that
    the person chose. Nothing is queued for a person whose data was erased, and nothing about what is owed for one who died or is insolvent.
    """
    told = rules.KINDS[kind]
    if consumer.is_erased or (told.gated and find_standstill(consumer.pk) is not None):
        return
    is_quiet = partial(markets.is_quiet, consumer.market_id)
    hours = markets.contact_hours(consumer.market_id, local_date(at, consumer.time_zone))
    by_sms = first == "sms" and bool(consumer.phone)
    channels = rules.channels(told, has_email=consumer.email_hash is not None, by_sms=by_sms, only_inbox=first == "inbox", by=by)
    messages = [
        Message(
            consumer=consumer,
            channel=channel,
            kind=kind,
            context=context,
            dedupe=f"{kind}:{subject}:{channel}",
            patient=told.patient,
            not_before=rules.not_before(told, channel, at=at, zone=consumer.time_zone, hours=hours, is_quiet=is_quiet),
            next_at=wall(),
            at=at,
            # The inbox needs no sending.
            **({"status": MessageStatus.SENT, "sent_at": at} if channel == "inbox" else {}),
        )
        for channel in channels
    ]
    _insert(messages, facts or {})


def queue_for_users(*, users: Iterable[User], kind: str, subject: str, context: dict[str, Any], at: datetime, brand: str = DEFAULT) -> None:
    """Queue an e-mail of a brand to each of several users, without quiet hours; each user gets one for a kind and subject."""
    context = context if brand == DEFAULT else context | {"speaker": brand}
    _insert([_email(kind, f"{subject}:{user.pk.hex}", context, at, user) for user in users], {})


def queue_for_auditors(*, kind: str, subject: str, context: dict[str, Any], at: datetime) -> None:
    """Queue an e-mail to each auditor whose address the settings name; each gets one for a kind and subject."""
    for address in settings.AUDITORS:
        _insert([_email(kind, f"{subject}:{lookup_hash(address)}", context, at)], {"to": address})


def _email(kind: str, once: str, context: dict[str, Any], at: datetime, user: User | None = None) -> Message:
    return Message(user=user, channel="email", kind=kind, context=context, dedupe=f"{kind}:{once}", not_before=at, next_at=wall(), at=at)


def _insert(messages: list[Message], known: dict[str, Any]) -> None:
    """Write messages of one event, all with the same facts."""
    if not messages:
        return
    with unit():
        facts = gather(messages[0], load_named(messages[:1])) | known
        for message in messages:
            message.facts = facts
        Message.objects.bulk_create(messages, ignore_conflicts=True)
