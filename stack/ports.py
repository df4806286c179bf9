"""The ports of the stack: four consecutive ones from a base, and which process holds a busy one."""

import contextlib
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from stack.errors import PortBusy
from stack.processes import command_of

LOOPBACK = "127.0.0.1"
LISTENING = "0A"


@dataclass(frozen=True)
class Ports:
    """The ports that follow from one base."""

    base: int

    @property
    def web(self) -> int:
        """The platform."""
        return self.base

    @property
    def shop(self) -> int:
        """The demo shop."""
        return self.base + 1

    @property
    def sandbox(self) -> int:
        """The sandbox world."""
        return self.base + 2

    @property
    def redis(self) -> int:
        """The embedded Redis."""
        return self.base + 3


def is_free(port: int) -> bool:
    """Return whether a server could listen on this port of the loopback address."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def answers(port: int) -> bool:
    """Return whether something accepts connections on this port."""
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
        return True
    return False


def free_port() -> int:
    """Return a port that nothing uses now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def require_free(names: dict[str, int], patience_s: float = 2.0) -> None:
    """Raise PortBusy with the port, its use and the process that holds it. Waits a little for a process that was just stopped."""
    deadline = time.monotonic() + patience_s
    for name, port in names.items():
        while not is_free(port):
            if time.monotonic() > deadline:
                base = 9000 if port < 9000 else port + 100
                raise PortBusy(
                    f"Port {port} ({name}) is in use{_holder(port)}.\n"
                    f"Stop that program, or move all ports: python3 manage.py demo --port {base}"
                )
            time.sleep(0.1)


def _holder(port: int) -> str:
    """Return ` by COMMAND (pid N)` if the system shows it."""
    inodes = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for process in Path("/proc").glob("[0-9]*") if inodes else ():
        if _has_open(process, inodes):
            return f" by {command_of(int(process.name))[:80]} (pid {process.name})"
    return ""


def _has_open(process: Path, names: set[str]) -> bool:
    """Return whether a process has one of these sockets open; the process may close files during the search."""
    with contextlib.suppress(OSError):
        for link in (process / "fd").iterdir():
            with contextlib.suppress(OSError):
                if str(link.readlink()) in names:
                    return True
    return False


def _listening_inodes(port: int) -> set[str]:
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for row in Path(table).read_text().splitlines()[1:]:
                fields = row.split()
                if fields[3] == LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    found.add(fields[9])
    return found
