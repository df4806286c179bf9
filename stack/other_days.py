"""`make test-calendar`: run the tests that need no browser on calendar days that programs often get wrong.

Tests, PostgreSQL, Redis, workers and the sandbox all use one faked clock, which keeps running: a run that begins shortly before midnight,
or before daylight saving time changes, continues across that moment. `python -m stack.other_days --only leap-day --lf` runs one day and
passes the other arguments to pytest.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from stack import faked_clock
from stack.errors import StackError
from stack.paths import ROOT, var_dir
from stack.processes import dying_with_parent, identify

SHORTLY = timedelta(minutes=2)


def days(now: datetime) -> dict[str, datetime]:
    """Return the times at which runs begin, by name."""
    return {
        "leap-day": datetime(2028, 2, 29, 12, 0, tzinfo=UTC),
        "new-years-eve": datetime(2026, 12, 31, 23, 59, tzinfo=UTC),
        "new-york-spring": datetime(2027, 3, 14, 7, 0, tzinfo=UTC) - SHORTLY,
        "new-york-autumn": datetime(2027, 11, 7, 6, 0, tzinfo=UTC) - SHORTLY,
        "copenhagen-spring": datetime(2027, 3, 28, 1, 0, tzinfo=UTC) - SHORTLY,
        "copenhagen-autumn": datetime(2027, 10, 31, 1, 0, tzinfo=UTC) - SHORTLY,
        "five-years-on": now + timedelta(days=5 * 365 + 1),
    }


def arguments(names: Sequence[str]) -> argparse.ArgumentParser:
    """Return the command's own options; unknown arguments are for pytest."""
    parser = argparse.ArgumentParser(prog="python -m stack.other_days", description=__doc__, allow_abbrev=False)
    parser.add_argument("--only", action="append", choices=names, metavar="DAY", help=f"one of {', '.join(names)}; may be repeated")
    return parser


def run(name: str, moment: datetime, rest: Sequence[str]) -> bool:
    """Run the tests from a time on; print the result, and return whether all passed. Each day has its own servers, cache and log."""
    folder = var_dir() / "calendar" / name
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "log"
    print(f"{name}: {moment:%d %B %Y %H:%M} UTC ...", flush=True)
    began = time.monotonic()
    variables = {**os.environ, **faked_clock.moved_to(moment, datetime.now(UTC)), "BNPL_VAR": str(folder)}
    command = [sys.executable, str(ROOT / "manage.py"), "test", "-m", "not browser", "-o", f"cache_dir={folder / 'cache'}", *rest]
    with log.open("wb") as output:
        done = subprocess.run(
            command, cwd=ROOT, env=variables, stdout=output, stderr=subprocess.STDOUT, preexec_fn=_ending_with_us(), check=False
        )
    _clear()
    print(f"  {_ending(log)} ({time.monotonic() - began:.0f} s of a real clock; {log})", flush=True)
    return done.returncode == 0


def _ending_with_us() -> Callable[[], None]:
    """Return the function that runs before pytest: killing this process interrupts pytest, even if a background shell ignores that."""
    dying = dying_with_parent(signal.SIGINT)

    def prepare() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        dying()

    return prepare


def _clear() -> None:
    """Remove libfaketime's shared memory left by processes that were killed."""
    for path in Path("/dev/shm").glob("*faketime_s*"):  # noqa: S108
        number = path.name.rpartition("_")[2]
        if number.isdecimal() and identify(int(number)) is None:
            path.unlink(missing_ok=True)


def _ending(log: Path) -> str:
    """Return the failures, and pytest's last line."""
    lines = log.read_text(errors="replace").splitlines() or ["no output"]
    failed = [line for line in lines if line.startswith(("FAILED ", "ERROR "))]
    return "\n  ".join([*failed, lines[-1].strip("= ")])


def main(argv: Sequence[str]) -> int:
    """Run the days one after the other; return 0 if every test passed on every day."""
    now = datetime.now(UTC)
    moments = days(now)
    options, rest = arguments(list(moments)).parse_known_args(argv)
    try:
        faked_clock.moved_to(now, now)
    except StackError as error:
        print(error, file=sys.stderr)
        return 2
    failed = [name for name in options.only or moments if not run(name, moments[name], rest)]
    print(f"Failed on: {', '.join(failed)}" if failed else "All days passed.", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
