"""The outside services of a live installation besides Stripe and Twilio: an identity service, a bureau, and a mail server.

Personas have no effect: every identity is confirmed, and every file is good.
"""

import base64
import json
import socketserver
import ssl
import threading
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

CHECK = {"status": "clear", "reasons": [], "evidence": {}, "sanctions_hit": False, "pep_hit": False}
REPORT = {
    "score": 790,
    "file": "thick",
    "delinquencies_24m": 0,
    "open_accounts": 5,
    "utilization_pct": 12,
    "inquiries_6m": 0,
    "oldest_account_months": 140,
    "fraud_alert": False,
    "manual_review": False,
    "disposable_income_minor": 300_000,
}
ANSWERS = {"/kyc/v1/checks": CHECK, "/bureau/v1/reports": REPORT}


class Services(BaseHTTPRequestHandler):
    """Answers by the contracts of identity checks and credit reports; each request is stored by its reference.

    `scripted` is what a test wants to be different in the answer about an e-mail address, `countries`
    where they say to serve; `broken` is a body sent for every answer.
    """

    known: dict[tuple[str, str], dict[str, Any]] = {}
    asked: list[tuple[str, dict[str, Any]]] = []
    scripted: dict[str, dict[str, Any]] = {}
    reviews: dict[str, str] = {}
    countries: list[str] | None = []
    broken: tuple[int, Any] | None = None

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self._may() or path not in ANSWERS:
            self._send(401, {"error": "who asks?"})
            return
        self.asked.append((path, body))
        answer = {"id": f"out_{len(self.known)}", "reference": body["reference"], **ANSWERS[path], **self.scripted.get(body["email"], {})}
        self._send(201, self.known.setdefault((path, body["reference"]), answer))

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if not self._may():
            self._send(401, {"error": "who asks?"})
            return
        if address.path.endswith("/review"):
            self._send(200, {"outcome": self.reviews.get(address.path.split("/")[-2])})
            return
        if address.path.endswith("/countries"):
            self._send(404, {"error": "no such page"}) if self.countries is None else self._send(200, {"data": self.countries})
            return
        found = self.known.get((address.path, parse_qs(address.query).get("reference", [""])[0]))
        self._send(200, {"data": [found] if found else []})

    def _may(self) -> bool:
        return self.headers["Authorization"] == "Bearer outside-key"

    def _send(self, status: int, body: Any) -> None:
        status, body = type(self).broken or (status, body)
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


class Mail(socketserver.StreamRequestHandler):
    """Receives e-mails by SMTP (RFC 5321), and stores them.

    With a `certificate` (a file with its key) it speaks STARTTLS, lets `user` in by the password after that, and takes mail of nobody else.
    It knows no recipient whose address contains `unknown`; where it is `deaf` it hangs up.
    """

    taken: list[Any] = []
    certificate = ""
    user = ("mailer", "letmein")
    unknown = "nobody@"
    deaf = False
    secure = signed_in = False

    def handle(self) -> None:
        if self.deaf:
            return
        self._say("220 mail.test")
        for line in iter(lambda: self.rfile.readline().decode(errors="replace").strip(), ""):
            word = line.partition(" ")[0].upper()
            if word == "QUIT":
                self._say("221 bye")
                return
            if answer := self._refused(word, line) or self._signed(word, line):
                self._say(answer)
                continue
            if word == "DATA":
                self._say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                text = b"".join(line.removeprefix(b".") if line.startswith(b"..") else line for line in lines)
                self.taken.append(message_from_bytes(text, policy=default))
            self._say("250 ok")

    def _refused(self, word: str, line: str) -> str:
        """Say no where there is a reason to."""
        if self.certificate and word == "MAIL" and not self.signed_in:
            return "530 sign in first"
        return "550 no such person here" if word == "RCPT" and self.unknown in line else ""

    def _signed(self, word: str, line: str) -> str:
        """Do what a server does that signs people in; an empty text for all else."""
        if not self.certificate:
            return ""
        if word == "EHLO":
            return "250-mail.test\r\n250 " + ("AUTH PLAIN" if self.secure else "STARTTLS")
        if word == "STARTTLS":
            return self._encrypted()
        if word == "AUTH":
            told = base64.b64decode(line.rsplit(maxsplit=1)[-1]).decode().split("\0")
            self.signed_in = self.secure and tuple(told[1:]) == self.user
            return "235 welcome" if self.signed_in else "535 who are you?"
        return ""

    def _encrypted(self) -> str:
        """Encrypt the line from now on, and answer the greeting that comes first on it."""
        self._say("220 go on")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate)
        self.request = context.wrap_socket(self.request, server_side=True)
        self.secure, self.rfile, self.wfile = True, self.request.makefile("rb"), self.request.makefile("wb", 0)
        return "250-mail.test\r\n250 AUTH PLAIN" if self.rfile.readline() else "221 bye"

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


def serve(server: socketserver.BaseServer) -> int:
    """Serve in a thread of its own, and return the port."""
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return int(server.server_address[1])


def services() -> int:
    """Start the identity service and the bureau, and return their port."""
    return serve(ThreadingHTTPServer(("127.0.0.1", 0), Services))


def mail() -> int:
    """Start the mail server, and return its port."""
    socketserver.ThreadingTCPServer.daemon_threads = True
    return serve(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mail))
