"""A gunicorn worker whose threads never wait for a client: the main loop receives a request, and a thread gets it once it is complete.

gunicorn's own threads read from the client and write to it: as many half-sent requests as there are threads stop a worker, and its main
loop waits two seconds for each client that does not close. Here a slow client costs only some bytes of memory and an entry in the poller,
and only for a limited time.
"""

import contextlib
import errno
import selectors
import socket
import time
from typing import Any

from gunicorn import http
from gunicorn.errors import ConfigError
from gunicorn.workers.gthread import TConn, ThreadWorker

from stack.web.arrival import Arrival, Part
from stack.web.outgoing import Outgoing

# Time limits, in seconds from a request's first byte (on a new connection, from its opening): for the head, and for the whole request.
HEAD_S = 10.0
WHOLE_S = 30.0
# The time that a client may take to read its answer, plus a second for every so many bytes.
ANSWER_S = 30.0
SLOWEST_BYTES_PER_S = 8 * 1024
# After the last answer, the time that a client gets to read it before the connection is cut.
LINGER_S = 2.0
# The most bytes of incoming requests and outgoing answers that one worker holds; above it, the oldest connection is closed.
MOST_BYTES = 64 * 1024 * 1024
PIECE = 64 * 1024
MOST_LARGE = 4
"""The most large bodies (`arrival.LARGER`) that arrive at one worker at once; each waits in a file."""
LARGE_BYTES_PER_S = 1024 * 1024
"""The slowest that a large body may arrive: it comes from the proxy in front, which has it already."""


class Connection(TConn):  # type: ignore[misc]
    """A client's connection: the bytes received, the bytes still to send, and how long the worker waits for the client."""

    def __init__(self, cfg: Any, sock: socket.socket, client: Any, server: Any) -> None:
        super().__init__(cfg, Outgoing(sock), client, server)
        self.arrival = Arrival()
        self.data_ready = self.initialized = True
        # The parser can read only what has arrived: where it would wait, it reaches an end.
        self.parser = http.get_parser(cfg, [], client)
        self.began = self.until = 0.0
        self.held = 0
        self.is_last = self.stays = self.lingers = False

    def init(self) -> None:
        """Give the parser the whole request; gunicorn calls this in the thread, before each one."""
        self.is_last, pieces = self.arrival.is_last, self.arrival.pieces()
        self.parser.unreader.unread(self.arrival.take())
        self.parser.unreader.iter = pieces


