"""The supervisor: starts programs in order, restarts those that die, stops all in reverse order, and cleans up after a killed one."""

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable, Iterator

from stack.errors import ProgramFailed, StopRequested
from stack.folders import Folders, read_json, write_json
from stack.processes import Identity, era, identify, stop_stranger
from stack.program import Program, Run

# A program that ran this long is restarted at once; after a shorter run the wait doubles.
SETTLED_S = 10.0
FIRST_WAIT_S = 0.25
LONGEST_WAIT_S = 30.0
# While a one-shot runs, its last line is shown this often.
TELL_EVERY_S = 5.0

Say = Callable[[str], None]
Pids = dict[str, int | None]


class Supervisor:
    """Runs programs in stages. Every public method except `stop` raises StopRequested after a signal has asked to stop."""

    def __init__(self, folders: Folders, say: Say = print, on_change: Callable[[Pids], None] = lambda _pids: None) -> None:
        self.folders = folders
        self.say = say
        self.on_change = on_change
        self.runs: dict[str, Run] = {}
        self.stages: list[list[str]] = []
        self._programs: dict[str, Program] = {}
        self._due: dict[str, float] = {}
        self._wait_s: dict[str, float] = {}
        self._asked = 0
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        os.set_blocking(self._wake_read, False)

    # -- signals

    @contextlib.contextmanager
    def signals(self) -> Iterator[None]:
        """Turn Ctrl-C, SIGTERM and SIGHUP into an orderly stop, and wake at once when a child ends."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, self._ask) for number in numbers}
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        wakeup = signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ask(self, *_: object) -> None:
        self._asked += 1

    def _sleep(self, timeout_s: float) -> None:
        """Sleep until a signal arrives or the time is over; never raises."""
        if select.select([self._wake_read], [], [], max(0.0, timeout_s))[0]:
            with contextlib.suppress(BlockingIOError):
                os.read(self._wake_read, 4096)

    def _check(self) -> None:
        if self._asked:
            raise StopRequested

    # -- what an earlier supervisor left

    def take_over(self) -> int:
        """Stop every process that a killed supervisor left running; return how many there were.

        They are stopped and started again, not adopted: a process that is not our child cannot be waited for, and its environment may be
        stale.
        """
        record = read_json(self.folders.processes)
        left = record.get("programs", []) if record.get("era") == era() else []
        found = 0
        for entry in reversed(left):
            identity = Identity(entry["pid"], entry["started"])
            if identify(identity.pid) == identity:
                found += 1
                self.say(f"Stopping {entry['name']} (pid {identity.pid}), left running by an earlier start")
            stop_stranger(identity, entry["stop_signal"], entry["stop_s"])
        self.folders.processes.unlink(missing_ok=True)
        return found

    def _record(self) -> None:
        """Record the running processes, first for a later start that must stop them, then for the listener."""
        programs = [
            {**vars(run.identity), "name": name, "stop_signal": int(run.program.stop_signal), "stop_s": run.program.stop_s}
            for name, run in self.runs.items()
        ]
        write_json(self.folders.processes, {"era": era(), "supervisor": os.getpid(), "programs": programs})
        self.on_change({name: run.pid for name, run in self.runs.items()})

    # -- starting

    def start(self, *programs: Program) -> None:
        """Start the programs of one stage together and wait until each is up; ProgramFailed names one that is not."""
        self.stages.append([program.name for program in programs])
        for program in programs:
            self._check()
            self._programs[program.name] = program
            self._launch(program)
        for program in programs:
            self._wait_up(program)

    def run(self, program: Program) -> None:
        """Run a one-shot to its end; ProgramFailed with the end of its log when it does not succeed."""
        self._check()
        self._launch(program)
        self.finish(program)

    def finish(self, program: Program) -> None:
        """Wait for the end of a one-shot that was started."""
        run = self.runs[program.name]
        told_s = run.lived_s()
        while run.process.poll() is None:
            self._check()
            self._sleep(0.1)
            if run.lived_s() - told_s > TELL_EVERY_S:
                told_s = run.lived_s()
                self.say(f"  ... {run.last_line()}")
        self._forget(program.name)
        if run.process.returncode:
            raise ProgramFailed(f"{program.name} {run.how_it_ended()}; the end of {run.log}:\n{run.log_tail()}")
        program.on_success()

    def _launch(self, program: Program) -> None:
        self.runs[program.name] = Run(program, self.folders.log / f"{program.name}.log")
        self._record()

    def _forget(self, name: str) -> None:
        self.runs.pop(name).sweep()
        self._record()

    def _wait_up(self, program: Program) -> None:
        tries_left = program.tries
        while True:
            run = self.runs[program.name]
            ended = run.process.poll() is not None
            if not ended and program.is_up(run):
                return
            self._check()
            if ended and not (program.one_shot and run.process.returncode == 0):
                tries_left -= 1
                if tries_left == 0:
                    raise ProgramFailed(f"{program.name} {run.how_it_ended()}; the end of {run.log}:\n{run.log_tail()}")
                run.sweep()
                self._sleep(1.0)
                self._launch(program)
            elif ended:
                return
            elif run.lived_s() > program.start_s:
                raise ProgramFailed(f"{program.name} was not up after {program.start_s:.0f} s; the end of {run.log}:\n{run.log_tail()}")
            self._sleep(0.05)

    # -- watching

    def watch(self) -> None:
        """Restart programs that die, with growing waits, until a signal asks to stop; then raise StopRequested."""
        while True:
            self._check()
            self.tend()
            soonest = min(self._due.values(), default=time.monotonic() + 5.0)
            self._sleep(min(5.0, soonest - time.monotonic()))

    def tend(self) -> None:
        """Check once: record the programs that ended, and restart those whose wait is over."""
        for name, run in list(self.runs.items()):
            if run.process.poll() is not None:
                self._note_end(name, run)
        for name, due in list(self._due.items()):
            if time.monotonic() >= due:
                del self._due[name]
                self._launch(self._programs[name])
                self.say(f"{name} is started again (pid {self.runs[name].pid})")

    def _note_end(self, name: str, run: Run) -> None:
        self._forget(name)
        if run.program.one_shot:
            if run.process.returncode == 0:
                run.program.on_success()
            else:
                self.say(f"{name} {run.how_it_ended()}; the end of {run.log}:\n{run.log_tail(5)}")
            return
        wait_s = 0.0 if run.lived_s() > SETTLED_S else min(LONGEST_WAIT_S, self._wait_s.get(name, FIRST_WAIT_S / 2) * 2)
        self._wait_s[name] = wait_s or FIRST_WAIT_S / 2
        self._due[name] = time.monotonic() + wait_s
        self.say(f"{name} {run.how_it_ended()}")

    # -- stopping

    def stop(self) -> None:
        """Stop every program, the last stage first, each with its own signal and time limit; a second Ctrl-C shortens the wait."""
        self._due.clear()
        asked = self._asked
        staged = [name for stage in self.stages for name in stage]
        loose = [name for name in self.runs if name not in staged]
        for stage in [loose, *reversed(self.stages)] if loose else list(reversed(self.stages)):
            runs = [self.runs[name] for name in stage if name in self.runs]
            for run in runs:
                run.ask_to_stop()
            deadlines = {run: time.monotonic() + run.program.stop_s for run in runs}
            while any(run.process.poll() is None and time.monotonic() < deadlines[run] for run in runs):
                if self._asked > asked:
                    break
                self._sleep(0.1)
            for run in runs:
                run.wait_stopped(0)
                del self.runs[run.program.name]
            self._record()
        self.folders.processes.unlink(missing_ok=True)
