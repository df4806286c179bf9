"""Complaints of late people: handed over by an operator, answered by one who may."""

import uuid
from datetime import datetime, timedelta

from accounts.models import Consumer, User
from collection.cases import desk_day
from collection.events import ComplaintOpened
from collection.models import Case, Complaint
from collection.queries import lock_case
from collection.services.cases import MAY_WORK, open_case_for
from collection.states import CaseStatus
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
        if case.status != CaseStatus.OPEN:
            case = open_case_for(case.consumer, case.currency, at)
        return _open(case, case.consumer, words, str(user.pk), at)


def open_complaint(*, consumer: Consumer, currency: str, about: str, actor: str, at: datetime) -> Complaint:
    """Open a complaint of a person that came in another way than by the desk, with a case for it if none is open.

    Return the one that waits for its answer already, if there is one.
    """
    with unit():
        case = open_case_for(consumer, currency, at)
        waiting = Complaint.objects.filter(consumer=consumer, ended_at=None).first()
        return waiting or _open(case, consumer, about, actor, at)


def _open(case: Case, consumer: Consumer, about: str, actor: str, at: datetime) -> Complaint:
    today = desk_day(consumer.market, at)
    answered_in = find_complaints(consumer.market_id, today).get("days", DAYS)
    told = {"about": about, "answer_by": today + timedelta(days=answered_in), "made_by": actor, "made_at": at}
    made = Complaint.objects.create(case=case, consumer=consumer, **told)
    append(ComplaintOpened(consumer=consumer.public_id, complaint=made.public_id), at=at)
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
