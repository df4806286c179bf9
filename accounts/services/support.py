"""What people tell of their situation: kept with their explicit consent, and deleted when they take it back."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.utils.translation import get_language, gettext, gettext_noop

from accounts.models import Consumer, SupportFlag, User
from accounts.queries import lock_consumer
from accounts.services.consents import record_consent
from accounts.support import MOST_DAYS, MOST_NOTE
from core.clock import local_date
from core.db import unit
from core.errors import Invalid, NotFound, refuse, require
from core.sentences import Sentence
from core.unreadable import listing

MAY_NOTE = "accounts.note_support"
KIND, VERSION = "support", "1"
CONSENT = gettext_noop(
    "You may keep what I told you about my situation, also about my health, so that you treat me with care. I can take it back at any time."
)
"""What the person agrees to; an operator reads it to them."""


def note_support(
    *,
    consumer_id: uuid.UUID,
    driver: str,
    needs: Sequence[str],
    note: str,
    review_on: date,
    consents: bool,
    user: User | None,
    at: datetime,
) -> SupportFlag:
    """Keep what a person told of their situation, and their consent to that; `user` is the operator whom they told, None for the person.

    Invalid, with the field: without consent, for an unknown driver or need, or a day of review that is not within a year. Forbidden
    without the permission.
    """
    if user is not None:
        require(user, MAY_NOTE)
    consumer = Consumer.objects.select_related("market").get(pk=consumer_id)
    today = local_date(at, consumer.time_zone)
    known = driver in dict(SupportFlag.DRIVERS) and set(needs) <= set(dict(SupportFlag.NEEDS))
    if not known:
        raise Invalid("Choose what it is about.", fields={"driver": Sentence("choose one")})
    within = today < review_on <= today + timedelta(days=MOST_DAYS)
    refuse(
        {
            "consents": "" if consents else Sentence("is needed: nothing is kept without it"),
            "review_on": "" if within else Sentence("must be within a year"),
        }
    )
    actor, how = (str(user.pk), "operator") if user else (consumer.public_id, "account")
    with unit():
        lock_consumer(consumer_id)
        told = {"driver": driver, "needs": sorted(set(needs)), "note": note.strip()[:MOST_NOTE]}
        # The same form sent again.
        with listing():
            before = list(SupportFlag.objects.filter(consumer=consumer, recorded_by=actor, review_on=review_on))
        if same := next((one for one in before if one.told == told), None):
            return same
        made = SupportFlag.objects.create(consumer=consumer, told=told, recorded_by=actor, at=at, review_on=review_on)
        _consent(consumer, made, how, given=True, at=at)
    return made


def take_back_support(*, consumer_id: uuid.UUID, flag_id: uuid.UUID, user: User | None, at: datetime) -> None:
    """Delete what a person told of their situation, since they take their consent back; NotFound for somebody else's."""
    if user is not None:
        require(user, MAY_NOTE)
    with unit():
        found = SupportFlag.objects.filter(pk=flag_id, consumer=consumer_id).select_related("consumer").first()
        if found is None:
            raise NotFound("There is nothing of that kind.")
        _consent(found.consumer, found, "operator" if user else "account", given=False, at=at)
        found.delete()


def _consent(consumer: Consumer, flag: SupportFlag, how: str, *, given: bool, at: datetime) -> None:
    text, reference = gettext(CONSENT), flag.public_id
    told = {"kind": KIND, "version": VERSION, "text": text, "language": get_language() or "en", "how": how, "reference": reference}
    record_consent(consumer=consumer, given=given, at=at, **told)
