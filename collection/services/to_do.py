"""Tasks of the desk: something to do about a late person by a day."""

import uuid
from datetime import date, datetime, timedelta

from accounts.models import User
from collection.cases import desk_day
from collection.models import Case, Task
from collection.queries import lock_case
from collection.services.cases import MAY_WORK
from collection.states import CaseStatus
from core.db import unit
from core.errors import Conflict, Invalid, NotFound, require
from core.sentences import Sentence

FURTHEST = timedelta(days=366)
"""How far ahead a task may be."""


def add_task(*, case_id: uuid.UUID, what: str, due_on: date, mine: bool, user: User, at: datetime) -> Task:
    """Note something to do about the person of an open case by a day, by the operator who notes it (`mine`) or by anybody.

    Invalid without words, or for a day that is over or more than a year away; Conflict if the case is closed.
    """
    require(user, MAY_WORK)
    if not what.strip():
        raise Invalid("Say what is to be done.", fields={"what": Sentence("must not be empty")})
    with unit():
        case = lock_case(case_id)
        if case.status != CaseStatus.OPEN:
            raise Conflict("This case is closed: nothing is late any more.", code="collection.case_closed")
        today = desk_day(case.consumer.market, at)
        if not today <= due_on <= today + FURTHEST:
            raise Invalid("Choose a day from today on, within a year.", fields={"due_on": Sentence("choose another day")})
        told = {"what": what.strip(), "due_on": due_on, "owner": str(user.pk) if mine else ""}
        return Task.objects.create(case=case, consumer=case.consumer, **told, made_by=str(user.pk), made_at=at)


def finish_task(*, case_id: uuid.UUID, task: str, user: User, at: datetime) -> Task:
    """Note that a task of a case is done, once; NotFound for one of another case, Conflict if it is done already."""
    require(user, MAY_WORK)
    with unit():
        case = lock_case(case_id)
        found = _task(case, task)
        if found.done_at is not None:
            raise Conflict("This task is done already.", code="collection.task_done")
        found.done_by, found.done_at = str(user.pk), at
        found.save(update_fields=["done_by", "done_at"])
    return found


def _task(case: Case, key: str) -> Task:
    try:
        found = Task.objects.filter(case=case, pk=uuid.UUID(key)).first()
    except ValueError:
        found = None
    if found is None:
        raise NotFound("There is no such task.")
    return found
