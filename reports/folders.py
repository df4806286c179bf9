"""Folders for our own cases while a model is learned from them; those of processes that are gone are deleted at the next start."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "bnpl-cases-"


@contextmanager
def folder_of_cases() -> Iterator[Path]:
    """Make a folder that only this user reads and that bears the number of this process; delete it at the end."""
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-") as folder:
        yield Path(folder)


def clean_folders(*, pid: int = 0) -> int:
    """Delete the folders of processes that are gone, or of one process; return how many. Other users' folders are left alone."""
    done = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdecimal() and _is_ours(folder) and (int(owner) == pid if pid else not _lives(int(owner))):
            shutil.rmtree(folder, ignore_errors=True)
            done += 1
    return done


def _is_ours(folder: Path) -> bool:
    try:
        return folder.lstat().st_uid == os.getuid() and folder.is_dir() and not folder.is_symlink()
    except OSError:
        return False


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
