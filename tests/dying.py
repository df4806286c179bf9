"""A process that is killed after a step: what it has written is not committed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import Error, connection

from core.db import rows


@contextmanager
def dying_after(place: Any, step: str) -> Iterator[None]:
    """Lose the connection, as when the process is killed, once `step` of a module is done; what runs inside must fail by that."""
    whole = getattr(place, step)

    def die(*told: Any, **more: Any) -> None:
        whole(*told, **more)
        pid = rows("SELECT pg_backend_pid()")[0][0]
        connection.close()
        rows("SELECT pg_terminate_backend(%s)", [pid])
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, step, die)
        with pytest.raises((KeyboardInterrupt, Error)):
            yield
        connection.close()
