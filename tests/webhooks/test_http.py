"""One POST: every way in which the other side can behave badly ends within the deadline and harms nobody."""

import contextlib
import socket
import threading
import time

from tests.webhooks.conftest import answer
from webhooks.gateways.http import MAX_ANSWER, post


def call(url: str, timeout_s: float = 5.0):
    return post(url, headers={"Content-Type": "application/json"}, body=b"{}", sandbox=True, timeout_s=timeout_s)


def test_2xx_only_is_success(receiver):
    for status in (200, 201, 202, 204, 299):
        receiver.behave = answer(status)
        assert call(receiver.url).ok
    for status in (400, 401, 404, 410, 429, 500, 503):
        receiver.behave = answer(status, b"no")
        result = call(receiver.url)
        assert (result.ok, result.status_code, result.error, result.text) == (False, status, f"answered {status}", "no")


def test_a_redirect_is_a_failure_and_is_not_followed(receiver, receiver_at):
    elsewhere = receiver_at()
    for status in (301, 302, 303, 307, 308):
        receiver.behave = answer(status, Location=elsewhere.url)
        result = call(receiver.url)
        assert (result.ok, result.status_code, result.error) == (False, status, "redirects are not followed")
    assert elsewhere.heard == []


def test_an_answer_is_read_up_to_64_kb(receiver):
    receiver.behave = answer(200, b"a" * 5_000_000)
    start = time.monotonic()
    result = call(receiver.url)
    assert (result.ok, len(result.text)) == (True, MAX_ANSWER)
    assert time.monotonic() - start < 2


def test_an_answer_without_end_counts_by_its_status(receiver):
    def endless(request) -> None:
        request.send_response(200)
        request.end_headers()
        try:
            while not receiver.released.is_set():
                request.wfile.write(b"b" * 65_536)
        except OSError:
            pass

    receiver.behave = endless
    result = call(receiver.url)
    assert (result.ok, result.text) == (True, "b" * MAX_ANSWER)


def test_a_server_that_says_nothing_is_left_after_the_time_out(receiver):
    receiver.behave = receiver.hang
    start = time.monotonic()
    result = call(receiver.url, timeout_s=0.5)
    assert (result.ok, result.status_code, result.error) == (False, None, "no answer within 0.5 s")
    assert 0.4 < time.monotonic() - start < 2


def raw_server(serve) -> int:
    """Serve one connection by hand; return the port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        connection, _ = listener.accept()
        with connection, listener, contextlib.suppress(OSError):
            serve(connection)

    threading.Thread(target=run, daemon=True).start()
    return listener.getsockname()[1]


def test_a_server_that_drips_does_not_outlive_the_deadline():
    def drip(connection: socket.socket) -> None:
        connection.recv(65_536)
        for _ in range(200):
            connection.sendall(b"H")
            time.sleep(0.05)

    start = time.monotonic()
    result = call(f"http://127.0.0.1:{raw_server(drip)}/", timeout_s=0.6)
    assert (result.ok, result.error) == (False, "no answer within 0.6 s")
    assert time.monotonic() - start < 2


def test_a_body_that_drips_ends_with_the_deadline_and_counts_by_its_status():
    def drip(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(200):
            connection.sendall(b"x")
            time.sleep(0.05)

    start = time.monotonic()
    result = call(f"http://127.0.0.1:{raw_server(drip)}/", timeout_s=0.6)
    assert (result.ok, result.status_code) == (True, 200)
    assert time.monotonic() - start < 2


def test_what_is_not_http_is_a_failure():
    def babble(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(b"\x00\xff hello \r\n\r\n")

    result = call(f"http://127.0.0.1:{raw_server(babble)}/")
    assert (result.ok, result.status_code) == (False, None)
    assert "\x00" not in result.error


def test_a_hang_up_and_a_closed_port_are_failures():
    hung_up = call(f"http://127.0.0.1:{raw_server(lambda connection: connection.recv(10))}/")
    assert (hung_up.ok, hung_up.status_code) == (False, None)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    closed = call(f"http://127.0.0.1:{port}/")
    assert (closed.ok, closed.error) == (False, "ConnectionRefusedError: [Errno 111] Connection refused")


def test_an_answer_with_zero_bytes_can_be_kept(receiver):
    receiver.behave = answer(200, b"a\x00b\xff")
    assert call(receiver.url).text == "ab�"
