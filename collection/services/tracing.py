"""What operators find out about how to reach late people: noted, and confirmed by the person or found wrong."""

import uuid
from datetime import datetime

from accounts.models import User
from collection.models import Trace
from collection.queries import get_case, lock_case
from collection.services.cases import MAY_WORK
from core.db import unit
from core.errors import Conflict, Invalid, NotFound, require
from core.ids import parse_id
from core.sentences import Sentence

MOST = 500


def note_trace(*, case_id: uuid.UUID, kind: str, source: str, found: str, user: User, at: datetime) -> Trace:
    """Note what was found out about the person of a case, and where; nothing is sent there before they confirm it.

    Invalid names the field.
    """
    require(user, MAY_WORK)
    known = {"kind": (kind, Trace.KINDS), "source": (source, Trace.SOURCES)}
    faults: dict[str, str] = {
        name: Sentence("choose one of these") for name, (value, choices) in known.items() if value not in dict(choices)
    }
    if not found.strip() or len(found) > MOST:
        faults["found"] = Sentence("must not be empty")
    if faults:
        raise Invalid("Say what was found, and where.", fields=faults)
    consumer = get_case(case_id).consumer
    return Trace.objects.create(consumer=consumer, kind=kind, source=source, found=found.strip(), noted_by=str(user.pk), noted_at=at)


def end_trace(*, case_id: uuid.UUID, trace: str, state: str, user: User, at: datetime) -> Trace:
    """Note that the person of a case confirmed what was found, or that it is wrong (`state`), once.

    A confirmed address is used only once the person changes it in their account. NotFound for one of somebody else.
    """
    require(user, MAY_WORK)
    if state not in {Trace.CONFIRMED, Trace.WRONG}:
        raise Invalid("Choose what came of it.", fields={"state": Sentence("choose one of these")})
    with unit():
        case = lock_case(case_id)
        made = Trace.objects.filter(pk=parse_id(Trace.PREFIX, trace), consumer=case.consumer).first()
        if made is None:
            raise NotFound("There is no such note.")
        if made.ended_at is not None:
            raise Conflict("That is noted already.", code="collection.trace_ended")
        made.state, made.ended_by, made.ended_at = state, str(user.pk), at
        made.save(update_fields=["state", "ended_by", "ended_at"])
    return made
