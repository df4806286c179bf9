"""`manage.py test`: pytest with its own PostgreSQL and Redis; the pytest plugin uses the same servers."""

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from stack import databases, freshness, programs, redis
from stack.errors import AlreadyRunning, StackError
from stack.folders import Folders
from stack.paths import ROOT, var_dir
from stack.ports import free_port
from stack.postgres import APPLICATION, Postgres
from stack.supervisor import Supervisor
from stack.variables import DATABASE, owner_environment

DRAFT = "migrating"
# The number of test runs that may run at the same time in one checkout, each on its own servers.
SLOTS = 8
CHOICES = ("-n", "--numprocesses", "--pdb", "--trace", "--collect-only", "--co", "--fixtures", "--markers", "--help", "-h", "--version")


def main(argv: Sequence[str]) -> int:
    """Replace this process by pytest, with the given arguments; a run of all tests uses two processes."""
    os.chdir(ROOT)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *_parallel(argv), *argv])  # noqa: S606


def _parallel(argv: Sequence[str]) -> list[str]:
    """Return the arguments for two processes, unless the caller chose a number or named tests."""
    chosen = any(part.split("=")[0] in CHOICES or part.startswith("-n") for part in argv)
    narrowed = any("::" in part or part.endswith(".py") for part in argv)
    return [] if chosen or narrowed else ["-n", "2", "--dist", "loadgroup"]


@contextmanager
def servers() -> Iterator[dict[str, str]]:
    """Run a PostgreSQL and a Redis for one test run; yield the variables that point to them."""
    with ExitStack() as stack:
        folders = _free_folder(stack)
        folders.make()
        (folders.var / "static").mkdir(exist_ok=True)
        supervisor = Supervisor(folders, say=lambda _text: None)
        stack.callback(supervisor.stop)
        supervisor.take_over()
        port = free_port()
        cluster = Postgres(folders, durable=False)
        supervisor.start(cluster.program(), redis.program(folders, port))
        cluster.create_database(DATABASE)
        yield {
            "BNPL_VAR": str(folders.var),
            # Tests run as the application; a test of how history is protected changes to the owner's role (`tests/owner.py`).
            "DATABASE_URL": f"{cluster.url(DATABASE)}&options=-c%20role%3D{APPLICATION}",
            "DATABASE_OWNER_URL": cluster.url(DATABASE),
            "REDIS_URL": redis.url(port),
            "BNPL_TEST_TEMPLATE": _migrated(supervisor, cluster),
            "PYTEST_DEBUG_TEMPROOT": _temporary(folders),
        }


def _temporary(folders: Folders) -> str:
    """Return a folder for pytest for this run only: pytest closes its folder to other users, such as that of a running database."""
    path = Path(tempfile.gettempdir()) / f"bnpl-{os.geteuid()}-{hashlib.sha256(os.fsencode(folders.var)).hexdigest()[:12]}"
    path.mkdir(exist_ok=True)
    return str(path)


def _migrated(supervisor: Supervisor, cluster: Postgres) -> str:
    """Return the name of a migrated database that every test process copies; it is made again when migrations change."""
    server, name = cluster.url("postgres"), f"migrated_{freshness.migrated_fingerprint()[:16]}"
    if databases.names(server, name):
        return name
    for old in databases.names(server, "migrat%"):
        databases.drop(server, old)
    cluster.create_database(DRAFT)
    roles = {"DATABASE_URL": cluster.url(DRAFT, APPLICATION), "DATABASE_OWNER_URL": cluster.url(DRAFT)}
    env = owner_environment({"BNPL_VAR": str(supervisor.folders.var), **roles})
    supervisor.run(programs.manage("migrate", "migrate", "--noinput", "-v", "0", env=env))
    databases.rename(server, DRAFT, name)
    return name


def _free_folder(stack: ExitStack) -> Folders:
    for slot in range(1, SLOTS + 1):
        folders = Folders(var_dir() / f"test-{slot}")
        try:
            stack.enter_context(folders.held("in use"))
        except AlreadyRunning:
            continue
        return folders
    raise StackError(f"{SLOTS} test runs are under way in {var_dir()} already.")
