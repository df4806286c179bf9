"""HTTP/1.1 on asyncio: parse requests, keep connections alive, commit in groups, answer.

All work happens on one thread, so two equal requests can never race. Requests that are readable in the same turn of the loop share one
SQLite commit, and their answers are sent after it.
"""

import asyncio
import logging
import time
from email.utils import formatdate
from http import HTTPStatus
from typing import Protocol

from sandbox.message import MAX_BODY_BYTES, Answer, Request, path_text, problem

MAX_HEAD_BYTES = 32 * 1024
REASONS = {status.value: status.phrase for status in HTTPStatus}
log = logging.getLogger("sandbox")


class Handler(Protocol):
    """What the HTTP server needs from the application."""

    def handle(self, request: Request) -> Answer:
        """Handle the request inside the open transaction."""

    def commit(self) -> None:
        """Commit everything handled so far."""


class Malformed(Exception):
    """Bytes that are not an HTTP request; the connection is closed after the answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class Engine:
    """Collects the answers of one turn of the loop and sends them after the commit."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.connections: set[Connection] = set()
        self._waiting: list[tuple[Connection, Answer]] = []

    def take(self, connection: "Connection", request: Request) -> None:
        """Handle a request now; its answer follows the commit."""
        try:
            answer = self.handler.handle(request)
        except Exception:
            log.exception("%s %s", request.method, request.path)
            answer = problem(500, "sandbox_error", "The sandbox has a fault. Its log says more.")
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self.flush)
        self._waiting.append((connection, answer))

    def flush(self) -> None:
        """Commit, then answer."""
        waiting, self._waiting = self._waiting, []
        try:
            self.handler.commit()
        except Exception:
            log.exception("commit failed")
            waiting = [(connection, problem(500, "storage_failed", "The sandbox could not write.")) for connection, _ in waiting]
        for connection, answer in waiting:
            if answer.delay_s:
                asyncio.get_running_loop().call_later(answer.delay_s, connection.send, answer)
            else:
                connection.send(answer)


class Connection(asyncio.Protocol):
    """One client; requests on it are answered in order, one at a time."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.buffer = bytearray()
        self.transport: asyncio.Transport | None = None
        self.busy = False
        self.keep_alive = True
        self.head_only = False
        self.told_to_continue = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.engine.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self.engine.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.busy:
            self.advance()
        elif len(self.buffer) > MAX_BODY_BYTES + MAX_HEAD_BYTES and self.transport:
            self.transport.abort()

    def advance(self) -> None:
        """Take the next request out of the buffer, if it is complete."""
        if self.busy or self.transport is None:
            return
        try:
            request = self._next_request()
        except Malformed as error:
            self.keep_alive, self.busy = False, True
            self.send(problem(error.status, "malformed_request", error.message))
            return
        if request is not None:
            self.busy = True
            self.engine.take(self, request)

    def send(self, answer: Answer) -> None:
        """Write an answer, or close without one, or keep the client waiting."""
        if self.transport is None:
            return
        if answer.silent:
            return
        if answer.hang_up:
            self.transport.close()
            return
        self.transport.write(rendered(answer, self.keep_alive, self.head_only))
        if not self.keep_alive:
            self.transport.close()
            return
        self.busy = self.told_to_continue = False
        if self.buffer:
            asyncio.get_running_loop().call_soon(self.advance)

    def _next_request(self) -> Request | None:
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self.buffer) > MAX_HEAD_BYTES:
                raise Malformed(431, "The request head is too long.")
            return None
        method, target, version, headers = parsed_head(bytes(self.buffer[:end]))
        framed = self._body(headers, end + 4)
        if framed is None:
            return None
        body, consumed = framed
        del self.buffer[:consumed]
        connection = headers.get("connection", "").lower()
        self.keep_alive = connection != "close" if version == "HTTP/1.1" else connection == "keep-alive"
        self.head_only = method == "HEAD"
        raw_path, _, query_string = target.partition("?")
        return Request("GET" if self.head_only else method, path_text(raw_path), query_string, headers, body)

    def _body(self, headers: dict[str, str], start: int) -> tuple[bytes, int] | None:
        """The body and the end of the request in the buffer, or None while bytes are missing."""
        if "transfer-encoding" in headers:
            self._invite_body(headers)
            return unchunked(self.buffer, start)
        length_text = headers.get("content-length", "0")
        if not length_text.isascii() or not length_text.isdigit():
            raise Malformed(400, "Content-Length is not a number.")
        length = int(length_text[:18])
        if length > MAX_BODY_BYTES:
            raise Malformed(413, f"The body is over {MAX_BODY_BYTES} bytes.")
        if len(self.buffer) < start + length:
            self._invite_body(headers)
            return None
        return bytes(self.buffer[start : start + length]), start + length

    def _invite_body(self, headers: dict[str, str]) -> None:
        if headers.get("expect", "").lower() == "100-continue" and not self.told_to_continue and self.transport:
            self.told_to_continue = True
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")


def parsed_head(head: bytes) -> tuple[str, str, str, dict[str, str]]:
    """Method, target, version and headers of a request head."""
    lines = head.decode("latin-1").split("\r\n")
    parts = lines[0].split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise Malformed(400, "This is not an HTTP/1.1 request.")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon:
            raise Malformed(400, "A header line has no colon.")
        headers[name.lower()] = value.strip()
    return parts[0], parts[1], parts[2], headers


def unchunked(buffer: bytearray, position: int) -> tuple[bytes, int] | None:
    """A chunked body and its end, or None while chunks are missing."""
    body = bytearray()
    while True:
        line_end = buffer.find(b"\r\n", position)
        if line_end < 0:
            return None
        try:
            size = int(bytes(buffer[position:line_end]).split(b";")[0], 16)
        except ValueError:
            raise Malformed(400, "A chunk has no size.") from None
        if size < 0 or len(body) + size > MAX_BODY_BYTES:
            raise Malformed(413, f"The body is over {MAX_BODY_BYTES} bytes.")
        if len(buffer) < line_end + 2 + size + 2:
            return None
        if size == 0:
            return bytes(body), line_end + 4
        body += buffer[line_end + 2 : line_end + 2 + size]
        position = line_end + 2 + size + 2


class HttpDate:
    """The Date header, made once a second."""

    second = 0
    text = ""

    @classmethod
    def now(cls) -> str:
        """Return the current date."""
        second = int(time.time())
        if second != cls.second:
            cls.second, cls.text = second, formatdate(second, usegmt=True)
        return cls.text


def rendered(answer: Answer, keep_alive: bool, head_only: bool) -> bytes:
    """An answer as bytes."""
    extra = "".join(f"{name}: {value}\r\n" for name, value in answer.headers)
    head = (
        f"HTTP/1.1 {answer.status} {REASONS.get(answer.status, 'Status')}\r\nServer: sandbox\r\nDate: {HttpDate.now()}\r\n"
        f"Content-Type: {answer.content_type}\r\nContent-Length: {len(answer.body)}\r\n"
        f"Connection: {'keep-alive' if keep_alive else 'close'}\r\n{extra}\r\n"
    ).encode("latin-1", "replace")
    return head if head_only else head + answer.body
