"""Credit bureaus of the tests that hang, answer late, wrong, twice or with an error, over real HTTP; and accounts with them."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from core import providers
from core.providers import Account, Capability
from tests.live.outside import REPORT


class Bureau(ThreadingHTTPServer):
    """One bureau by the contract of `docs/gateways/bureau.md`: `does` says how it answers from now on, and `asked` counts inquiries."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.does, self.late_s, self.asked, self.report = "answer", 0.0, 0, dict(REPORT)
        self.known: dict[str, dict[str, Any]] = {}
        self.version = ""
        self.over = threading.Event()
        threading.Thread(target=self.serve_forever, args=[0.02], daemon=True).start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def told(self, _body: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to an inquiry."""
        return self.report

    def close(self) -> None:
        """Let go of whoever still waits, and stop."""
        self.over.set()
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Bureau

    def do_GET(self) -> None:
        if self.path.endswith("/lists"):
            self._answer(200, {"version": self.server.version})
            return
        found = self.server.known.get(parse_qs(urlsplit(self.path).query).get("reference", [""])[0])
        self._answer(200, {"data": [found] if found else []})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked += 1
        report = {"id": f"rep_{self.server.asked}", "reference": body["reference"], **self.server.told(body)}
        self.server.known.setdefault(body["reference"], report)
        self._answer(201, report)

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        does = self.server.does
        if does == "hang":
            self.server.over.wait(20)
            return
        if does == "hang up":
            return
        if does == "late":
            time.sleep(self.server.late_s)
        if does == "wrong":
            body = body | {"reference": "of somebody else", "data": [{**self.server.report, "id": "x", "reference": "of somebody else"}]}
        if does == "error":
            status, body = 500, {"error": "out of order"}
        if does == "odd":
            body = body | {"id": "a\0b"}
        text = b"[" * 200_000 if does == "deep" else json.dumps(body).encode() * (2 if does == "twice" else 1)
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


def account_with(bureau: Bureau, code: str, priority: int, **terms: str) -> Account:
    """Return an account with a bureau, by default at 1.25 USD a report."""
    values = {"url": bureau.url, "key": "k", "name": f"{code} Inc.", "address": "1 Main St", "phone": "+12025550111"}
    values |= {"lowest_score": "300", "highest_score": "850", "price_minor": "125", "price_currency": "USD"} | terms
    bureaus = frozenset({Capability.BUREAU})
    return Account(code=code, provider="http-bureau", capabilities=bureaus, priority=priority, values=values)


def use_accounts(*accounts: Account) -> None:
    """Let these be the accounts that operators typed in."""
    providers.keep(accounts)
