"""One signed POST to a merchant's server, to the very IP address that was checked, within one deadline.

The name is resolved once and the connection is made to the resolved address, so that a later change of the name
(DNS rebinding) has no effect; no redirect is followed, no proxy is used. The deadline holds for the whole exchange, since
a server that sends a byte now and then would never exceed the time-out of a single read.
"""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from webhooks.rules import Refused, Target, may_call, read_target

TIMEOUT_S = 20.0
MAX_ANSWER = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a try: the status and the beginning of the answer, or the reason why there is no answer."""

    status_code: int | None
    text: str
    error: str
    duration_ms: int

    @property
    def ok(self) -> bool:
        """Whether the server accepted the event: only a 2xx counts."""
        return self.status_code is not None and 200 <= self.status_code < 300


def post(url: str, *, headers: Mapping[str, str], body: bytes, sandbox: bool, timeout_s: float = TIMEOUT_S) -> Answer:
    """Post a body and return the answer; never raises for an error of the other side or the network."""
    start = time.monotonic()
    status, text, error = None, "", ""
    try:
        target = read_target(url, sandbox=sandbox)
        status, text = _exchange(target, _request(target, headers, body), deadline=start + timeout_s)
    except Refused as refused:
        error = f"refused: {refused}"
    except TimeoutError:
        error = f"no answer within {timeout_s:g} s"
    except ssl.SSLCertVerificationError as failed:
        error = f"certificate not valid: {failed.verify_message}"
    except socket.gaierror:
        error = "the host name does not resolve"
    except (OSError, http.client.HTTPException) as failed:
        error = f"{type(failed).__name__}: {failed}"
    if status is not None and not 200 <= status < 300:
        error = "redirects are not followed" if 300 <= status < 400 else f"answered {status}"
    return Answer(status, text, error[:200].replace("\x00", ""), int((time.monotonic() - start) * 1000))


def _request(target: Target, headers: Mapping[str, str], body: bytes) -> bytes:
    host = target.origin.partition("://")[2]
    lines = [f"POST {target.path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


def _exchange(target: Target, request: bytes, *, deadline: float) -> tuple[int, str]:
    with _connect(target, deadline) as connection:
        connection.settimeout(_left(deadline))
        connection.sendall(request)
        answer = http.client.HTTPResponse(_Timed(connection, deadline), method="POST")  # type: ignore[arg-type]
        answer.begin()
        return answer.status, _beginning(answer)


def _beginning(answer: http.client.HTTPResponse) -> str:
    """Read up to 64 kB of the answer; the status counts even if the rest is cut off or never ends."""
    try:
        read = answer.read(MAX_ANSWER)
    except http.client.IncompleteRead as short:
        read = short.partial
    except (OSError, http.client.HTTPException):
        read = b""
    return read.decode("utf-8", "replace").replace("\x00", "")


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, in the order in which to try them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(item[4][0]) for item in found))


def _connect(target: Target, deadline: float) -> socket.socket:
    addresses = resolve(target.host, target.port)
    for address in addresses:
        if not may_call(target, address):
            raise Refused(f"{target.host} leads to an address that is not public")
    for last, address in enumerate(addresses, 1 - len(addresses)):
        try:
            plain = socket.create_connection((address, target.port), timeout=_left(deadline))
        except OSError:
            if last == 0:
                raise
            continue
        return _secured(plain, target, deadline) if target.secure else plain
    raise OSError("no address")


def _secured(plain: socket.socket, target: Target, deadline: float) -> socket.socket:
    plain.settimeout(_left(deadline))
    try:
        return _tls().wrap_socket(plain, server_hostname=target.host)
    except BaseException:
        plain.close()
        raise


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Timed(io.RawIOBase):
    """The stream of the answer's bytes, until the deadline."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        super().__init__()
        self._connection, self._deadline = connection, deadline

    def makefile(self, mode: str) -> io.BufferedReader:
        """Return a file for the parser, as a socket does."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._connection.settimeout(_left(self._deadline))
        return self._connection.recv_into(buffer)
