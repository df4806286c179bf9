"""A clock moved by Debian's libfaketime: the variables that fake the clock of a process and of its children.

The clock is moved by a fixed offset, so that every process of a run sees the same time, also a database started under another user.
The monotonic clock and the files' times stay real: time-outs and Python's caches of compiled modules depend on them.
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
    """Return the variables under which it is `moment` now; StackError where the library is missing."""
    ours = str(Path(__file__).parent / "faked")
    path = os.pathsep.join(filter(None, (ours, os.environ.get("PYTHONPATH"))))
    return {"LD_PRELOAD": _library(), "FAKETIME": f"{(moment - now).total_seconds():+.0f}", "PYTHONPATH": path, **SETTINGS}


def passed_on(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that carry a faked clock into a process with an environment of its own; none where the clock is real.

    The library's memory shared among one user's processes (`FAKETIME_SHARED`) is left out: another user may not open it.
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
