"""Who acts: a person behind a door, a timer, a handler of an event, or a command. Events are told with it, and the audit log keeps it.

Who lets somebody in sets it, for the present thread. It is found out only when something is told, so that a page that tells nothing pays
nothing for it.
"""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

_KEY = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LONGEST = 120
"""How long an actor or a source may be, in characters; the rest is cut off."""
_acting: ContextVar[tuple[Callable[[], str], str] | None] = ContextVar("acting", default=None)


def is_operator(actor: str) -> bool:
    """Return whether an actor is an operator: their key alone; all others name their kind first (`key:`, `user:`, `proposal:`)."""
    return bool(_KEY.fullmatch(actor))


@contextmanager
def acting(who: str | Callable[[], str], source: str = "") -> Iterator[None]:
    """Let what the block tells be told as the act of somebody: their id as histories have it, or a function that finds it.

    `source` says by what: a request (`req_...`), or an event (`event:7`).
    """
    token = _acting.set((who if callable(who) else lambda: who, source))
    try:
        yield
    finally:
        _acting.reset(token)


def who_acts() -> tuple[str, str]:
    """Return who acts now, and by what; a program that let nobody in acts itself (`command:install`)."""
    found = _acting.get()
    if found is None:
        return _program(), ""
    who, source = found
    return who()[:LONGEST], source[:LONGEST]


@cache
def _program() -> str:
    """Return the name of this process as an actor."""
    name = Path(sys.argv[0] if sys.argv else "").name or "python"
    return f"command:{sys.argv[1]}"[:LONGEST] if name == "manage.py" and len(sys.argv) > 1 else f"program:{name}"[:LONGEST]
