"""Authorizing over HTTP: the last click of the hosted checkout by four browsers, compared with its own statements in pgbench.

The request is `POST /checkout/<id>/confirm`, the only one by which consumers authorize: it reads session and CSRF cookie, the checkout and
the chosen plan, writes the agreement again and compares it with the text that the page showed, checks the card, makes the order, and
redirects to the shop. The web server is the demo's, with the same flags; each client keeps one connection. `pay_in_30` charges nothing at
checkout, so no request waits for a gateway.

The limit: all statements of the same request, reads included, as one script. Each request on both sides has a session, a consumer, a card
and a checkout of its own.
"""

import socket
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from benchmarks.bench_authorize import HEAD, names_of
from benchmarks.harness import Figure, Stack, alternate, in_processes, median_ratio, pgbench, run, script, settle, stack, trace
from stack import programs
from stack.ports import LOOPBACK

CLIENTS = 4
EACH = 250
ROUNDS = 5
SECRET = "c" * 32
SESSION = "s" * 20


def make_sessions(count: int, at: datetime) -> None:
    """Sign in each consumer, in a browser of their own."""
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session

    from accounts.models import Consumer
    from benchmarks.purchases import FIRST, key
    from core.ids import public_id
    from portals.sessions import CONSUMER, DEVICE, SINCE

    store, later = SessionStore(), at + timedelta(days=14)
    ids = [public_id(Consumer.PREFIX, key("consumer", n)) for n in range(count)]
    data = [store.encode({CONSUMER: one, SINCE: at.isoformat(), DEVICE: f"{n:032x}"}) for n, one in enumerate(ids)]
    rows = [Session(session_key=f"{SESSION}{FIRST + n}", session_data=text, expire_date=later) for n, text in enumerate(data)]
    Session.objects.bulk_create(rows, batch_size=2000)


def requests_of(numbers: range, at: datetime) -> list[bytes]:
    """Write the requests of the last click as a browser would send them, with the seal of the agreement that the page showed."""
    from benchmarks.purchases import FIRST, PRODUCT, key
    from checkout.agreeing import write_terms
    from checkout.models import Checkout
    from checkout.queries import get_checkout
    from checkout.services import pick_quote
    from core.ids import public_id
    from core.once import new_key
    from payments.models import PaymentMethod

    written = []
    for n in numbers:
        checkout = get_checkout(key("checkout", n))
        assert checkout.consumer is not None
        terms = write_terms(checkout, checkout.consumer, pick_quote(checkout, PRODUCT, at), at)
        card = public_id(PaymentMethod.PREFIX, key("method", n))
        body = urlencode({"csrfmiddlewaretoken": SECRET, "plan": PRODUCT, "card": card, "seal": terms.seal, "once": new_key()})
        written.append(
            f"POST /checkout/{public_id(Checkout.PREFIX, checkout.id)}/confirm HTTP/1.1\r\nHost: {LOOPBACK}\r\nConnection: keep-alive\r\n"
            f"Cookie: bnpl_session={SESSION}{FIRST + n}; csrftoken={SECRET}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Accept: text/html\r\nAccept-Language: en-US,en;q=0.9\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        )
    return written


def browser(port: int, numbers: range, at: datetime) -> Callable[[], list[float]]:
    """Prepare one client's requests and its connection; return the function that sends them and returns the seconds of each."""
    written = requests_of(numbers, at)
    wire = socket.create_connection((LOOPBACK, port))
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def work() -> list[float]:
        took = []
        for request in written:
            start = time.perf_counter()
            wire.sendall(request)
            answer = b""
            while b"\r\n\r\n" not in answer:
                answer += wire.recv(65536)
            took.append(time.perf_counter() - start)
            assert answer.startswith(b"HTTP/1.1 303"), answer[:2000]
            assert b"&order=ord_" in answer, answer[:2000]
        return took

    return work


def product(running: Stack, first: int, at: datetime, spread: list[float]) -> float:
    """Send with four browsers; return orders per second, and record p99 / p50."""
    took, seconds = in_processes(
        CLIENTS, lambda client: browser(running.web_port, range(first + client * EACH, first + (client + 1) * EACH), at)
    )
    each = sorted(second for client in took for second in client)
    spread.append(each[len(each) * 99 // 100] / statistics.median(each))
    return CLIENTS * EACH / seconds


def traced(running: Stack, number: int, at: datetime) -> str:
    """Send one request and write its statements as a script for any other."""
    browser(running.web_port, range(number - 1, number), at)()
    work = browser(running.web_port, range(number, number + 1), at)
    with trace() as statements:
        work()
    # Read five times a second, not with every request.
    return script([text for text in statements if "core_clockoffset" not in text], names_of(number), HEAD)


def limit(text: str, first: int) -> float:
    """Run the statements by four clients of pgbench; return transactions per second."""
    from benchmarks.purchases import FIRST

    return pgbench(text, clients=CLIENTS, transactions=EACH, defines={"base": FIRST + first, "each": EACH, "i": -1})


def measure() -> list[Figure]:
    """Measure product and limit alternately, each round on unused purchases; the first round only warms up the server."""
    with stack() as running:
        from django.core.management import call_command

        from benchmarks.purchases import make_purchases

        at, block = datetime.now(UTC), CLIENTS * EACH
        rounds = 2 * ROUNDS + 1
        make_purchases((rounds + 1) * block, at)
        make_sessions((rounds + 1) * block, at)
        call_command("collectstatic", interactive=False, verbosity=0)
        running.supervisor.start(programs.web(running.web_port, running.env))
        settle()
        product(running, rounds * block, at, [])
        text = traced(running, 2 * ROUNDS * block + 1, at)
        spread: list[float] = []
        fresh = iter(range(0, 2 * ROUNDS * block, block))
        pairs = alternate(lambda: product(running, next(fresh), at, spread), lambda: limit(text, next(fresh)), ROUNDS)
    sent = len([line for line in text.split(";\n") if line.strip()])
    detail = f"{sent} statements; " + ", ".join(f"{ours:.0f}/{best:.0f}" for ours, best in pairs) + " a second"
    tails = ", ".join(f"{tail:.2f}" for tail in spread)
    return [
        Figure("authorize_http", median_ratio(pairs), 0.20, 0.35, "higher", detail),
        Figure("authorize_http_p99_over_p50", statistics.median(spread), 2.6, 2.6, "lower", tails),
    ]


if __name__ == "__main__":
    run(measure)
