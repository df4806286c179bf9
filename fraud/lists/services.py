"""Writes of block and allow lists: list a value, propose a wide one, end an entry."""

import uuid
from datetime import date, datetime
from typing import Any

from accounts.models import Consumer, User
from accounts.queries import get_consumer
from controls.models import Proposal
from controls.services import propose
from core.db import unit, wait_lock
from core.errors import Invalid, NotFound, refuse, require, why_fault
from fraud.desk.queries import seen_at
from fraud.lists.queries import lock_entry
from fraud.lists.values import COLUMNS, Value, seen_value, typed_value, until_fault, value_fault
from fraud.models import FraudCase, ListEntry
from fraud.states import Listed, ListKind

MAY_LIST = "fraud.add_listentry"
WIDE, UNTIL = "fraud.list_entry", "until"
"""The kind of proposals of wide entries, and the name of the last day in their values."""


def add_entry(*, listed: Listed, kind: ListKind, text: str, reason: str, until: date, user: User, at: datetime) -> ListEntry | Proposal:
    """List a typed value until the end of a day; a wide one is proposed to a second person. Safe to repeat.

    A person is typed as the public id of an account. Another entry of the same value on the list is replaced. Forbidden; Invalid names
    the field.
    """
    require(user, MAY_LIST)
    consumer = _consumer(text) if kind == ListKind.PERSON else None
    value = typed_value(kind, str(consumer.holder_id) if consumer else text)
    if value.is_wide:
        refuse({"text": value_fault(listed, value), "until": until_fault(until, at.date())})
        subject = f"{listed}:{kind}:{value.shown}"
        told: dict[str, Any] = {"after": {UNTIL: until.isoformat()}, "reason": reason, "starts_on": None, "user": user, "at": at}
        return propose(kind=WIDE, subject=subject, **told)
    return _keep(listed, value, reason=reason, until=until, actor=str(user.pk), at=at, consumer=consumer)


def add_agreed(*, listed: Listed, kind: ListKind, text: str, reason: str, until: date, actor: str, at: datetime) -> ListEntry:
    """List a wide value that two people agreed on; `actor` is their proposal."""
    return _keep(listed, typed_value(kind, text), reason=reason, until=until, actor=actor, at=at)


def block_seen(*, case_id: uuid.UUID, kind: ListKind, reason: str, until: date, user: User, at: datetime) -> ListEntry:
    """Block a value seen at an attempt to buy, of which only the hash is known; Forbidden, NotFound if it was not seen."""
    require(user, MAY_LIST)
    seen = seen_at(FraudCase.objects.get(pk=case_id))
    if seen is None or kind not in COLUMNS or not getattr(seen, COLUMNS[kind]):
        raise NotFound("This is not known of the attempt, or not kept any more.")
    value = seen_value(kind, getattr(seen, COLUMNS[kind]))
    return _keep(Listed.BLOCK, value, reason=reason, until=until, actor=str(user.pk), at=at, consumer=seen.consumer)


def end_entry(*, entry_id: uuid.UUID, reason: str, user: User, at: datetime) -> None:
    """End an entry with a reason. Safe to repeat. Forbidden; Invalid without a reason."""
    require(user, MAY_LIST)
    refuse({"reason": why_fault(reason)})
    with unit():
        entry = lock_entry(entry_id)
        if entry.ended_at is None:
            _end(entry, str(user.pk), at, reason)


def _consumer(text: str) -> Consumer:
    try:
        return get_consumer(text.strip())
    except NotFound as error:
        raise Invalid("There is no such person.", fields={"text": error.detail}) from None


def _keep(
    listed: Listed, value: Value, *, reason: str, until: date, actor: str, at: datetime, consumer: Consumer | None = None
) -> ListEntry:
    refuse({"text": value_fault(listed, value), "reason": why_fault(reason), "until": until_fault(until, at.date())})
    with unit():
        wait_lock(f"list entry {listed} {value.key}")
        last = ListEntry.objects.filter(listed=listed, key=value.key, ended_at=None).first()
        if last is not None and last.until == until:
            return last
        if last is not None:
            _end(last, actor, at)
        shown = consumer.public_id if consumer and value.kind == ListKind.PERSON else value.shown
        told: dict[str, Any] = {"key": value.key, "net": value.net, "shown": shown, "reason": reason.strip()[:500]}
        return ListEntry.objects.create(listed=listed, kind=value.kind, consumer=consumer, until=until, added_by=actor, at=at, **told)


def _end(entry: ListEntry, actor: str, at: datetime, reason: str = "") -> None:
    entry.ended_at, entry.ended_by, entry.end_reason = max(at, entry.at), actor, reason.strip()[:500]
    entry.save(update_fields=["ended_at", "ended_by", "end_reason"])
