"""What a process reads from the database, and then uses for some seconds without reading it again."""

import math
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """A value that is read when it is first asked for, and again once it is older than `seconds`.

    Calling it returns the value. What another process changed is thus seen after `seconds` at the latest; whoever changes it in this
    process calls `forget`.
    """

    expires = True
    """False in tests: how often something is read must not depend on how quick the machine is."""

    def __init__(self, read: Callable[[], T], *, seconds: float) -> None:
        """Take the function that reads the value."""
        self.read, self.seconds = read, seconds
        self.value: T | None = None
        """What was read last, also when it is old; None before the first read."""
        self._read_at: float | None = None

    def __call__(self) -> T:
        """Return the value, read again where it is too old. Errors of the read are raised, and nothing is remembered."""
        if self._read_at is None or (self.expires and time.monotonic() - self._read_at > self.seconds):
            self.value, self._read_at = self.read(), time.monotonic()
        return self.value  # type: ignore[return-value]

    def keep(self, value: T) -> None:
        """Use a value without reading, until `forget`."""
        self.value, self._read_at = value, math.inf

    def forget(self) -> None:
        """Have the value read again when it is next asked for."""
        self._read_at = None
