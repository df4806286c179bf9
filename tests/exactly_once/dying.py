"""A process that runs up to a certain moment and is then killed: its commits stay, and nothing is cleaned up.

A moment is the end of a commit that wrote something, the end of a statement that wrote (its transaction is lost then), or a call
to an outside service, before the request and after its answer. Moments are counted, so that a process can be killed at each of them.
"""

import faulthandler
import os
import re
import signal
import time
import traceback
from collections.abc import Callable
from threading import Lock
from typing import Any

from django.db import connection

from core.db import rows
from core.remote import Remote

LONGEST_LIFE_S = 90
WRITES = re.compile(r"\b(INSERT INTO|UPDATE|DELETE FROM)\b")


class Moments:
    """Counts moments and kills this process at one of them."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.count = 0
        self.wrote = False
        self.lock = Lock()

    def pass_one(self) -> None:
        """Pass another moment, or kill the process if it is the chosen one."""
        with self.lock:
            self.count += 1
            if self.count == self.last:
                os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        """Count every statement and commit of this thread's connection, and every outside call of any thread."""
        assert connection.connection is None, "a session of the parent's is in the child's hands"
        commit, send = connection._commit, Remote.send

        def watched_commit() -> None:
            commit()
            if self.wrote:
                self.wrote = False
                self.pass_one()

        def watched_send(remote: Remote, *args: Any, **options: Any) -> Any:
            self.pass_one()
            answer = send(remote, *args, **options)
            self.pass_one()
            return answer

        connection._commit = watched_commit
        connection.execute_wrappers.append(self.see)
        Remote.send = watched_send

    def see(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        """Run a statement; one that wrote is a moment, whether it is a commit by itself or not."""
        answer = execute(sql, params, many, context)
        if WRITES.search(sql) and context["cursor"].rowcount:
            self.wrote = connection.in_atomic_block
            self.pass_one()
        return answer


def _name(pid: int) -> str:
    return f"dying-{pid}"


def _bury(pid: int) -> None:
    """Wait until the database sessions of a dead process have ended: the server notices its death with a delay."""
    until = time.monotonic() + 30
    while rows("SELECT 1 FROM pg_stat_activity WHERE application_name = %s", [_name(pid)]):
        assert time.monotonic() < until, "the session of a killed process does not end"
        time.sleep(0.01)


def live_until(moment: int, life: Callable[[], object]) -> bool:
    """Run a function in a process of its own that is killed at a moment; return True if the moment was reached."""
    connection.close()
    child = os.fork()
    if not child:
        try:
            faulthandler.dump_traceback_later(LONGEST_LIFE_S, exit=True)
            options = connection.settings_dict["OPTIONS"]
            options["application_name"] = _name(os.getpid())
            # Let the server check often whether its client still exists, also during a statement or while it waits for a lock.
            options["options"] += " -c client_connection_check_interval=50ms"
            Moments(moment).watch()
            life()
            os._exit(0)
        except BaseException:  # noqa: BLE001  (nothing of this process may run in the tests' own)
            traceback.print_exc()
            os._exit(1)
    _, status = os.waitpid(child, 0)
    _bury(child)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, "the life ended with an error; see above"
    return False


def count_moments(life: Callable[[], object]) -> int:
    """Return the number of moments in a function, by running it."""
    connection.close()
    readable, writable = os.pipe()
    child = os.fork()
    if not child:
        try:
            faulthandler.dump_traceback_later(LONGEST_LIFE_S, exit=True)
            moments = Moments(0)
            moments.watch()
            life()
            os.write(writable, str(moments.count).encode())
            os._exit(0)
        except BaseException:  # noqa: BLE001
            traceback.print_exc()
            os._exit(1)
    os.close(writable)
    _, status = os.waitpid(child, 0)
    assert status == 0, "the life ended with an error; see above"
    return int(os.read(readable, 20))
