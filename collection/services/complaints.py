"""Complaints of late people: handed over by an operator, answered by one who may."""

import uuid
from datetime import datetime, timedelta

from accounts.models import User
from collection.cases import desk_day
from collection.events import ComplaintOpened
from collection.models import Complaint
from collection.queries import lock_case
from collection.services.cases import MAY_WORK
from core.db import unit
from core.errors import Conflict, Invalid, require
from core.outbox import append
from core.sentences import Sentence
from markets.queries import find_complaints

MAY_ANSWER = "collection.answer_complaint"
DAYS = 30
"""Days until a complaint is answered where its market has no setting."""


def hand_over_complaint(*, case_id: uuid.UUID, about: str, user: User, at: datetime) -> Complaint:
    """Hand a complaint of a case's person over to who answers it; nobody asks the person to pay what is late until it is answered.

    Conflict if one waits for its answer already.
    """
    require(user, MAY_WORK)
    words = _words(about, "about")
    with unit():
        case = lock_case(case_id)
        if Complaint.objects.filter(consumer=case.consumer, ended_at=None).exists():
            raise Conflict("A complaint waits for its answer already.", code="collection.complaint_waits")
        today = desk_day(case.consumer.market, at)
        answered_in = find_complaints(case.consumer.market_id, today).get("days", DAYS)
        told = {"about": words, "answer_by": today + timedelta(days=answered_in), "made_by": str(user.pk), "made_at": at}
        made = Complaint.objects.create(case=case, consumer=case.consumer, **told)
        append(ComplaintOpened(consumer=case.consumer.public_id, complaint=made.public_id), at=at)
    return made


def answer_complaint(*, case_id: uuid.UUID, answer: str, user: User, at: datetime) -> Complaint:
    """Note how the complaint of a case's person was answered, once: from then on they may be asked to pay. Conflict if none waits."""
    require(user, MAY_ANSWER)
    words = _words(answer, "answer")
    with unit():
        case = lock_case(case_id)
        found = Complaint.objects.filter(consumer=case.consumer, ended_at=None).first()
        if found is None:
            raise Conflict("No complaint waits for an answer.", code="collection.no_complaint")
        found.answer, found.ended_by, found.ended_at = words, str(user.pk), at
        found.save(update_fields=["answer", "ended_by", "ended_at"])
    return found


def _words(text: str, name: str) -> str:
    if not text.strip():
        raise Invalid("Say it in a few words.", fields={name: Sentence("must not be empty")})
    return text.strip()
