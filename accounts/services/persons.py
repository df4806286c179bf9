"""Accounts of the same person: found when an account is verified, and when a verified person moves."""

from datetime import datetime

from django.db.models import Q

from accounts import queries, rules
from accounts.models import Consumer, ConsumerChange, PersonKey
from core.crypto import lookup_hashes


def know_person(consumer: Consumer, *, at: datetime, actor: str) -> None:
    """Record the keys that identify the person of a locked and verified consumer, and join all accounts with an equal key."""
    texts = rules.person_keys(consumer.name, consumer.birth_date, consumer.address)
    hashes = [lookup_hashes(f"person:{text}") for text in texts]
    fresh = [PersonKey(key_hash=newest, consumer_id=consumer.holder_id, at=at) for newest, *_ in hashes]
    PersonKey.objects.bulk_create(fresh, ignore_conflicts=True)
    # Also search by hashes of older keys: people not seen since the last key change still have those.
    known = PersonKey.objects.filter(key_hash__in=[one for each in hashes for one in each])
    for key in known.order_by("id").values_list("key_hash", flat=True):
        _join(consumer, key, at, actor)


def _join(consumer: Consumer, key: str, at: datetime, actor: str) -> None:
    """Join the persons of an account and of a key under the older account; purchases of both wait meanwhile."""
    mine, known = queries.holder_of(consumer.pk), PersonKey.objects.get(key_hash=key).consumer_id
    if mine == known:
        return
    first, second = sorted((mine, known))
    queries.lock_person(first)
    queries.lock_person(second)
    if (mine, known) != (queries.holder_of(consumer.pk), PersonKey.objects.get(key_hash=key).consumer_id):
        # Another transaction joined one of them while this one waited.
        _join(consumer, key, at, actor)
        return
    Consumer.objects.filter(Q(pk=second) | Q(person_id=second)).update(person_id=first)
    PersonKey.objects.filter(consumer_id=second).update(consumer_id=first)
    consumer.person_id = first if consumer.pk != first else None
    change = {"same_as": queries.public_id_of(first)}
    ConsumerChange.objects.create(consumer_id=second, subject="person", change=change, actor=actor, at=at)
