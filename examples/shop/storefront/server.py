"""The HTTP server: limits the size of requests, refuses forms of other sites, and sets the security headers of every page."""

import logging
import re
import secrets
import socket
import sys
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from storefront import languages
from storefront.site import Site
from storefront.web import COOKIE, COOKIE_AGE_S, Failed, Request, Response, first_values

MAX_BODY = 256 * 1024
_VISIT = re.compile(r"[A-Za-z0-9_-]{22,64}\Z")
log = logging.getLogger("shop.web")


class Server(ThreadingHTTPServer):
    """A thread for each connection; threads do not keep the process alive."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], site: Site) -> None:
        self.site = site
        super().__init__(address, Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log the error that ended a connection, unless the browser just disconnected."""
        log.debug("connection of %s ended early: %r", client_address, sys.exc_info()[1])


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "shop"
    sys_version = ""
    timeout = 75
    server: Server

    def setup(self) -> None:
        """Send small answers at once."""
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_GET(self) -> None:
        """Answer a page."""
        self._answer("GET")

    def do_HEAD(self) -> None:
        """Answer a page's head."""
        self._answer("HEAD")

    def do_POST(self) -> None:
        """Answer a form or a webhook."""
        self._answer("POST")

    def _answer(self, method: str) -> None:
        known = self._visit()
        request = None
        try:
            request = self._request(method, known or secrets.token_urlsafe(24))
            response = self.server.site.respond(request)
        except Failed as failed:
            response = self.server.site.failure(request, failed)
        except Exception:
            log.exception("%s %s", method, self.path)
            response = self.server.site.failure(request, Failed(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side."))
        visit = request.visit if request and not known and method == "POST" else None
        self._send(response, method, visit, request.query.get("lang", "") if request else "")

    def _request(self, method: str, visit: str) -> Request:
        parts = urlsplit(self.path)
        query = first_values(parts.query)
        accepted = self.headers.get("Accept-Language", "")
        languages.speak(languages.choose(query.get("lang", ""), self._cookie(languages.COOKIE), accepted))
        request = Request(
            method,
            parts.path,
            query,
            {name.lower(): value for name, value in self.headers.items()},
            self._body(),
            visit,
        )
        if method == "POST" and not parts.path.endswith("/webhooks"):
            self._require_own_form()
        return request

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()) or int(length) > MAX_BODY:
            # An unread body would be parsed as the next request.
            self.close_connection = True
            raise Failed(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "That is more than this shop reads.")
        return self.rfile.read(int(length))

    def _require_own_form(self) -> None:
        """Refuse forms of other sites, by the headers in which browsers name a form's origin."""
        origin, site = self.headers.get("Origin"), self.headers.get("Sec-Fetch-Site", "same-origin")
        if (origin is not None and urlsplit(origin).netloc != self.headers.get("Host")) or site not in {"same-origin", "none"}:
            raise Failed(HTTPStatus.FORBIDDEN, "That form came from another site.")

    def _cookie(self, name: str) -> str:
        try:
            cookie = SimpleCookie(self.headers.get("Cookie", "")).get(name)
        except CookieError:
            return ""
        return cookie.value if cookie else ""

    def _visit(self) -> str | None:
        visit = self._cookie(COOKIE)
        return visit if _VISIT.match(visit) else None

    def _send(self, response: Response, method: str, new_visit: str | None, asked: str) -> None:
        self.send_response(response.status)
        for name, value in (self.server.site.headers | response.headers).items():
            self.send_header(name, value)
        self.send_header("Content-Language", languages.present())
        self.send_header("Vary", "Accept-Language, Cookie")
        secure = "; Secure" if self.server.site.config.shop_url.startswith("https:") else ""
        for name, value in ((COOKIE, new_visit), (languages.COOKIE, asked in languages.NAMES and asked)):
            if value:
                self.send_header("Set-Cookie", f"{name}={value}; Path=/; Max-Age={COOKIE_AGE_S}; HttpOnly; SameSite=Lax{secure}")
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if method != "HEAD":
            self.wfile.write(response.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (its name in the standard library)
        """Log requests at debug level only."""
        log.debug(format, *args)
