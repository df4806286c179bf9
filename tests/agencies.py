"""The sandbox's Experian, Equifax and TransUnion behind one local server, and accounts with them.

The server passes requests on to the sandbox's own companies, and can be told to misbehave, beyond what the sandbox does by itself.
"""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from core.providers import Account, Capability
from credit.gateways import equifax, experian, transunion
from sandbox.app import App
from sandbox.companies import COMPANIES
from sandbox.courier import Courier
from sandbox.credit_files import CreditFile, tell
from sandbox.message import Request
from sandbox.world import Options, World

ON = date(2026, 11, 22)
KEY = "cs"
SECRETS = {
    "experian": {"client_id": "cid", "client_secret": KEY, "username": "user", "password": "pw"},
    "equifax": {"client_id": "cid", "client_secret": KEY, "member_number": "999XX12345", "security_code": "@U2"},
    "transunion": {"client_id": "cid", "client_secret": KEY, "member_password": "mp"},
}
MORE = {
    "experian": {"company_id": "comp", "subscriber_code": "2222222"},
    "equifax": {},
    "transunion": {"industry_code": "F", "member_code": "05082333", "prefix_code": "06TR"},
}
SETTINGS = {"experian": experian.SETTINGS, "equifax": equifax.SETTINGS, "transunion": transunion.SETTINGS}


@dataclass
class State:
    """What a server does with reports (`does`: hang, hang up, late, wrong, twice, error), and what it was asked.

    `case` is the file of everybody; None for what the sandbox knows by itself.
    """

    case: CreditFile | None = field(default_factory=CreditFile)
    change: Callable[[Any], Any] | None = None
    status: int = 200
    tokens: int = 0
    is_expired: bool = False
    asked: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    does: str = ""
    late_s: float = 0.0
    over: threading.Event = field(default_factory=threading.Event)


class Server(ThreadingHTTPServer):
    """All three agencies under one address; `state` is what it does from now on."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.state, self._lock = State(), threading.Lock()
        self.world = World(Options("127.0.0.1", 0, ":memory:", KEY, ""), COMPANIES)
        self.world.courier = Courier(self.world, lambda: None)
        self.world.clock.set_offset((datetime(ON.year, ON.month, ON.day, 10, tzinfo=UTC) - datetime.now(UTC)).total_seconds())
        self.app = App(self.world)
        threading.Thread(target=self.serve_forever, args=[0.02], daemon=True).start()

    def account(self, name: str, **values: str) -> Account:
        """Return an account with an agency at this server."""
        kept = {one.name: one.default for one in SETTINGS[name]} | SECRETS[name] | MORE[name]
        kept |= {"api_base": f"http://127.0.0.1:{self.server_address[1]}/{name}", **values}
        return Account(code=name, provider=name, capabilities=frozenset({Capability.BUREAU}), priority=1, values=kept)

    def ask(self, path: str, headers: dict[str, str], raw: bytes) -> tuple[int, Any]:
        """Pass a request on to the sandbox; return its answer."""
        with self._lock:
            answer = self.app.handle(Request("POST", path, "", headers, raw))
            self.app.commit()
        return answer.status, json.loads(answer.body)

    def expire_tokens(self) -> None:
        """Let every token that there is expire."""
        with self._lock:
            self.world.store.run("DELETE FROM access_tokens")

    def tell(self, body: dict[str, Any]) -> None:
        """Let the sandbox know the state's case for whom a request asks about, and forget what it answered before."""
        name, born = _who(body)
        with self._lock:
            self.world.store.run("DELETE FROM documents")
            if self.state.case is None:
                self.world.store.run("DELETE FROM told_files")
            else:
                tell(self.world, name, born, self.state.case)


def _who(body: dict[str, Any]) -> tuple[str, str]:
    """Return whom an inquiry asks about: the name and the day of birth."""
    if "consumerPii" in body:
        one = body["consumerPii"]["primaryApplicant"]
        first, last, born = one["name"]["firstName"], one["name"]["lastName"], one["dob"]["dob"]
    elif "consumers" in body:
        one = body["consumers"]
        first, last, born = one["name"][0]["firstName"], one["name"][0]["lastName"], one["dateOfBirth"]
    else:
        one = body["creditBureau"]["product"]["subject"]["subjectRecord"]["indicative"]
        first, last, born = one["name"]["person"]["first"], one["name"]["person"]["last"], one["dateOfBirth"]
    name = first if first == last else f"{first} {last}"
    return name, born if "-" in born else f"{born[4:]}-{born[:2]}-{born[2:4]}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        state, raw = self.server.state, self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        if "/token" in self.path:
            status, answer = self.server.ask(self.path, headers, raw)
            state.tokens += status == 200
            self._send(status, answer)
            return
        body = json.loads(raw)
        if state.is_expired:
            self.server.expire_tokens()
        self.server.tell(body)
        status, answer = self.server.ask(self.path, headers, raw)
        if status == 401:
            self._send(status, answer)
            return
        state.asked.append((dict(self.headers), body))
        if state.does in {"hang", "hang up"}:
            state.over.wait(20 if state.does == "hang" else 0)
            return
        if state.change is not None:
            answer = state.change(answer)
        if state.does == "late":
            time.sleep(state.late_s)
        if state.does == "wrong":
            answer = {"answer": answer}
        self._send(500 if state.does == "error" else state.status if status == 200 else status, answer, times=1 + (state.does == "twice"))

    def _send(self, status: int, body: Any, times: int = 1) -> None:
        text = json.dumps(body).encode() * times
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        """Log nothing."""
