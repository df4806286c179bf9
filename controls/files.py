"""Files that show that a proposal is right: which are taken, known by their content and not by what they are called."""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import refuse
from core.sentences import Sentence

MOST_BYTES = 3 * 1024 * 1024
MOST_FILES = 5
LONGEST_NAME = 100
TYPES = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg", "txt": "text/plain; charset=utf-8"}
"""The types of files, as a browser shows them."""
_BEGINS = {"pdf": b"%PDF-", "png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff"}
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_UNNAMED = re.compile(r"[^\w .()-]+")


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file as it was given: its name and its content."""

    name: str
    body: bytes

    @property
    def sha256(self) -> str:
        """The SHA-256 of the content, in hexadecimal digits."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def text(self) -> str:
        """The content as text, in base64, as it is kept."""
        return base64.b64encode(self.body).decode()

    def told(self) -> dict[str, Any]:
        """Return what its proposal says of it: name, type, size in bytes and hash."""
        stem = _UNNAMED.sub("_", self.name.rsplit(".", 1)[0]).strip(" .")[:LONGEST_NAME] or "file"
        return {"name": f"{stem}.{type_of(self.body)}", "type": type_of(self.body), "size": len(self.body), "sha256": self.sha256}


def type_of(body: bytes) -> str:
    """Return the type of a content, one of `TYPES`; empty for any other."""
    for name, begins in _BEGINS.items():
        if body.startswith(begins):
            return name
    try:
        return "" if not body or _CONTROLS.search(body.decode()) else "txt"
    except UnicodeDecodeError:
        return ""


def check_files(files: Sequence[NamedFile]) -> None:
    """Refuse files that are too many, too large, the same twice or of another type; Invalid names `files`."""
    fault = ""
    if len(files) > MOST_FILES:
        fault = Sentence("at most %(most)d files", most=MOST_FILES)
    elif any(len(one.body) > MOST_BYTES for one in files):
        fault = Sentence("a file has at most %(most)d MB", most=MOST_BYTES // 1024 // 1024)
    elif not all(type_of(one.body) for one in files):
        fault = Sentence("only PDF, PNG, JPEG and plain text")
    elif len({one.sha256 for one in files}) < len(files):
        fault = Sentence("one of them is there twice")
    refuse({"files": fault})
