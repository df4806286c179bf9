"""Messages about what is owed, at the gate of contacts: each is let through, dropped, or put off."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from collection.contacting import Attempt, Verdict, begun_among
from collection.queries import lock_contacts
from collection.services import pass_gate
from core.db import unit
from core.ids import parse_id
from core.sentences import marked
from notifications import rules
from notifications.models import Message
from notifications.queries import lock_queued
from notifications.states import MessageStatus
from plans.models import Plan

TOGETHER = marked("told together with another")


def gate(*, messages: Sequence[Message], at: datetime) -> dict[Message, Verdict]:
    """Say for each claimed message about what is owed whether it is sent now; one that was dropped meanwhile is left out."""
    if not messages:
        return {}
    with unit():
        lock_contacts({one.consumer_id for one in messages if one.consumer_id})
        queued = set(Message.objects.filter(pk__in=[one.pk for one in messages], status=MessageStatus.QUEUED).values_list("pk", flat=True))
        waiting = {one.public_id: one for one in messages if one.pk in queued}
        found = pass_gate(attempts=[_attempt(one) for one in waiting.values()], at=at)
    return {waiting[reference]: verdict for reference, verdict in found.items()}


def drop_untold(
    *, consumer_id: uuid.UUID, kinds: Collection[str], at: datetime, but: str = "", about: Mapping[str, Collection[int]] | None = None
) -> int:
    """Drop a consumer's messages of some kinds whose sending has not begun, since a new one tells all of it; return how many.

    Call it under `lock_contacts`, before the new one is queued; `but` is what the new one's key for once begins with, which stays. With
    `about`, the numbers of payments by the public id of their plan, only messages are dropped that are about some of these alone.
    """
    found = lock_queued(consumer_id, kinds)
    if about is not None:
        found = [one for one in found if _is_within(one.context, about)]
    begun = begun_among([one.public_id for one in found])
    dropped = [one for one in found if one.public_id not in begun and not (but and one.dedupe.startswith(but))]
    for one in dropped:
        one.drop()
        one.error = TOGETHER
        one.save(update_fields=["status", "error"])
    return len(dropped)


def _is_within(told: Mapping[str, Any], about: Mapping[str, Collection[int]]) -> bool:
    """Return whether a message is about some of these payments alone."""
    numbers = set(told.get("numbers", ()))
    return bool(numbers) and numbers <= set(about.get(told.get("plan", ""), ()))


def _attempt(message: Message) -> Attempt:
    assert message.consumer is not None
    kind, told = rules.KINDS[message.kind], message.context
    about = told.get("about") or ({told["plan"]: told.get("numbers", [])} if "plan" in told else {})
    return Attempt(
        reference=message.public_id,
        consumer=message.consumer,
        channel=message.channel,
        about={parse_id(Plan.PREFIX, plan): numbers for plan, numbers in about.items()},
        asks=kind.asks,
        while_open=kind.while_open,
        whole="about" in told,
        # A sandbox's clock jumps over whole mornings, so there the hour at which the message was queued counts.
        any_hour=settings.SANDBOX,
        wanted=kind.wanted,
    )
