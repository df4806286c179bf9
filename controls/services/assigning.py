"""Assign tasks to operators: take, give, hand over, release. An assignment ends after some hours."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from controls.errors import Taken
from controls.models import Assignment
from controls.settable import TASK_HOURS
from core.adjusting import value_of
from core.db import rows, unit

# One statement decides between two people: the second waits for the first one's commit, and then finds the task taken.
_TAKE = """
    INSERT INTO controls_assignment (kind, subject, person, given_by, taken_at, until)
    VALUES (%(kind)s, %(subject)s, %(person)s, %(person)s, %(at)s, %(until)s)
    ON CONFLICT (kind, subject) DO UPDATE SET
        person = excluded.person, given_by = excluded.given_by, taken_at = excluded.taken_at, until = excluded.until
    WHERE controls_assignment.until <= %(at)s OR controls_assignment.person = excluded.person
    RETURNING id"""


def take_task(*, kind: str, subject: str, actor: str, at: datetime) -> None:
    """Take a task for some hours; `actor` is the operator's key. Taken if somebody else has it. Taking it again renews the time."""
    with unit():
        if not _take(kind, subject, actor, at):
            raise Taken("Somebody else works on this.")


def take_first(*, tasks: Sequence[tuple[str, str]], actor: str, at: datetime) -> tuple[str, str] | None:
    """Take the first of some tasks (kind, subject) that nobody else has; return it, or None if others have all of them.

    If two people call it at once, the second waits for the first one's commit, and takes the next task.
    """
    with unit():
        return next((task for task in tasks if _take(*task, actor, at)), None)


def _take(kind: str, subject: str, actor: str, at: datetime) -> bool:
    until = at + timedelta(hours=value_of(TASK_HOURS))
    return bool(rows(_TAKE, {"kind": kind, "subject": subject, "person": actor, "at": at, "until": until}))


def give_task(*, kind: str, subject: str, person: str, actor: str, at: datetime) -> None:
    """Give a task to an operator, by their key, even if somebody else has it; the caller has checked that they may work on it."""
    with unit():
        Assignment.objects.update_or_create(
            kind=kind,
            subject=subject,
            defaults={"person": person, "given_by": actor, "taken_at": at, "until": at + timedelta(hours=value_of(TASK_HOURS))},
        )


def hand_task(*, kind: str, subject: str, person: str, actor: str, at: datetime) -> None:
    """Hand one's own task to another operator, by their key; Taken if the actor does not have it (any more)."""
    with unit():
        mine = Assignment.objects.filter(kind=kind, subject=subject, person=actor, until__gt=at)
        if not mine.update(person=person, given_by=actor, taken_at=at, until=at + timedelta(hours=value_of(TASK_HOURS))):
            raise Taken("You do not have this task any more.")


def release_task(*, kind: str, subject: str, actor: str, at: datetime) -> bool:
    """Release a task that an operator has; return whether they had it."""
    with unit():
        return bool(Assignment.objects.filter(kind=kind, subject=subject, person=actor).delete()[0])


def release_all_of(*, person: str, at: datetime) -> int:
    """Release all tasks of an operator who leaves; return the number."""
    with unit():
        return Assignment.objects.filter(person=person).delete()[0]
