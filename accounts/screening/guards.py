"""A database trigger for rows that approve something: none is written while a match with a list is open or confirmed."""

from collections.abc import Iterator
from contextlib import contextmanager

import pgtrigger
from django.db import IntegrityError

from accounts.states import MATCH_STOPS
from core.states import words

MARK = "while a check of the person is open"
"""How the database names what it refuses."""
STOPS = f"""
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('screening:' || coalesce(c.person_id, c.id)::text, 0))
    FROM accounts_consumer c WHERE c.id = NEW.consumer_id;
    PERFORM 1 FROM accounts_consumer me
    JOIN accounts_consumer c ON c.id = coalesce(me.person_id, me.id) OR c.person_id = coalesce(me.person_id, me.id)
    JOIN accounts_screeningmatch m ON m.consumer_id = c.id AND m.status IN ({words(MATCH_STOPS)})
    WHERE me.id = NEW.consumer_id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% % is not approved {MARK}', TG_TABLE_NAME, NEW.id USING ERRCODE = 'check_violation';
    END IF;"""
"""The statements of such a trigger, for a row with a `consumer_id`.

The lock is shared by all that approve, and taken alone by whoever writes a match (`accounts.screening.queries.lock_screening`): a match
waits for approvals under way, and approvals after it see it. It is the last lock that either takes.
"""


def approves_nobody_stopped(when: str) -> pgtrigger.Trigger:
    """Return the trigger for new rows that an SQL condition says approve something."""
    return pgtrigger.Trigger(
        name="approves_nobody_stopped",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Condition(when),
        func=f"{STOPS} RETURN NEW;",
    )


def is_stopped(error: IntegrityError) -> bool:
    """Return whether the database refused an approval because a match was stored meanwhile."""
    return MARK in str(error)


@contextmanager
def unless_stopped(otherwise: Exception, mark: str = MARK) -> Iterator[None]:
    """Run a block, and raise another error if the database refuses it with a mark: by default, because a match was stored meanwhile."""
    try:
        yield
    except IntegrityError as error:
        if mark not in str(error):
            raise
        raise otherwise from error


@contextmanager
def suppress_stops() -> Iterator[None]:
    """Run a block, and pass over an approval that the database refuses because a match was stored meanwhile: the caller decides anew."""
    try:
        yield
    except IntegrityError as error:
        if not is_stopped(error):
            raise
