"""The one gate of contacts about collecting, and the channels that people stop and allow again."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from collection.contacting import Attempt, Verdict, judge, read_known
from collection.models import Contact, ContactStop
from collection.queries import lock_contacts
from core.clock import local_date
from core.db import unit
from core.errors import Invalid
from core.sentences import Sentence


def pass_gate(*, attempts: Sequence[Attempt], at: datetime) -> dict[str, Verdict]:
    """Say for each contact about collecting, by its reference, whether it may be made now; every channel asks before each one.

    One that asks to pay counts from now on if it goes, so that two workers, or one that was killed and tries again, stay within the
    market's limit together. The caller makes it at once: a payment a moment later is not seen any more.
    """
    if not attempts:
        return {}
    found: dict[str, Verdict] = {}
    made: list[Contact] = []
    with unit():
        lock_contacts({one.consumer.pk for one in attempts if one.asks})
        known = read_known(attempts, at)
        for one in attempts:
            found[one.reference] = verdict = judge(one, known, at)
            if verdict.goes and one.asks and not one.wanted and one.reference not in known.counted:
                day = local_date(at, one.consumer.time_zone)
                known.days[one.consumer.pk].append(day)
                made.append(Contact(consumer=one.consumer, channel=one.channel, reference=one.reference, day=day, at=at))
        Contact.objects.bulk_create(made, ignore_conflicts=True)
    return found


def stop_contact(*, consumer_id: uuid.UUID, channel: str, actor: str, at: datetime) -> None:
    """Note that a person does not want to be asked to pay by a channel; nothing changes if that is noted already."""
    _check(channel)
    with unit():
        lock_contacts([consumer_id])
        if not ContactStop.objects.filter(consumer_id=consumer_id, channel=channel, ended_at=None).exists():
            ContactStop.objects.create(consumer_id=consumer_id, channel=channel, stopped_by=actor, stopped_at=at)


def allow_contact(*, consumer_id: uuid.UUID, channel: str, actor: str, at: datetime) -> None:
    """Note that a person may be asked to pay by a channel again; nothing changes if it was not stopped."""
    _check(channel)
    with unit():
        lock_contacts([consumer_id])
        ContactStop.objects.filter(consumer_id=consumer_id, channel=channel, ended_at=None).update(ended_by=actor, ended_at=at)


def _check(channel: str) -> None:
    if channel not in dict(ContactStop.CHANNELS):
        raise Invalid("Choose how.", fields={"channel": Sentence("choose one of these")})
