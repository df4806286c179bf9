"""A decision of credit over HTTP by sixteen browsers at once, compared with views that do nothing.

The request is `POST /checkout/<id>/proceed` of a person whose report is recent, and whose purchase was just assessed for fraud: it reads
session and checkout, decides, leaves out plans that rules forbid, and leads to the others. The other is `GET /livez`, by as many browsers
through the same web server, the demo's, with its flags; each browser keeps one connection. The figure is the 99th percentile of the one
divided by that of the other, all rounds together. A second figure divides by that of the same request sent once more: it finds the session,
the person and the checkout, and nothing to decide.
"""

import re
import socket
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from benchmarks.bench_authorize_http import SECRET, SESSION, make_sessions
from benchmarks.harness import Figure, Stack, in_processes, run, settle, stack
from stack import programs
from stack.ports import LOOPBACK

CLIENTS, EACH, ROUNDS = 16, 25, 4


def deciding(numbers: range) -> list[bytes]:
    """Write the requests that let each of some checkouts be decided, as a browser sends them."""
    from benchmarks.purchases import FIRST, key
    from checkout.models import Checkout
    from core.ids import public_id

    body = f"csrfmiddlewaretoken={SECRET}"
    return [
        (
            f"POST /checkout/{public_id(Checkout.PREFIX, key('checkout', n))}/proceed HTTP/1.1\r\nHost: {LOOPBACK}\r\n"
            f"Cookie: bnpl_session={SESSION}{FIRST + n}; csrftoken={SECRET}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Accept: text/html\r\nAccept-Language: en-US,en;q=0.9\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        ).encode()
        for n in numbers
    ]


def read(wire: socket.socket) -> bytes:
    """Read one whole answer, which says how long it is."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += wire.recv(65536)
    head, _, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
    left = int(length[1]) - len(body) if length else 0
    while left > 0:
        left -= len(wire.recv(left))
    return answer


def browser(port: int, requests: Sequence[bytes], begins: bytes) -> Callable[[], list[float]]:
    """Connect; return the function that sends some requests, whose answers must begin so, and returns the seconds of each."""
    wire = socket.create_connection((LOOPBACK, port))
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def work() -> list[float]:
        took = []
        for request in requests:
            start = time.perf_counter()
            wire.sendall(request)
            answer = read(wire)
            took.append(time.perf_counter() - start)
            assert answer.startswith(begins), answer[:2000]
        return took

    return work


def seconds_of(requests_of: Callable[[int], Sequence[bytes]], running: Stack, begins: bytes) -> list[float]:
    """Send each client's requests at once; return the seconds of all."""
    found, _whole = in_processes(CLIENTS, lambda client: browser(running.web_port, requests_of(client), begins))
    return [second for client in found for second in client]


def assess_all(count: int, at: datetime) -> None:
    """Let each checkout be identified, assessed for fraud and not decided, as when its person has just signed in; `fraud` measures that."""
    from benchmarks.purchases import AMOUNT, key
    from checkout.models import Checkout
    from core.ids import public_id

    said = {"assessment": public_id("fas", key("assessment", 0)), "says": "allow", "version": 1, "rules": [], "at": at.isoformat()}
    about = (said | {"of": [public_id("con", key("consumer", n)), AMOUNT.minor]} for n in range(count))
    checkouts = (Checkout(id=key("checkout", n), assessed=told) for n, told in enumerate(about))
    Checkout.objects.bulk_update(checkouts, ["assessed"], batch_size=500)
    Checkout.objects.update(decision=None, reached="identified")


def measure() -> list[Figure]:
    """Measure both in turn, each checkout decided once; a first round only warms up the server."""
    with stack() as running:
        from django.core.management import call_command

        from benchmarks.purchases import key, make_purchases, make_reports
        from checkout.models import Checkout
        from controls.services.shipping import ship_rules

        at, block = datetime.now(UTC), CLIENTS * EACH
        count = (ROUNDS + 1) * block
        make_purchases(count, at)
        make_reports(count, at)
        make_sessions(count, at)
        assess_all(count, at)
        ship_rules()
        call_command("collectstatic", interactive=False, verbosity=0)
        running.supervisor.start(programs.web(running.web_port, running.env))
        settle()
        idle = f"GET /livez HTTP/1.1\r\nHost: {LOOPBACK}\r\n\r\n".encode()
        decided: list[list[float]] = []
        again: list[list[float]] = []
        empty: list[list[float]] = []
        for first in range(0, count, block):

            def numbered(client: int, first: int = first) -> Sequence[bytes]:
                return deciding(range(first + client * EACH, first + (client + 1) * EACH))

            decided.append(seconds_of(numbered, running, b"HTTP/1.1 302"))
            again.append(seconds_of(numbered, running, b"HTTP/1.1 302"))
            empty.append(seconds_of(lambda _client: [idle] * EACH * 4, running, b"HTTP/1.1 200"))
        left = Checkout.objects.filter(decision=None, consumer__in=[key("consumer", n) for n in range(count)]).count()
        if left:
            raise RuntimeError(f"{left} checkouts were not decided")
    ours, visits, theirs = (sorted(second for some in times[1:] for second in some) for times in (decided, again, empty))
    slow, visit, quick = (times[len(times) * 99 // 100] for times in (ours, visits, theirs))
    middle = [statistics.median(times) * 1000 for times in (ours, visits, theirs)]
    detail = f"p99 {slow * 1000:.0f} and {quick * 1000:.1f} ms, p50 {middle[0]:.0f} and {middle[2]:.1f} ms"
    beside = f"the same request with nothing to decide: p99 {visit * 1000:.0f} ms, p50 {middle[1]:.0f} ms"
    return [
        Figure("decision_http_p99_to_empty", slow / quick, 3.0, 2.0, "lower", detail),
        Figure("decision_http_p99_to_visit", slow / visit, 3.0, 2.0, "lower", beside),
    ]


if __name__ == "__main__":
    run(measure)
