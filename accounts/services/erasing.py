"""Erasure of people whose account was closed, by destroying their data key, which also erases backups."""

import uuid
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from accounts import queries
from accounts.erasure import erasable
from accounts.events import ConsumerErased
from accounts.models import ConsumerChange, Login, OnboardingStep, PersonKey
from accounts.services.names import forget_name
from core import outbox
from core.db import rows, unit
from core.subject_keys import destroy_key, subject_of

CHUNK = 50


def erase_closed(*, at: datetime) -> int:
    """Erase the people whose account was closed, once nothing about them must be kept any more; a timer. Return how many.

    Each is a separate commit. The consumer's row stays, without details and without contacts to sign in with, because payment rows refer to
    it; everything else that was encrypted with the person's key can never be read again.
    """
    found = rows(f"{_erasable()} LIMIT {CHUNK}", {"at": at})
    return sum(_erase(key, at) for (key,) in found)


def _erasable() -> str:
    return erasable(import_string(settings.KEEPERS).values())


def _erase(key: uuid.UUID, at: datetime) -> bool:
    with unit():
        consumer = queries.lock_consumer(key)
        if not rows(f"{_erasable()} AND c.id = %(key)s LIMIT 1", {"at": at, "key": key}):
            return False
        consumer.name = consumer.birth_date = consumer.email = consumer.phone = ""
        consumer.address = consumer.classes = {}
        consumer.email_hash, consumer.phone_hash = consumer.erased_hash, None
        consumer.save(update_fields=["name", "birth_date", "email", "phone", "address", "email_hash", "phone_hash", "classes"])
        forget_name(consumer)
        OnboardingStep.objects.filter(consumer=consumer).delete()
        Login.objects.filter(consumer=consumer).delete()
        if not consumer.other_accounts.exists():
            PersonKey.objects.filter(consumer=consumer).delete()
        ConsumerChange.objects.create(consumer=consumer, subject="details", change={"fields": ["erased"]}, actor="timer", at=at)
        destroy_key(subject_of(key), at=at)
        outbox.append(ConsumerErased(consumer=consumer.public_id), at=at)
    return True
