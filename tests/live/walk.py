"""A live installation walked in a real browser: the merchant reads a settlement, operators read it and tell an undelivered event again.

The pages are served as they are live: by https under the installation's own host, behind a proxy that ends TLS.
"""

import os
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from tests.certificates import self_signed

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 850}


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Log nothing."""


def _serve() -> int:
    """Serve the installation by TLS, and return the port."""
    # It does not start before it is complete, so that this is imported late.
    from bnpl.wsgi import application

    def _behind_proxy(environ: dict[str, Any], begin: Callable[..., Any]) -> Iterable[bytes]:
        return application(environ | {"HTTP_X_FORWARDED_PROTO": "https", "REMOTE_ADDR": "192.0.2.7"}, begin)

    server = make_server("127.0.0.1", 0, _behind_proxy, _Server, _Silent)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        context.load_cert_chain(self_signed(Path(folder)))
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return int(server.server_port)


class Window:
    """A window of one person's browser."""

    def __init__(self, page: Any, host: str) -> None:
        self.page, self.host = page, host

    def go(self, path: str) -> str:
        """Open an address of the installation, and return what is read there."""
        answer = self.page.goto(f"https://{self.host}{path}")
        assert answer.status == 200, (path, answer.status)
        return self.read()

    def follow(self, name: str) -> str:
        """Click a link by its words, and return what is read there."""
        return self.click(self.page.get_by_role("link", name=name).first)

    def press(self, name: str) -> str:
        """Press a button by its words, and return what is read there."""
        return self.click(self.page.get_by_role("button", name=name, exact=True))

    def click(self, there: Any) -> str:
        """Click something that opens a page, and return what is read there."""
        with self.page.expect_navigation():
            there.click()
        return self.read()

    def fill(self, **values: str) -> None:
        """Type into the fields of the page."""
        for name, value in values.items():
            self.page.fill(f"[name={name}]", value)

    def read(self) -> str:
        """Return the words of the page, on one line."""
        self.page.wait_for_load_state()
        return " ".join(self.page.inner_text("body").split())


@contextmanager
def windows(chromium: str, host: str) -> Iterator[Callable[[dict[str, int]], Window]]:
    """Give a function that opens a window of a size, each of a browser of its own; the host is this process's."""
    from playwright.sync_api import sync_playwright

    # Playwright's event loop runs in this thread; the database is asked here as before.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    options = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--ignore-certificate-errors"]
    options.append(f"--host-resolver-rules=MAP {host}:443 127.0.0.1:{_serve()}")
    with sync_playwright() as machine:
        browser = machine.chromium.launch(executable_path=chromium, args=options)

        def open_window(size: dict[str, int]) -> Window:
            context = browser.new_context(viewport=size, locale="en-US", timezone_id="UTC")
            context.set_default_timeout(30_000)
            return Window(context.new_page(), host)

        yield open_window
        browser.close()
