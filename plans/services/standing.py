"""Collecting stands still for a person who died or is insolvent, and goes on by two operators."""

import uuid
from datetime import datetime

from accounts.models import Consumer
from accounts.queries import account_ids, lock_person_of
from core.db import unit
from core.errors import Conflict, Invalid
from core.outbox import append
from core.sentences import Sentence
from plans.events import CollectingStopped
from plans.models import Standstill
from plans.standstill import RESPITE, kinds_of


def stand_still(*, consumer_id: uuid.UUID, kind: str, actor: str, at: datetime) -> Standstill:
    """Note that an account's person died or is insolvent, in all their accounts; Conflict if that is noted already."""
    if kind not in dict(kinds_of({})):
        raise Invalid("Choose what happened.", fields={"kind": Sentence("choose one of these")})
    with unit():
        holder = lock_person_of(consumer_id)
        if Standstill.objects.filter(person=holder, ended_at=None).exclude(kind__in=RESPITE).exists():
            raise Conflict("This is noted already.", code="plans.stands_still")
        told = {"person": holder, "kind": kind, "noted_by": actor, "noted_at": at}
        accounts = Consumer.objects.filter(pk__in=account_ids(holder)).order_by("id")
        made = Standstill.objects.bulk_create([Standstill(consumer=one, **told) for one in accounts])
        append(CollectingStopped(consumers=[one.consumer.public_id for one in made]), at=at)
    return next(one for one in made if one.consumer_id == consumer_id)


def move_on(*, person: uuid.UUID, proposal: uuid.UUID, at: datetime) -> int:
    """End the standstill of a person by an approved proposal; return in how many accounts. Conflict if there is none."""
    with unit():
        ended = Standstill.objects.filter(person=person, ended_at=None).update(ended_at=at, proposal=proposal)
        if not ended:
            raise Conflict("Nothing of this kind is noted any more.", code="plans.moves")
    return ended
