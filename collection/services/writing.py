"""Letters by template, sent by operators to late people."""

import uuid
from datetime import datetime, timedelta

from accounts.models import User
from collection.contacting import complaining
from collection.events import CaseLetterSent
from collection.letters import drafts_for, late_sums
from collection.models import CaseLetter
from collection.queries import lock_case
from collection.services.cases import MAY_WORK
from core.db import unit
from core.errors import Conflict, require
from core.outbox import append
from plans.standstill import find_standstill

APART = timedelta(hours=24)
"""The time before the same letter is sent to a person again."""


def send_letter(*, case_id: uuid.UUID, setting: int, user: User, at: datetime) -> CaseLetter:
    """Send the person of a case a letter by the template of a row of the market's settings; the gate decides when its message goes.

    Conflict if the template is not in force any more, if it was sent within a day, after a death or an insolvency, and, where it asks to
    pay, while a complaint waits or when nothing is late.
    """
    require(user, MAY_WORK)
    with unit():
        consumer = lock_case(case_id).consumer
        draft = next((one for one in drafts_for(consumer, at) if one.setting == setting), None)
        if draft is None:
            raise Conflict("This letter changed, or is not sent any more. Look again.", code="collection.letter_changed")
        if find_standstill(consumer.pk) is not None:
            raise Conflict("Nothing is asked of this person now.", code="collection.not_asked")
        if draft.asks and (complaining([consumer.pk]) or not late_sums(consumer, at)):
            raise Conflict("Nothing is asked of this person now.", code="collection.not_asked")
        if CaseLetter.objects.filter(consumer=consumer, setting=setting, sent_at__gt=at - APART).exists():
            raise Conflict("This letter was sent within a day.", code="collection.letter_sent")
        words = {"heading": draft.heading, "text": draft.text, "language": draft.language}
        told = {"setting_id": setting, "words": words, "asks": draft.asks, "sent_by": str(user.pk)}
        made = CaseLetter.objects.create(consumer=consumer, sent_at=at, **told)
        append(CaseLetterSent(letter=made.public_id, consumer=consumer.public_id), at=at)
    return made
