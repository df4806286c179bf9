"""Changes of rights in words."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from core.sentences import Sentence, marked

FLAGS = {
    "operator": (Sentence("works in the back office"), Sentence("no longer works in the back office"), False),
    "may_all": (Sentence("may do all"), Sentence("may no longer do all"), False),
    "active": (Sentence("may sign in again"), Sentence("may no longer sign in"), True),
}


SINGLE = (marked("may now %(right)s"), marked("may no longer %(right)s"))
"""The sentences about single rights, which roles bring along."""


def told(before: Mapping[str, Any], after: Mapping[str, Any], names: Mapping[str, str] | None = None) -> list[Sentence]:
    """Return the changes between two states of a user's rights, each in a few words; an empty state (no row yet) has no rights.

    `names` are the words for permissions (`app.codename`); a permission without words keeps its code.
    """
    known = names or {}
    said = []
    for name, (given, taken, initial) in FLAGS.items():
        if before.get(name, initial) != after.get(name, initial):
            said.append(given if after.get(name, initial) else taken)
    had, has = (Counter(state.get("groups", [])) for state in (before, after))
    said += [Sentence("joined %(group)s", group=one) for one in has - had]
    said += [Sentence("left %(group)s", group=one) for one in had - has]
    had, has = (Counter(state.get("permissions", [])) for state in (before, after))
    said += [Sentence(SINGLE[0], right=known.get(one, one)) for one in has - had]
    said += [Sentence(SINGLE[1], right=known.get(one, one)) for one in had - has]
    return said
