"""Counting SQL statements, without those that only begin or end transactions."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

QUIET = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


@contextmanager
def statements() -> Iterator[list[str]]:
    """Give the list that holds the SQL of the block once it is over."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as context:
        yield found
    found += [query["sql"] for query in context.captured_queries if not query["sql"].startswith(QUIET)]


def count_but_the_clock(asked: CaptureQueriesContext) -> int:
    """Return how many statements were captured, but for those that read the clock: a process does so anew every fifth of a second."""
    return len([query for query in asked if "clockoffset" not in query["sql"]])