class Worker(ThreadWorker):  # type: ignore[misc]
    """Accepts connections, hands complete requests to threads, sends their answers, and closes connections that are too slow."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        # In the order in which they began to wait.
        self.waiting: dict[Connection, None] = {}
        self.held = 0
        self.swept_at = 0.0

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:  # noqa: ARG003  (gunicorn's own signature)
        """Refuse TLS, which ends at the proxy in front, and let the system send no file: from sockets that never wait it sends nothing."""
        cfg.set("sendfile", False)
        if cfg.is_ssl:
            raise ConfigError("stack.web.worker.Worker speaks no TLS: let the proxy in front of it do so")

    # -- coming in

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection; if there are too many, close the one that has waited longest."""
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno in {errno.EMFILE, errno.ENFILE}:
                self._let_go_of_oldest()
            return
        self.nr_conns += 1
        if self.nr_conns >= self.worker_connections:
            self._let_go_of_oldest()
        connection = Connection(self.cfg, client, address, listener.getsockname())
        connection.began = time.monotonic()
        self._wait(connection, selectors.EVENT_READ, connection.began + HEAD_S)
        self._receive(connection)

    def _receive(self, connection: Connection) -> None:
        """Receive what a client sent; a complete request goes to a thread."""
        try:
            data = connection.sock.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._let_go(connection)
        elif not connection.lingers:
            self._look(connection, data)

    def _look(self, connection: Connection, data: bytes) -> None:
        """Decide what to do with a connection from what it has sent."""
        is_first = len(connection.arrival) == 0
        part = connection.arrival.feed(data)
        if is_first and part is not Part.NOTHING:
            connection.began = time.monotonic()
        self._weigh(connection)
        if part is Part.WHOLE:
            self._stop_waiting(connection)
            self.enqueue_req(connection)
        elif part is Part.SOME:
            if connection.arrival.large and self._has_many_large():
                self._refuse(connection, "503 Service Unavailable")
                return
            more = WHOLE_S + connection.arrival.large / LARGE_BYTES_PER_S
            connection.until = connection.began + (more if connection.arrival.has_head else HEAD_S)
            self._say(connection, connection.arrival.reply)
        elif part is not Part.NOTHING:
            self._refuse(connection, part.value)

    def _has_many_large(self) -> bool:
        """Return whether more large bodies arrive at once than a worker puts aside."""
        return sum(1 for one in self.waiting if one.arrival.large) > MOST_LARGE

    @staticmethod
    def _say(connection: Connection, text: bytes) -> None:
        """Send a few bytes from the main loop: they fit into the system's buffer, or the client is not reading anyway."""
        if text:
            with contextlib.suppress(OSError):
                connection.sock.send(text)

    def _refuse(self, connection: Connection, status: str) -> None:
        self._say(connection, f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode())
        self._stop_waiting(connection)
        self._linger(connection)

    # -- going out

    def _keepalive_after(self, conn: Connection, keepalive: Any) -> bool:
        return bool(super()._keepalive_after(conn, keepalive)) and not conn.is_last

    def finish_request(self, conn: Connection, fs: Any) -> None:
        """Continue with a connection that a thread has served: first send the rest of its answer. Runs in the main loop."""
        try:
            conn.stays = bool(not fs.cancelled() and fs.result())
        except Exception:  # noqa: BLE001  (the thread has told its log)
            conn.stays = False
        if conn.sock.unsent:
            until = time.monotonic() + ANSWER_S + len(conn.sock.unsent) / SLOWEST_BYTES_PER_S
            self._wait(conn, selectors.EVENT_WRITE, until)
        else:
            self._go_on(conn)

    def _send(self, connection: Connection) -> None:
        try:
            done = connection.sock.flush()
        except OSError:
            self._let_go(connection)
            return
        self._weigh(connection)
        if done:
            self._stop_waiting(connection)
            self._go_on(connection)

    def _go_on(self, connection: Connection) -> None:
        """Wait for the next request, part of which may have arrived, or close the connection."""
        if not connection.stays:
            self._linger(connection)
            return
        connection.began = time.monotonic()
        self._wait(connection, selectors.EVENT_READ, connection.began + self.cfg.keepalive)
        self._look(connection, b"")

    def _linger(self, connection: Connection) -> None:
        """Close our side and wait for the client to close: closing at once would cut off what it has not read yet."""
        try:
            connection.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._close(connection)
            return
        connection.arrival, connection.lingers = Arrival(), True
        self._wait(connection, selectors.EVENT_READ, time.monotonic() + LINGER_S)

    # -- waiting

    def _wait(self, connection: Connection, event: int, until: float) -> None:
        connection.until = until
        self.waiting[connection] = None
        act = self._send if event == selectors.EVENT_WRITE else self._receive
        self.poller.register(connection.sock, event, lambda _: act(connection) if connection in self.waiting else None)
        self._weigh(connection)

    def _weigh(self, connection: Connection) -> None:
        """Count the bytes that a waiting connection holds; if all together hold too many, close the oldest."""
        now = len(connection.arrival) + len(connection.sock.unsent)
        self.held += now - connection.held
        connection.held = now
        while self.held > MOST_BYTES and next(iter(self.waiting)) is not connection:
            self._let_go_of_oldest()

    def _stop_waiting(self, connection: Connection) -> None:
        del self.waiting[connection]
        self.held -= connection.held
        connection.held = 0
        with contextlib.suppress(OSError, KeyError, ValueError):
            self.poller.unregister(connection.sock)

    def _let_go(self, connection: Connection) -> None:
        self._stop_waiting(connection)
        self._close(connection)

    def _let_go_of_oldest(self) -> None:
        if self.waiting:
            self._let_go(next(iter(self.waiting)))

    def _close(self, connection: Connection) -> None:
        self.nr_conns -= 1
        connection.close()

    def murder_keepalived(self, force: bool = False) -> None:
        """Once a second, close the connections whose time is over, or all of them; a client that sent part of a request is told why."""
        now = time.monotonic()
        if not force and now - self.swept_at < 1:
            return
        self.swept_at = now
        for connection in [one for one in self.waiting if force or one.until <= now]:
            if len(connection.arrival) and not force:
                self._refuse(connection, "408 Request Timeout")
            else:
                self._let_go(connection)

    def _cap_keepalive(self, deadline: float) -> None:
        for connection in self.waiting:
            if not connection.sock.unsent:
                connection.until = min(connection.until, deadline)
