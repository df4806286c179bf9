"""Descriptions of changes of rights."""

from collections.abc import Mapping
from typing import Any

FLAGS = {
    "operator": ("works in the back office", "no longer works in the back office", False),
    "may_all": ("may do all", "may no longer do all", False),
    "active": ("may sign in again", "may no longer sign in", True),
}


def told(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the changes between two states of a user's rights, each in a few words; an empty state (no row yet) has no rights."""
    said = []
    for name, (given, taken, initial) in FLAGS.items():
        if before.get(name, initial) != after.get(name, initial):
            said.append(given if after.get(name, initial) else taken)
    for name, given, taken in (("groups", "joined", "left"), ("permissions", "may now", "may no longer")):
        had, has = before.get(name, []), after.get(name, [])
        said += [f"{given} {one}" for one in has if one not in had]
        said += [f"{taken} {one}" for one in had if one not in has]
    return said
