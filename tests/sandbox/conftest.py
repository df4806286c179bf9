"""A real sandbox server on a free port, and small clients for it."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

ROOT = Path(__file__).parents[2]
KEY = "sandbox_gateway_key"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A sandbox process and a kept-alive session to it."""

    def __init__(self, db: Path) -> None:
        self.db, self.port = db, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.http = requests.Session()
        self.http.headers["Authorization"] = f"Bearer {KEY}"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "sandbox", "--port", str(self.port), "--db", str(self.db), "--quiet"]
        self.process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
        deadline = time.monotonic() + 10
        while True:
            try:
                requests.get(f"{self.url}/control/health", timeout=1)
            except requests.ConnectionError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                return

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(5)

    def get(self, path: str, **query: Any) -> Any:
        answer = self.http.get(self.url + path, params=query, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any, key: str | None = None, status: int = 201) -> Any:
        answer = self.raw_post(path, body, key)
        assert answer.status_code == status, answer.text
        return answer.json()

    def raw_post(self, path: str, body: Any, key: str | None = None) -> requests.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return self.http.post(self.url + path, json=body, headers=headers, timeout=30)

    def method(self, number: str = "4242424242424242", email: str = "ann@example.com") -> str:
        body = {"number": number, "customer_email": email, "customer_reference": "con_1"}
        return str(self.post("/gateway/v1/payment_methods", body)["token"])

    def charge(self, method: str, amount: int = 5725, key: str | None = None, status: int = 201, **more: Any) -> Any:
        body = {"amount": amount, "currency": "USD", "payment_method": method, "reference": "ord_1", **more}
        return self.post("/gateway/v1/charges", body, key or uuid.uuid4().hex, status)

    def chaos(self, **rule: Any) -> None:
        self.post("/control/chaos", rule, status=200)

    def forward(self, seconds: int) -> None:
        self.post("/control/clock", {"forward_seconds": seconds}, status=200)


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("sandbox") / "world.sqlite3")
    yield server
    assert server.stop() == 0


@pytest.fixture
def world(shared_server: Server) -> Server:
    """A sandbox without stored objects."""
    shared_server.post("/control/events", {"url": None}, status=200)
    shared_server.post("/control/reset", {}, status=200)
    return shared_server


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A server that a test may kill."""
    server = Server(tmp_path / "world.sqlite3")
    yield server
    if server.process.poll() is None:
        server.stop()


@dataclass
class Ear:
    """An address that receives events; `refuse` is the number that it first answers with 500."""

    url: str = ""
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    refuse: int = 0
    slow_s: float = 0.0

    def wait_for(self, count: int, seconds: float = 10) -> list[dict[str, Any]]:
        deadline = time.monotonic() + seconds
        while len(self.heard) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(self.heard) >= count, f"heard {len(self.heard)} of {count}"
        return [json.loads(body) for _, body in self.heard]


@pytest.fixture
def ear() -> Iterator[Ear]:
    ear = Ear()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(ear.slow_s)
            status = 500 if ear.refuse > 0 else 200
            ear.refuse -= 1
            if status == 200:
                ear.heard.append((dict(self.headers.items()), body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    ear.url = f"http://127.0.0.1:{server.server_port}/hooks"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield ear
    server.shutdown()
    server.server_close()
