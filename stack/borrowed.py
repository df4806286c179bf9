"""Servers for one command: those of a running demo, or the demo's own, started while the command runs."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from urllib.parse import urlsplit

from stack.demo import Demo
from stack.errors import AlreadyRunning
from stack.folders import Folders
from stack.paths import names_database, stack_values, var_dir
from stack.ports import Ports

COMMANDS = frozenset({"simulate", "check_books", "plan_cases", "cap_histories", "credit_model", "fraud_model", "reminder_model"})


def wanted(command: str) -> bool:
    """Return whether a command uses the demo's servers: not if the environment names a database."""
    return command in COMMANDS and not names_database() and not os.environ.get("BNPL_TESTING")


@contextmanager
def servers() -> Iterator[None]:
    """Make sure that the database, Redis and the sandbox run, and that the database is migrated and seeded with shops.

    Messages about this go to the error output, because a program may read the command's own output.
    """
    folders = Folders(var_dir())
    try:
        with folders.held("in use"):
            folders.make()
            address = urlsplit(stack_values().get("BNPL_BASE_URL", "http://localhost:8000"))
            demo = Demo(folders, Ports(address.port or 8000), consumers=0)
            try:
                with redirect_stdout(sys.stderr):
                    demo.serve()
                stack_values.cache_clear()
                yield
            finally:
                with redirect_stdout(sys.stderr):
                    demo.supervisor.stop()
    except AlreadyRunning:
        yield
