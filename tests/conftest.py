"""Fixtures for whole processes: the sandbox world, any program on this test's database, a browser."""

import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import redis
from django.db import connection, connections
from django.test.utils import setup_databases, teardown_databases

from accounts.classes import known_classes
from accounts.screening.queries import _versions
from bnpl.env import ROOT
from brands.queries import by_settings, known_brands
from collection.judges import roles_of_reminders
from controls.services import ruling
from controls.services.adjusting import changed_values
from core import clock, providers, roles
from core.remembered import Remembered
from credit.scoring import roles_of_credit
from fraud.scoring import roles_of_fraud
from markets.queries import (
    affordability_rows,
    contact_rows,
    economy_rows,
    fee_rows,
    level_rows,
    order_rows,
    partial_check_rows,
    register_rows,
    screening_rows,
)
from stack import programs
from stack.folders import Folders
from stack.program import Program
from stack.supervisor import Supervisor
from stack.variables import process_environment
from tests.flush import flush
from tests.owner import as_owner

# Chromium without a window is the same engine and uses a third less.
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "/usr/bin/chromium")


def _port(url: str) -> int:
    return int(url.rpartition(":")[2])


@pytest.fixture(autouse=True)
def own_clock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start every test at real time: a process remembers the sandbox's moved clock of the previous test for a moment.

    In a test of one transaction nothing that is remembered expires, so that counts of queries do not depend on how quick the machine is.
    """
    clock.forget()
    mark = request.node.get_closest_marker("django_db")
    monkeypatch.setattr(Remembered, "expires", mark is not None and bool(mark.kwargs.get("transaction")))


@pytest.fixture(autouse=True)
def own_accounts() -> None:
    """Start every test with the accounts made from the variables, without adapters that the previous test replaced."""
    providers.keep([])


@pytest.fixture(autouse=True)
def own_brands() -> None:
    """Start every test with the one brand of the variables, without those that the previous test made."""
    default = by_settings()
    known_brands.keep({default.code: default})


@pytest.fixture(autouse=True)
def own_rules() -> None:
    """Start every test without rules, changed settings and models, as a process that has just found that there are none."""
    ruling.keep_none()
    changed_values.keep({})
    economy_rows.keep([])
    affordability_rows.keep([])
    partial_check_rows.keep([])
    contact_rows.keep([])
    fee_rows.keep([])
    order_rows.keep([])
    register_rows.keep([])
    screening_rows.keep([])
    level_rows.keep([])
    _versions.keep({})
    known_classes.forget()
    roles_of_fraud.keep({})
    roles_of_credit.keep({})
    roles_of_reminders.keep({})


@pytest.fixture(autouse=True)
def own_counters(settings) -> None:
    """Start every test without counters of fraud: Redis keeps those of tests whose rows were rolled back."""
    settings.FRAUD_COUNTERS = f"fraud:{uuid4().hex}"
    settings.SOURCE_FAILURES = f"sources:{uuid4().hex}"


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any, django_db_modify_db_settings: None) -> Iterator[None]:
    """Make the test database as its owner; tests then use it in the application's role.

    Begin as tests that commit leave it, so that no test depends on whether one ran before: without the history that migrations wrote.
    """
    with django_db_blocker.unblock(), roles.as_owner():
        made = setup_databases(verbosity=0, interactive=False)
        flush()
    yield
    with django_db_blocker.unblock(), roles.as_owner():
        teardown_databases(made, verbosity=0)


@pytest.fixture(autouse=True)
def _owner_in_the_same_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands that need the owner's role run inside a test's transaction."""
    monkeypatch.setattr(roles, "as_owner", as_owner)


@pytest.fixture(scope="session")
def sandbox_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a sandbox for this test process alone, at settings.SANDBOX_URL; give its address."""
    url = os.environ["SANDBOX_URL"]
    supervisor = Supervisor(Folders(tmp_path_factory.mktemp("sandbox")), say=lambda _text: None)
    supervisor.folders.make()
    argv = (sys.executable, "-m", "sandbox", "--host", "127.0.0.1", "--port", str(_port(url)), "--db", ":memory:", "--quiet")
    env = process_environment({})
    database = supervisor.folders.var / "sandbox.sqlite3"
    argv = tuple(str(database) if part == ":memory:" else part for part in argv)
    world = Program(name="sandbox", argv=argv, env=env, cwd=ROOT, is_up=lambda _run: programs.responds(_port(url), "/control/health"))
    supervisor.start(world)
    yield url
    supervisor.stop()


@pytest.fixture
def process_env(settings) -> dict[str, str]:
    """Give the environment of a real process that uses this test's own database, Redis and sandbox.

    Redis begins empty: what processes of earlier tests counted belongs to rows that are gone.
    The process sees only committed rows: use it with `@pytest.mark.django_db(transaction=True)`.
    """
    database = settings.DATABASES["default"]
    base, _, query = os.environ["DATABASE_URL"].partition("?")
    url = f"{base.rpartition('/')[0]}/{database['NAME']}" + (f"?{query}" if query else "")
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
    return process_environment({"DATABASE_URL": url, "BNPL_TESTING": "1"})


@pytest.fixture
def spawn(tmp_path: Path, process_env: dict[str, str]) -> Iterator[Callable[..., Supervisor]]:
    """Give a function that starts programs and waits until they are up; all are stopped when the test ends.

    `supervisor = spawn(programs.worker("worker-1", process_env))`; `supervisor.runs["worker-1"].pid` is what a test may kill.
    """
    started: list[Supervisor] = []

    def start(*wanted: Program) -> Supervisor:
        supervisor = Supervisor(Folders(tmp_path / f"stack-{len(started)}"), say=lambda _text: None)
        supervisor.folders.make()
        started.append(supervisor)
        supervisor.start(*wanted)
        return supervisor

    yield start
    for supervisor in reversed(started):
        supervisor.stop()


@pytest.fixture
def at_once():
    """Give a function that runs a function in several threads at the same moment and returns what each returned or raised."""

    def run(count: int, work: Callable[[int], object]) -> list[object]:
        start, results = threading.Barrier(count), [None] * count

        def one(number: int) -> None:
            start.wait()
            try:
                results[number] = work(number)
            except Exception as error:  # noqa: BLE001  (whatever it is, the test looks at it)
                results[number] = error
            finally:
                connection.close()

        threads = [threading.Thread(target=one, args=[number]) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    return run


@pytest.fixture(scope="session")
def chromium() -> str:
    """Give the path of a Chromium; skip with the reason where there is none."""
    for name in CHROMIUM:
        if found := shutil.which(name):
            return found
    pytest.skip("no Chromium on this machine (on Debian: apt-get install chromium-headless-shell, or chromium)")


@pytest.fixture(scope="session")
def browser(chromium: str, django_db_setup: None):
    """Give a running browser.

    Playwright's event loop keeps running in this thread: Django would refuse the database there, and gives the thread another
    connection meanwhile. The earlier connection is closed, so that a process forked later cannot use it by mistake; the other
    one is closed when the loop ends.
    """
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    connections.close_all()
    with playwright.sync_playwright() as machine:
        instance = machine.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        yield instance
        instance.close()
        connections.close_all()


@pytest.fixture
def page(browser):
    """Give a fresh page of a phone's width, without cookies or cache of an earlier test."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-US", timezone_id="UTC")
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()
