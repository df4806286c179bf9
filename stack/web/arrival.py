"""How much of a request has arrived, so that a thread can serve it without waiting for its client. Pure.

This module only finds where a request ends, within limits; the server's parser validates it. The parser gets exactly these bytes and then
an end, so that if the two disagree, the request is refused and never mixed with the next one.
"""

import re
import tempfile
from collections.abc import Iterator
from enum import Enum
from typing import IO

MOST_HEAD = 32 * 1024
MOST_BODY = 1024 * 1024
LARGER = (
    (b"/admin/learning/training/", 256 * 1024 * 1024),
    (b"/admin/", 16 * 1024 * 1024),
    (b"/profile/identity", 32 * 1024 * 1024),
    (b"/pictures/", 32 * 1024 * 1024),
)
"""Paths whose bodies may be larger, and how large; the application has the same limits (`core.api.middleware`)."""
_PIECE = 64 * 1024
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_FIELD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*", re.DOTALL)
_LENGTH = re.compile(rb"[0-9]{1,15}")
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?")
_LONGEST_CHUNK_LINE = 1024


class Part(Enum):
    """How much of a request has arrived; refusals have the server's names."""

    NOTHING = "nothing"
    SOME = "some"
    WHOLE = "whole"
    TOO_LONG_HEAD = "431 Request Header Fields Too Large"
    TOO_LONG_BODY = "413 Content Too Large"


class Arrival:
    """The bytes that a client has sent and no thread has served yet, and how much of a request they contain."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._begin()

    def _begin(self) -> None:
        self.is_last = False
        self.reply = b""
        self.large = self._rest = 0
        self._file: IO[bytes] | None = None
        self._head = self._end = self._seen = 0
        self._chunked = self._too_long = False
        self._dropped = slice(0, 0)

    def __len__(self) -> int:
        return len(self._bytes)

    @property
    def has_head(self) -> bool:
        """Whether the head has arrived, so that only the body is missing."""
        return self._head > 0

    def feed(self, data: bytes) -> Part:
        """Add received bytes and return how much of the request has arrived; `reply` is a response that the client waits for meanwhile.

        `is_last` of a whole request: no other can follow it, because its end is unknown or its body is left unread.
        """
        self._bytes += data
        self.reply = b""
        if not self._head:
            self._find_head()
        if (self._head or len(self._bytes)) > MOST_HEAD:
            return Part.TOO_LONG_HEAD
        if self._chunked and not self._end:
            self._find_last_chunk()
        if self._rest:
            self._put_aside()
        if self._too_long:
            return Part.TOO_LONG_BODY
        if self._end and len(self._bytes) >= self._end:
            return Part.WHOLE
        return Part.SOME if self._bytes else Part.NOTHING

    def take(self) -> bytes:
        """Return the whole request and begin with the next one, part of which may have arrived already: call `feed(b"")`.

        Of a request with a large body only the head: take `pieces` first.
        """
        taken = self._bytes[: self._end]
        del taken[self._dropped]
        del self._bytes[: self._end]
        self._begin()
        return bytes(taken)

    def pieces(self) -> Iterator[bytes]:
        """Return the large body of a whole request, in pieces, from the nameless file where it waits; nothing for any other request."""
        file = self._file
        if file is None:
            return iter(())
        file.seek(0)
        return iter(lambda: file.read(_PIECE), b"")

    def _put_aside(self) -> None:
        """Move what has arrived of a large body out of memory; with its last byte the request is whole."""
        if self._file is None:
            # Closed with this object.
            self._file = tempfile.TemporaryFile()  # noqa: SIM115
        part = self._bytes[self._head : self._head + self._rest]
        self._file.write(part)
        del self._bytes[self._head : self._head + len(part)]
        self._rest -= len(part)
        if not self._rest:
            self._end = self._head

    def _find_head(self) -> None:
        found = self._bytes.find(b"\r\n\r\n", max(0, self._seen - 3))
        self._seen = len(self._bytes)
        if found >= 0:
            self._head = self._seen = found + 4
            self._read_head()

    def _read_head(self) -> None:
        """Find out how the body ends; a request with an ambiguous head ends here, and is the last."""
        first, *lines = bytes(self._bytes[: self._head - 4]).split(b"\r\n")
        fields = [(found[1].lower(), found[2].lower()) for line in lines if (found := _FIELD.fullmatch(line))]
        lengths = [value for name, value in fields if name == b"content-length"]
        codings = [value for name, value in fields if name == b"transfer-encoding"]
        target = [*first.split(b" "), b""][1]
        most = next((most for prefix, most in LARGER if target.startswith(prefix)), MOST_BODY)
        doubtful = len(fields) != len(lines) or len(lengths) + len(codings) > 1 or codings not in ([], [b"chunked"])
        if doubtful or (lengths and (not _LENGTH.fullmatch(lengths[0]) or int(lengths[0]) > most)):
            self._end, self.is_last = self._head, True
        elif lengths and int(lengths[0]) > MOST_BODY:
            self.large, self.is_last = int(lengths[0]), True
            self._rest = self.large
        elif codings:
            self._chunked = True
        else:
            self._end = self._head + int(lengths[0] if lengths else 0)
        if (b"expect", b"100-continue") in fields and first.endswith(b"HTTP/1.1"):
            self._answer_waiting(lines)

    def _answer_waiting(self, lines: list[bytes]) -> None:
        """Ask the client to send a body that it holds back, unless it is refused unread; the server's parser must not ask again."""
        line = b"\r\n" + next(line for line in lines if line.lower().startswith(b"expect:"))
        at = self._bytes.find(line)
        self._dropped = slice(at, at + len(line))
        if self._rest or (not self.is_last and (self._chunked or self._end > len(self._bytes))):
            self.reply = _CONTINUE

    def _find_last_chunk(self) -> None:
        """Go from chunk to chunk, up to the end of the trailers after the last one."""
        while (line_end := self._bytes.find(b"\r\n", self._seen)) >= 0:
            size = _CHUNK.fullmatch(bytes(self._bytes[self._seen : line_end]))
            if size is None:
                self._give_up()
                return
            if int(size[1], 16) == 0:
                self._find_end_of_trailers(line_end + 2)
                return
            after = line_end + 2 + int(size[1], 16) + 2
            self._too_long = after - self._head > MOST_BODY
            if self._too_long or after > len(self._bytes):
                return
            self._seen = after
        if len(self._bytes) - self._seen > _LONGEST_CHUNK_LINE:
            self._give_up()

    def _find_end_of_trailers(self, start: int) -> None:
        if self._bytes[start : start + 2] == b"\r\n":
            self._end = start + 2
        elif (found := self._bytes.find(b"\r\n\r\n", start)) >= 0:
            self._end = found + 4
        else:
            self._too_long = len(self._bytes) - start > MOST_HEAD

    def _give_up(self) -> None:
        """Pass on what has arrived: the server's parser answers with its own error."""
        self._end, self.is_last = len(self._bytes), True
