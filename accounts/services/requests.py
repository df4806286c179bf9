"""Consumers' requests and their answers: each stays on the work list until an operator answers in words."""

import uuid
from datetime import datetime, timedelta

from accounts import queries, rules
from accounts.events import RequestAnswered, RequestOpened
from accounts.models import Consumer, ConsumerRequest, User
from accounts.rules.requests import KINDS, OUTCOMES, written
from accounts.settable import REQUESTS_A_DAY
from accounts.states import RequestStatus
from core import outbox
from core.adjusting import value_of
from core.clock import local_date
from core.db import unit
from core.errors import Conflict, Invalid, NotFound, TooMany, require
from core.sentences import Sentence

MAY_ANSWER = "accounts.answer_request"
DAY = timedelta(days=1)


def open_request(*, consumer: Consumer, kind: str, text: str, reference: str = "", at: datetime) -> ConsumerRequest:
    """Record a consumer's request, with the date, in their time zone, by which it must be answered.

    `reference` is the public id of the subject; the caller has checked that it belongs to the consumer. Invalid if the kind needs a text
    and there is none; NotFound if no law gives them this right; Conflict while the same request is open; TooMany above the setting's
    number a day.
    """
    try:
        words = written(text, needed=KINDS[kind].needs_text)
    except rules.Faulty as fault:
        raise Invalid(str(fault), code="accounts.request_text", fields={"text": str(fault)}) from None
    with unit():
        locked = queries.lock_consumer(consumer.pk)
        if not queries.offers_request(locked, kind, local_date(at, locked.time_zone)):
            raise NotFound("There is no such request.")
        if queries.find_open_request(locked, kind, reference) is not None:
            raise Conflict("You have asked this already. A person answers.", code="accounts.request_open")
        if queries.count_requests(locked, since=at - DAY) >= value_of(REQUESTS_A_DAY):
            raise TooMany("You have asked a lot today. Write again tomorrow.", retry_after_s=int(DAY.total_seconds()))
        today = local_date(at, locked.time_zone)
        due_date = today + timedelta(days=queries.answer_days(locked, kind, today))
        found = ConsumerRequest(consumer=locked, kind=kind, reference=reference, text=words, due_date=due_date, asked_at=at)
        found.save(force_insert=True)
        outbox.append(RequestOpened(consumer=locked.public_id, request=found.public_id), at=at)
    return found


def answer_request(*, request_id: uuid.UUID, user: User, outcome: str, answer: str, at: datetime) -> ConsumerRequest:
    """Answer a request in words and record its outcome; the consumer is notified.

    Forbidden without the permission; Invalid without words; Conflict if the request was answered meanwhile.
    """
    require(user, MAY_ANSWER)
    if outcome not in OUTCOMES:
        raise Invalid("Say what came of it.", fields={"outcome": Sentence("say what came of it")})
    try:
        words = written(answer)
    except rules.Faulty as fault:
        raise Invalid(str(fault), code="accounts.request_text", fields={"answer": str(fault)}) from None
    with unit():
        found = queries.lock_request(request_id)
        if found.status != RequestStatus.OPEN:
            raise Conflict("Somebody has answered this meanwhile.", code="accounts.request_answered")
        found.close()
        found.outcome, found.answer, found.answered_by, found.answered_at = outcome, words, user, at
        found.save(update_fields=["status", "outcome", "answer", "answered_by", "answered_at"])
        outbox.append(RequestAnswered(consumer=found.consumer.public_id, request=found.public_id), at=at)
    return found
