"""Remembering the browsers in which a consumer signs in, and signing them out."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from accounts.devices.models import Device
from accounts.events import SecurityChanged
from accounts.models.people import Consumer
from accounts.queries import lock_consumer
from core import outbox
from core.db import unit, wait_lock
from core.errors import NotFound

KEEP_ENDED = timedelta(days=30)
"""For so long an ended device is named in its consumer's row; no session lives longer."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A browser that is remembered: its public id, the value of its cookie, and whether it is new to its person."""

    device: str
    token: str
    is_new: bool


def hash_of(token: str) -> str:
    """Return the hash under which the value of a cookie is known."""
    return sha256(token.encode()).hexdigest()


def remember_device(*, consumer: Consumer, token: str, name: str, address: str, at: datetime) -> Remembered:
    """Remember the browser in which a consumer has just signed in; one that was signed out, or has no cookie, gets a new cookie.

    The person is told of a new one, unless it is their first.
    """
    with unit():
        wait_lock(f"devices:{consumer.pk}")
        known = Device.objects.filter(consumer=consumer, token_hash=hash_of(token), ended_at=None).first() if token else None
        if known is not None:
            known.name, known.address, known.last_at = name[:60], address[:45], at
            known.save(update_fields=["name", "address", "last_at"])
            return Remembered(known.public_id, token, is_new=False)
        first = not Device.objects.filter(consumer=consumer).exists()
        token = secrets.token_urlsafe(32)
        fresh = {"token_hash": hash_of(token), "name": name[:60], "address": address[:45], "first_at": at, "last_at": at}
        made = Device.objects.create(consumer=consumer, **fresh)
        if not first:
            outbox.append(SecurityChanged(consumer=consumer.public_id, what="new_device", reference=made.public_id), at=at)
    return Remembered(made.public_id, token, is_new=True)


def end_device(*, consumer_id: uuid.UUID, device_id: uuid.UUID, at: datetime) -> None:
    """Sign a consumer out of one browser: its sessions and its cookie end at once. NotFound for another's."""
    with unit():
        consumer = lock_consumer(consumer_id)
        found = Device.objects.filter(pk=device_id, consumer=consumer).first()
        if found is None:
            raise NotFound("There is no such device.")
        if found.ended_at is not None:
            return
        found.ended_at = at
        found.save(update_fields=["ended_at"])
        _note(consumer, {"devices": {**consumer.signed_out.get("devices", {}), found.public_id: at.isoformat()}}, at)


def end_all(*, consumer_id: uuid.UUID, but: str = "", tell: bool = True, at: datetime) -> None:
    """Sign a consumer out everywhere but in the browser with the public id `but`, and tell them, unless another letter does (`tell`)."""
    with unit():
        consumer = lock_consumer(consumer_id)
        for one in Device.objects.filter(consumer=consumer, ended_at=None):
            if one.public_id != but:
                one.ended_at = at
                one.save(update_fields=["ended_at"])
        _note(consumer, {"before": at.isoformat()}, at)
        if tell:
            what = {"consumer": consumer.public_id, "what": "signed_out", "reference": f"{consumer.public_id}:{at:%Y%m%d%H%M%S}"}
            outbox.append(SecurityChanged(**what), at=at)


def _note(consumer: Consumer, told: dict[str, Any], at: datetime) -> None:
    """Note in the consumer's row, which every page reads, which sessions count no more; what no session can be as old as is left out."""
    now = {**consumer.signed_out, **told}
    devices = now.get("devices", {})
    now["devices"] = {one: ended for one, ended in devices.items() if at - datetime.fromisoformat(ended) < KEEP_ENDED}
    consumer.signed_out = now
    consumer.save(update_fields=["signed_out"])
