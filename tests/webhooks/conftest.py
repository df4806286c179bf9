"""Webhook receivers: real servers on loopback with the behavior that a test sets."""

import contextlib
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from standardwebhooks import Webhook

from markets.models import Market
from merchants.models import Merchant
from merchants.services import create_merchant
from tests.cast import buy, merchant  # noqa: F401  (fixtures)
from webhooks import services
from webhooks.models import Delivery, Endpoint, MerchantEvent

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
Behavior = Callable[[BaseHTTPRequestHandler], None]


def answer(status: int, body: bytes = b"", **headers: str) -> Behavior:
    """Answer at once."""

    def act(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            request.send_header(name, value)
        request.end_headers()
        with contextlib.suppress(ConnectionError):  # The client may have stopped reading.
            request.wfile.write(body)

    return act


@dataclass
class Heard:
    """One request received."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """A merchant's server: the requests it received, and its behavior."""

    behave: Behavior = field(default_factory=lambda: answer(200, b"ok"))
    heard: list[Heard] = field(default_factory=list)
    port: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks?shop=1"

    def verify(self, secret: str, number: int = -1) -> dict:
        """Verify a request as any receiver does, with the standard's own library, and return the event."""
        return Webhook(secret).verify(self.heard[number].body, self.heard[number].headers)

    def hang(self, request: BaseHTTPRequestHandler) -> None:
        """Answer nothing until the test is over."""
        self.released.wait(30)


@pytest.fixture
def receiver_at() -> Iterator[Callable[[], Receiver]]:
    """Give a function that starts a receiver."""
    running: list[tuple[ThreadingHTTPServer, Receiver]] = []

    def start() -> Receiver:
        receiver = Receiver()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.heard.append(Heard(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
                receiver.behave(self)

            do_GET = do_POST  # noqa: N815  (the server's name for it)

            def log_message(self, *args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        receiver.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        running.append((server, receiver))
        return receiver

    yield start
    for server, receiver in running:
        receiver.released.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def receiver(receiver_at: Callable[[], Receiver]) -> Receiver:
    return receiver_at()


@pytest.fixture
def shop_at(db) -> Callable[[], Merchant]:
    """Give a function that opens a shop."""

    def open_shop() -> Merchant:
        name = f"Shop {uuid.uuid4().hex[:8]}"
        return create_merchant(name=name, legal_name=name, market=Market.objects.get(code="US"), payout_destination="bank-1", at=AT)

    return open_shop


@pytest.fixture
def shop(shop_at: Callable[[], Merchant]) -> Merchant:
    return shop_at()


def listen(shop: Merchant, receiver: Receiver, *events: str) -> Endpoint:
    return services.create_endpoint(merchant=shop, url=receiver.url, events=events, at=AT, actor="test")


def record(shop: Merchant, source: str, event_type: str = "order.authorized") -> MerchantEvent | None:
    return services.record_event(
        merchant_id=shop.pk, event_type=event_type, source=source, data={"order_id": "ord_1", "note": "Ærø"}, at=AT
    )


def send() -> int:
    return services.send_webhooks(at=AT)


def settle(delivery: Delivery, seconds: float = 10) -> Delivery:
    """Wait until the delivery's outcome is recorded."""
    stop = time.monotonic() + seconds
    while time.monotonic() < stop:
        delivery.refresh_from_db()
        if delivery.claimed_until is None:
            return delivery
        time.sleep(0.05)
    raise AssertionError(f"{delivery} is still under way")
