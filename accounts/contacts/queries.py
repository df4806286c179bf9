"""Reads of changes of contacts."""

import uuid
from datetime import datetime

from accounts.contacts.models import ContactChange
from accounts.models.people import Consumer, ConsumerRequest
from accounts.states import ContactStatus
from core.errors import NotFound
from core.ids import parse_id

DUE = f"EXISTS (SELECT 1 FROM accounts_contactchange WHERE status = '{ContactStatus.WAITING.value}' AND due_at <= %(at)s)"  # noqa: S608  (a state)
"""Whether a change of a contact must be made."""


def find_waiting(consumer: Consumer) -> ContactChange | None:
    """Return the change of a consumer's contact that waits, or None."""
    return ContactChange.objects.filter(consumer=consumer, status=ContactStatus.WAITING).first()


def get_change(public_id: str) -> ContactChange:
    """Return a change with its consumer and market; NotFound."""
    found = ContactChange.objects.select_related("consumer__market").filter(pk=parse_id(ContactChange.PREFIX, public_id)).first()
    if found is None:
        raise NotFound("There is no such change.")
    return found


def owner_of(change_id: uuid.UUID) -> uuid.UUID:
    """Return the key of the consumer whose contact a change is about; NotFound."""
    found = ContactChange.objects.filter(pk=change_id).values_list("consumer_id", flat=True).first()
    if found is None:
        raise NotFound("There is no such change.")
    return found


def lock_change(change_id: uuid.UUID) -> ContactChange:
    """Lock a change until the transaction ends and return it. Whoever does so has locked the consumer."""
    return ContactChange.objects.select_for_update(of=("self",), no_key=True).get(pk=change_id)


def list_due(at: datetime, limit: int) -> list[ContactChange]:
    """Return changes that must be made, the longest due first; not locked."""
    waiting = ContactChange.objects.filter(status=ContactStatus.WAITING, due_at__lte=at)
    return list(waiting.only("id", "consumer_id").order_by("due_at")[:limit])


def is_closing(change: ContactChange) -> bool:
    """Return whether the person's account was closed at their wish since they asked for a change: then it is on its way to be erased."""
    closed = ConsumerRequest.objects.filter(consumer=change.consumer_id, kind="closure", outcome__in=["done", "partly"])
    return closed.filter(answered_at__gte=change.asked_at).exists()
