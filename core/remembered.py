"""Values that a process reads from the database, and then uses for some seconds without reading them again."""

import math
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """A value that is read at its first use, and again once it is older than `seconds`.

    Calling it returns the value. A change by another process is seen after at most `seconds`; code that changes the value in this process
    calls `forget`.
    """

    expires = True
    """False in tests: the number of reads must not depend on the speed of the machine."""

    def __init__(self, read: Callable[[], T], *, seconds: float) -> None:
        """Take the function that reads the value."""
        self.read, self.seconds = read, seconds
        self.value: T | None = None
        """The value that was read last, even if it is old; None before the first read."""
        self._read_at: float | None = None

    def __call__(self) -> T:
        """Return the value, read again if it is too old. An error of the read is raised, and nothing is remembered."""
        if self._read_at is None or (self.expires and time.monotonic() - self._read_at > self.seconds):
            self.value, self._read_at = self.read(), time.monotonic()
        return self.value  # type: ignore[return-value]

    def keep(self, value: T) -> None:
        """Use a value without reading, until `forget`."""
        self.value, self._read_at = value, math.inf

    def forget(self) -> None:
        """Read the value again at its next use."""
        self._read_at = None
