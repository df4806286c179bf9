"""The pytest plugin that starts the servers for a test run before the settings are read.

`python -m pytest` and `manage.py test` both use it (`-p stack.pytest_plugin` in pyproject.toml). With `-n`, the processes share the
servers; each has its own test database, its own Redis database and its own sandbox world.
"""

import os
from collections.abc import Generator
from contextlib import ExitStack

import pytest

from stack.errors import StackError
from stack.ports import LOOPBACK, free_port

_servers = ExitStack()
# Variables that the shell may have set for a running installation; they must not reach the tests.
FOREIGN = (
    *("BNPL_MODE", "BNPL_SECRET_KEY", "BNPL_FIELD_KEYS", "BNPL_GATEWAY", "BNPL_VERIFICATION", "BNPL_SMS", "BNPL_ALLOWED_HOSTS"),
    *("SANDBOX_KEY", "SANDBOX_EVENTS_SECRET"),
)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None, None, None]:
    """Start the servers and set the variables: a wrapper, so that it comes before pytest-django reads the settings."""
    process = os.environ.get("PYTEST_XDIST_WORKER", "")
    if not process:
        _start_servers()
    base, _, _ = os.environ["REDIS_URL"].rpartition("/")
    number = int(process.removeprefix("gw") or 0) + 1 if process else 0
    os.environ.update(REDIS_URL=f"{base}/{number}", SANDBOX_URL=f"http://{LOOPBACK}:{free_port()}")
    return (yield)


def _start_servers() -> None:
    from stack.testing import servers

    for name in FOREIGN:
        os.environ.pop(name, None)
    os.environ["BNPL_TESTING"] = "1"
    direct = f"{LOOPBACK},localhost"
    os.environ.update(NO_PROXY=direct, no_proxy=direct)
    try:
        os.environ.update(_servers.enter_context(servers()))
    except StackError as error:
        raise pytest.UsageError(str(error)) from None


def pytest_unconfigure() -> None:
    """Stop the servers of this run."""
    _servers.close()
