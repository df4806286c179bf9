"""Each person has a data key of their own, by which what is kept of them is encrypted: who destroys it has erased that, in backups too.

The table holds a key only in its wrapped form, encrypted with the installation's key. `core.crypto` wraps and unwraps; this module reads
and writes the rows. A row outlives its key, so that a destroyed key is never made anew and its values are known to be erased.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from core.db import execute, rows

TABLE = "core_subjectkey"
MISSING = "-"
"""Stands for the wrapped key of a person who has none yet; a destroyed key is an empty text."""

# One statement makes the keys that are missing and returns those of all. Of two processes that make one person's key, the second waits for
# the first, and then reads what it made with the next statement.
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
    """Return the subject of a person's key; empty for nobody."""
    return f"consumer:{person}" if person else ""


def find_keys(subjects: Collection[str]) -> dict[str, str]:
    """Return the wrapped keys of those subjects that have one; empty for a destroyed one."""
    return dict(rows(_FIND, [list(subjects)]))


def make_keys(fresh: Mapping[str, str]) -> dict[str, str]:
    """Record a wrapped key for each subject that has none, and return those that hold; whoever comes second gets the first one's."""
    params = {"subjects": list(fresh), "wrapped": list(fresh.values())}
    found: dict[str, str] = dict(rows(_MAKE, params))
    raced = fresh.keys() - found.keys()
    return found | find_keys(raced) if raced else found


def destroy_key(subject: str, *, at: datetime) -> bool:
    """Destroy a subject's key for good, also before it was made; return whether it was not destroyed before."""
    return bool(execute(_DESTROY, {"subject": subject, "at": at}))


def is_destroyed(subject: str) -> bool:
    """Tell whether a subject's key was destroyed."""
    return find_keys([subject]).get(subject) == ""


def with_key(column: str, person: str) -> str:
    """Return the SQL of an encrypted column followed by its person's subject and wrapped key, separated by spaces; `person` is a column."""
    subject = f"'consumer:' || {person}"
    key = f"(SELECT subjectkey.wrapped FROM {TABLE} subjectkey WHERE subjectkey.subject = {subject})"  # noqa: S608  (names of our own)
    return f"{column} || ' ' || coalesce({subject}, '') || ' ' || coalesce({key}, '{MISSING}')"
