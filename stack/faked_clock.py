"""A clock moved by Debian's libfaketime: the variables that fake the clock of a process and of its children.

The clock is moved by a fixed offset, so that all processes of a run see the same time, including a database started under another user. The
monotonic clock and the files' times stay real: time-outs and Python's caches of compiled modules depend on them.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from stack.errors import StackError

MISSING = "faketime is not installed, so that no other day can be tried. On Debian: apt-get install faketime"
SETTINGS = {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}
PASSED_ON = ("LD_PRELOAD", "FAKETIME", *SETTINGS)


def moved_to(moment: datetime, now: datetime) -> dict[str, str]:
    """Return the variables that set the faked clock to `moment` now; StackError if the library is missing."""
    ours = str(Path(__file__).parent / "faked")
    path = os.pathsep.join(filter(None, (ours, os.environ.get("PYTHONPATH"))))
    return {"LD_PRELOAD": _library(), "FAKETIME": f"{(moment - now).total_seconds():+.0f}", "PYTHONPATH": path, **SETTINGS}


def passed_on(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that pass a faked clock to a process with its own environment; empty if the clock is real.

    `FAKETIME_SHARED`, the library's memory shared by one user's processes, is left out: another user may not open it.
    """
    return {name: environ[name] for name in PASSED_ON if name in environ} if "FAKETIME" in environ else {}


def _library() -> str:
    """Ask the `faketime` command for its library, whose folder differs between machines; return the one for programs with threads."""
    command = shutil.which("faketime")
    if command is None:
        raise StackError(MISSING)
    told = subprocess.run([command, "-m", "-f", "+0", "printenv", "LD_PRELOAD"], capture_output=True, text=True, check=False)
    if told.returncode or not told.stdout.strip():
        raise StackError(f"faketime does not work here:\n{told.stdout}{told.stderr}")
    return told.stdout.strip().split(":")[0]
