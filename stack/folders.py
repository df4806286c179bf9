"""The paths of everything that the stack stores: one folder, `$BNPL_VAR`."""

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stack.errors import AlreadyRunning

# Removed by `--reset`. A list and not the whole folder, because `$BNPL_VAR` may also contain other things.
OWN = ("pg", "redis", "run", "log", "sandbox.sqlite3*", "beat-schedule*", "shop*", "seed.json", "demo.json", "*.env")


@dataclass(frozen=True)
class Folders:
    """The paths below one `$BNPL_VAR`."""

    var: Path

    @property
    def log(self) -> Path:
        """The logs, one file for each program."""
        return self.var / "log"

    @property
    def run(self) -> Path:
        """Files in which the supervisor records its state for its next start."""
        return self.var / "run"

    @property
    def processes(self) -> Path:
        """The running processes with their start times, so that a later start can stop them."""
        return self.run / "processes.json"

    @property
    def stack_env(self) -> Path:
        """The variables of the running stack, read by `bnpl.env` in every other command."""
        return self.var / "stack.env"

    @property
    def owner_env(self) -> Path:
        """The database URL of the tables' owner, read only by the commands that change tables."""
        return self.var / "owner.env"

    @property
    def demo_json(self) -> Path:
        """Addresses, sign-ins and process ids, for users' scripts."""
        return self.var / "demo.json"

    @property
    def seed_json(self) -> Path:
        """The merchants, operators and consumers that seeding made."""
        return self.var / "seed.json"

    def make(self) -> None:
        """Make the folders that every program expects."""
        for folder in (self.var, self.log, self.run):
            folder.mkdir(parents=True, exist_ok=True)

    def wipe(self) -> None:
        """Remove all data and the files about it; built static files stay."""
        for path in [path for pattern in OWN for path in self.var.glob(pattern)]:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        self.make()

    @contextlib.contextmanager
    def held(self, refusal: str) -> Iterator[None]:
        """Hold the folder for this process alone, or raise AlreadyRunning. The kernel releases the lock even after kill -9."""
        self.var.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.var, os.O_RDONLY)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AlreadyRunning(refusal) from None
            yield
        finally:
            os.close(descriptor)


def write_atomically(path: Path, text: str, mode: int = 0o644) -> None:
    """Replace a file in one step, so that no reader ever sees half of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Replace a JSON file in one step."""
    write_atomically(path, json.dumps(value, indent=2) + "\n")


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file, or an empty one if the file is missing or unreadable."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def write_env(path: Path, values: Mapping[str, str]) -> None:
    """Replace a file of KEY=VALUE lines in one step; only its owner may read it."""
    write_atomically(path, "".join(f"{key}={value}\n" for key, value in values.items()), 0o600)


def read_env(path: Path) -> dict[str, str]:
    """Return the values of a file of KEY=VALUE lines."""
    if not path.exists():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {key.strip(): value.strip() for key, value in pairs}
