"""Operators who are away, and who stands in for them when proposals are decided."""

import uuid
from datetime import date, datetime, timedelta

from controls.errors import OnePerson
from controls.kinds import Person, find_person, list_kinds, may_be_one_person
from controls.models import Absence
from controls.queries import absences_of, kinds_decided_by, lock_absence
from controls.services.proposing import as_is
from core.db import unit, wait_lock
from core.errors import Forbidden, Invalid, refuse, why_fault
from core.sentences import Sentence

LONGEST, FARTHEST = timedelta(days=92), timedelta(days=366)


def note_absence(*, user: Person, starts_on: date, ends_on: date, stand_in: str, reason: str, at: datetime) -> Absence:
    """Record the days on which an operator who decides proposals is away, and who stands in (an operator's key; empty for nobody).

    OnePerson if the stand-in is the same person or another account of theirs. Forbidden for an operator who decides nothing. Invalid, with
    the field, for wrong days or a stand-in who has no right to decide any of the same kinds.
    """
    mine = {kind.name for kind in kinds_decided_by(as_is(user))}
    if not mine:
        raise Forbidden("You may not do this.")
    refuse({"reason": why_fault(reason)})
    _refuse_days(starts_on, ends_on, at.date())
    if stand_in:
        _refuse_stand_in(stand_in, str(user.pk), mine, at)
    with unit():
        wait_lock(f"absence {user.pk}")
        if absences_of(str(user.pk)).filter(starts_on__lte=ends_on, ends_on__gte=starts_on).exists():
            raise Invalid(
                "You are away on some of these days already.", fields={"starts_on": Sentence("you are away on some of these days")}
            )
        made = Absence(
            person=str(user.pk), stand_in=stand_in, starts_on=starts_on, ends_on=ends_on, reason=reason.strip()[:500], made_at=at
        )
        made.save(force_insert=True)
    return made


def _refuse_days(starts_on: date, ends_on: date, today: date) -> None:
    if ends_on < starts_on:
        raise Invalid("The last day is before the first one.", fields={"ends_on": Sentence("is before the first day")})
    if ends_on < today:
        raise Invalid("These days are over.", fields={"ends_on": Sentence("is over")})
    if ends_on - starts_on >= LONGEST or ends_on - today > FARTHEST:
        raise Invalid("An absence has at most 92 days, all within a year.", fields={"ends_on": Sentence("is too far away")})


def _refuse_stand_in(stand_in: str, person: str, kinds: set[str], at: datetime) -> None:
    if may_be_one_person(stand_in, person, at=at):
        raise OnePerson("Somebody else has to stand in for you, whose account and yours no one person made or changed lately.")
    found = find_person(stand_in)
    if found is None or not any(found.may(kind.may_approve) for kind in list_kinds() if kind.name in kinds):
        raise Invalid("This person decides nothing that you decide.", fields={"stand_in": Sentence("decides nothing that you decide")})


def end_absence(*, absence_id: uuid.UUID, user: Person, at: datetime) -> Absence:
    """End an absence early; does nothing if it has ended. Forbidden for anybody but the person who was away."""
    with unit():
        absence = lock_absence(absence_id)
        if absence.person != str(user.pk):
            raise Forbidden("You may not do this.")
        if absence.ended_at is None:
            absence.ended_at = at
            absence.save(update_fields=["ended_at"])
    return absence
