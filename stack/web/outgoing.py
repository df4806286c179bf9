"""Answers that are being sent: a thread hands over its answer and continues, whether or not the client reads."""

import select
import socket
import time
from typing import Any

# Larger than any page, file or export; a thread with a still larger answer waits for its client.
MOST_UNSENT = 8 * 1024 * 1024
STALLED_S = 30.0


class Outgoing:
    """A client's socket for a thread: it sends at once what the system accepts, and keeps the rest for the main loop.

    It never blocks, whatever the thread sets: no thread reads from it, and unsent bytes wait in memory.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.real = sock
        self.real.setblocking(False)
        self.unsent = bytearray()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def setblocking(self, _flag: bool) -> None:
        """Do nothing: the socket never blocks."""

    def settimeout(self, _seconds: float | None) -> None:
        """Do nothing: the socket never blocks."""

    def sendall(self, data: bytes) -> None:
        """Send the data now, or keep it for the main loop."""
        self.unsent += data
        self.flush()
        if len(self.unsent) > MOST_UNSENT:
            self._wait_for_client()

    def flush(self) -> bool:
        """Send what the system accepts now; return whether everything is sent. OSError if the client is gone."""
        while self.unsent:
            try:
                sent = self.real.send(self.unsent)
            except BlockingIOError:
                return False
            del self.unsent[:sent]
        return True

    def _wait_for_client(self) -> None:
        poller = select.poll()
        poller.register(self.real, select.POLLOUT)
        until = time.monotonic() + STALLED_S
        while len(self.unsent) > MOST_UNSENT // 2:
            left_s = until - time.monotonic()
            if left_s <= 0 or not poller.poll(left_s * 1000):
                # Treat the client as gone, so that gunicorn logs nothing more.
                raise BrokenPipeError(f"the client has read next to nothing for {STALLED_S:.0f} s")
            self.flush()
