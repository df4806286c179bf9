"""The supervisor's programs: the description of a program, and one run of it."""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stack.processes import Identity, dying_with_parent, identify, signal_group

LOG_LIMIT_BYTES = 20_000_000


def _at_once(run: "Run") -> bool:
    return run.process.poll() is None


@dataclass(frozen=True)
class Program:
    """A program: how to start it, how to know that it is up, how to stop it.

    A one-shot ends by itself and is not restarted; `on_success` runs after it succeeded. `prepare` runs before every start.
    `tries`: how many starts may fail before it counts as failed; more than one if leftovers of a killed program may prevent a start.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    is_up: Callable[["Run"], bool] = _at_once
    prepare: Callable[[], None] = lambda: None
    on_success: Callable[[], None] = lambda: None
    one_shot: bool = False
    niceness: int = 0
    cwd: Path | None = None
    user: str | None = None
    group: int | None = None
    stop_signal: int = signal.SIGTERM
    start_s: float = 60
    stop_s: float = 10
    tries: int = 1


class Run:
    """A started program: its process, its log, its start time."""

    def __init__(self, program: Program, log: Path) -> None:
        program.prepare()
        self.program = program
        self.log = log
        if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as output:
            self.log_start = output.tell()
            self.process = self._spawn(program, output.fileno())
        self.started_at = time.monotonic()
        self.identity = identify(self.process.pid) or Identity(self.process.pid, "")

    @staticmethod
    def _spawn(program: Program, output: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            program.argv,
            env=dict(program.env) or None,
            cwd=program.cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C reaches only the supervisor, which then stops everything in order.
            start_new_session=True,
            # The supervisor has one thread, so that code between fork and exec is safe.
            preexec_fn=dying_with_parent(program.stop_signal, program.niceness),  # noqa: PLW1509
            user=program.user,
            group=program.group,
            extra_groups=None if program.user is None else [],
        )

    @property
    def pid(self) -> int:
        """The process id."""
        return self.process.pid

    def logged(self) -> str:
        """Return what this run has written so far."""
        with self.log.open("rb") as file:
            file.seek(self.log_start)
            return file.read().decode(errors="replace")

    def log_tail(self, lines: int = 15) -> str:
        """Return the last lines that this run has written, indented."""
        return "\n".join(f"  | {line}" for line in self.logged().splitlines()[-lines:])

    def last_line(self) -> str:
        """Return the last line that this run has written, such as the latest state of a progress bar."""
        lines = self.logged().replace("\r", "\n").split("\n")
        return next((line.strip()[:100] for line in reversed(lines) if line.strip()), "")

    def lived_s(self) -> float:
        """Return for how many seconds it has been running."""
        return time.monotonic() - self.started_at

    def how_it_ended(self) -> str:
        """Return the end of the process in words."""
        code = self.process.poll()
        if code is None:
            return "is running"
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"

    def sweep(self) -> None:
        """Kill the rest of the process group: the children of a dead web master would hold its port."""
        signal_group(self.pid, signal.SIGKILL)

    def ask_to_stop(self) -> None:
        """Send the program's own stop signal."""
        if self.process.poll() is None:
            self.process.send_signal(self.program.stop_signal)

    def wait_stopped(self, patience_s: float) -> None:
        """Wait for the end, then kill the process with its whole group."""
        try:
            self.process.wait(max(0.0, patience_s))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.sweep()
