"""Each person has their own data key, with which data about them is encrypted: destroying the key erases the data, also in backups.

The table holds a key only in wrapped form, encrypted with the installation's key. `core.crypto` wraps and unwraps; this module reads and
writes the rows. A row stays when its key is destroyed, so that the key is never made again and its values are known to be erased.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from core.db import execute, rows

TABLE = "core_subjectkey"
MISSING = "-"
"""Stands for the wrapped key of a person who has none yet; a destroyed key is an empty text."""

# One statement makes missing keys and returns all. If two processes make the same person's key, the second waits for the first, and then
# reads that key with its next statement.
_MAKE = f"""
    WITH made AS (
        INSERT INTO {TABLE} (subject, wrapped, created_at)
        SELECT w.subject, w.wrapped, now() FROM unnest(%(subjects)s::text[], %(wrapped)s::text[]) AS w (subject, wrapped) ORDER BY w.subject
        ON CONFLICT (subject) DO NOTHING RETURNING subject, wrapped)
    SELECT subject, wrapped FROM made
    UNION ALL SELECT subject, wrapped FROM {TABLE} WHERE subject = ANY(%(subjects)s)"""  # noqa: S608  (a name of our own)
_FIND = f"SELECT subject, wrapped FROM {TABLE} WHERE subject = ANY(%s)"  # noqa: S608  (a name of our own)
_DESTROY = f"""
    INSERT INTO {TABLE} AS k (subject, wrapped, created_at, destroyed_at) VALUES (%(subject)s, '', now(), %(at)s)
    ON CONFLICT (subject) DO UPDATE SET wrapped = '', destroyed_at = EXCLUDED.destroyed_at WHERE k.destroyed_at IS NULL"""  # noqa: S608


def subject_of(person: object) -> str:
    """Return the subject of a person's key; empty for no person."""
    return f"consumer:{person}" if person else ""


def find_keys(subjects: Collection[str]) -> dict[str, str]:
    """Return the wrapped keys of the subjects that have one; empty for a destroyed key."""
    return dict(rows(_FIND, [list(subjects)]))


def make_keys(fresh: Mapping[str, str]) -> dict[str, str]:
    """Store a wrapped key for each subject that has none, and return the stored ones; where another process was first, its key."""
    params = {"subjects": list(fresh), "wrapped": list(fresh.values())}
    found: dict[str, str] = dict(rows(_MAKE, params))
    raced = fresh.keys() - found.keys()
    return found | find_keys(raced) if raced else found


def destroy_key(subject: str, *, at: datetime) -> bool:
    """Destroy a subject's key for good, even if it was never made; return False if it was already destroyed."""
    return bool(execute(_DESTROY, {"subject": subject, "at": at}))


def is_destroyed(subject: str) -> bool:
    """Return whether a subject's key was destroyed."""
    return find_keys([subject]).get(subject) == ""


def with_key(column: str, person: str) -> str:
    """Return the SQL for an encrypted column, then its person's subject and wrapped key, separated by spaces; `person` is a column."""
    subject = f"'consumer:' || {person}"
    key = f"(SELECT subjectkey.wrapped FROM {TABLE} subjectkey WHERE subjectkey.subject = {subject})"  # noqa: S608  (names of our own)
    return f"{column} || ' ' || coalesce({subject}, '') || ' ' || coalesce({key}, '{MISSING}')"
