"""Operating system processes: identify one, start one that cannot outlive its parent, stop one that is not a child."""

import ctypes
import os
import platform
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
LINUX: bool = platform.system() == "Linux"
# Loaded before any fork: between fork and exec nothing may be imported.
_LIBC = ctypes.CDLL(None, use_errno=True) if LINUX else None


@dataclass(frozen=True)
class Identity:
    """A process; its start time distinguishes it from a later one with the same id."""

    pid: int
    started: str


def era() -> str:
    """Return a name for this boot and process namespace: process ids recorded under another name are no longer valid."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}-{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return platform.system()


def identify(pid: int) -> Identity | None:
    """Return the process that has this id now; None if there is none, or only a zombie."""
    if LINUX:
        try:
            # The name, in parentheses, may itself contain spaces and parentheses.
            fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in "ZX" else Identity(pid, fields[19])
    shown = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout.split(None, 1)
    return Identity(pid, shown[1].strip()) if len(shown) == 2 and "Z" not in shown[0] else None


def command_of(pid: int) -> str:
    """Return the command line of a process, or an empty text if it cannot be read."""
    if LINUX:
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            return ""
    return subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout.strip()


def dying_with_parent(death_signal: int, niceness: int = 0) -> Callable[[], None]:
    """Return the function that a child runs before its program: the kernel signals the child when the supervisor is killed."""
    parent = os.getpid()

    def prepare() -> None:
        if niceness:
            os.nice(niceness)
        if _LIBC is not None:
            _LIBC.prctl(PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def signal_group(pid: int, number: int) -> bool:
    """Signal a process group by its leader's id; False if the group does not exist (any more)."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def wait_gone(identity: Identity, patience_s: float) -> bool:
    """Wait until a process that is not a child has ended; False if it still runs after `patience_s` seconds."""
    deadline = time.monotonic() + patience_s
    while identify(identity.pid) == identity:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def stop_stranger(identity: Identity, stop_signal: int, patience_s: float) -> None:
    """Stop a process left by an earlier supervisor: send its stop signal, then kill it and its whole group."""
    if identify(identity.pid) == identity:
        os.kill(identity.pid, stop_signal)
        if not wait_gone(identity, patience_s):
            os.kill(identity.pid, signal.SIGKILL)
            wait_gone(identity, 5)
    # An id stays in use while it names a group: if the leader has ended, the rest of the group was left by it.
    if identify(identity.pid) is None:
        signal_group(identity.pid, signal.SIGKILL)
