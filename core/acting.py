"""Who acts: a person, a timer, an event handler, or a command. Published events carry the actor, and the audit log keeps it.

The code that admits a caller sets the actor for the current thread. A function as the actor is called only when something is recorded, so
that a page that records nothing pays nothing for it.
"""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

OPERATOR = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
"""How an operator is written as an actor, as a pattern that Python and SQL read alike."""
_KEY = re.compile(OPERATOR)
LONGEST = 120
"""How long an actor or a source may be, in characters; the rest is cut off."""
_acting: ContextVar[tuple[Callable[[], str], str] | None] = ContextVar("acting", default=None)


def is_operator(actor: str) -> bool:
    """Return whether an actor is an operator, written as the bare key; all others begin with their kind (`key:`, `user:`, `proposal:`)."""
    return bool(_KEY.fullmatch(actor))


@contextmanager
def acting(who: str | Callable[[], str], source: str = "") -> Iterator[None]:
    """Record what the block does as the act of `who`: an actor's id as histories write it, or a function that returns it.

    `source` is the cause: a request (`req_...`), or an event (`event:7`).
    """
    token = _acting.set((who if callable(who) else lambda: who, source))
    try:
        yield
    finally:
        _acting.reset(token)


def who_acts() -> tuple[str, str]:
    """Return the current actor and its source; where nobody was admitted, the program itself is the actor (`command:install`)."""
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
