"""Where published lists come from: a file, a directory with one, or a web address."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import requests

from accounts.errors import ListUnreadable

CONNECT_S, READ_S, PIECE = 10.0, 60.0, 1 << 16
MOST_BYTES = 400_000_000


@contextmanager
def opened(place: str) -> Iterator[IO[bytes]]:
    """Open a list at a path or an https address; ListUnreadable. Of a directory, the file that was changed last is taken."""
    if place.startswith("https://"):
        with tempfile.TemporaryFile() as file:
            _fetch(place, file)
            file.seek(0)
            yield file
        return
    with _newest(Path(place)).open("rb") as file:
        yield file


def _newest(path: Path) -> Path:
    found = sorted(path.glob("*.[xX][mM][lL]"), key=lambda one: one.stat().st_mtime) if path.is_dir() else [path]
    if not found or not found[-1].is_file():
        raise ListUnreadable("There is no such file.")
    return found[-1]


def _fetch(address: str, file: IO[bytes]) -> None:
    """Write what an address answers to a file; ListUnreadable if it is too large, is no answer, or leads away from https."""
    try:
        with requests.get(address, timeout=(CONNECT_S, READ_S), stream=True) as answer:
            answer.raise_for_status()
            if any(not one.url.startswith("https://") for one in (*answer.history, answer)):
                raise ListUnreadable("The address leads away from https.")
            for piece in answer.iter_content(PIECE):
                if file.tell() + len(piece) > MOST_BYTES:
                    raise ListUnreadable("The file is too large.")
                file.write(piece)
    except requests.RequestException as error:
        raise ListUnreadable("The address does not answer.") from error
