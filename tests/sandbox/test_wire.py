"""HTTP itself: keep-alive, pipelining, chunks, broken requests."""

import http.client
import json
import socket

import pytest

AUTH = "Authorization: Bearer sandbox_gateway_key\r\n"


def talk(world, data: bytes, until: bytes = b"") -> bytes:
    """Send bytes and read until the server closes or `until` was seen."""
    with socket.create_connection(("127.0.0.1", world.port), timeout=30) as line:
        line.sendall(data)
        heard = b""
        while not (until and until in heard):
            part = line.recv(65536)
            if not part:
                break
            heard += part
        return heard


def test_one_connection_serves_many_requests(world):
    connection = http.client.HTTPConnection("127.0.0.1", world.port, timeout=30)
    lines = set()
    for _ in range(5):
        connection.request("GET", "/control/clock")
        assert json.loads(connection.getresponse().read())["offset_seconds"] == 0
        lines.add(connection.sock.getsockname())
    assert len(lines) == 1


def test_pipelined_requests_are_answered_in_order(world):
    paths = ["/control/clock", "/static/sandbox.css", "/nothing"]
    last = "GET /control/chaos HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    heard = talk(world, ("".join(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n" for path in paths) + last).encode())
    places = [heard.index(mark) for mark in (b"offset_seconds", b"@font-face", b"not_found", b'{"rules":[]}')]
    assert places == sorted(places)
    assert heard.count(b"HTTP/1.1 ") == 4


def test_chunked_body_and_expect(world):
    body = json.dumps([{"to": "a@example.com", "from": "b@example.com", "subject": "s", "text": "t"}])
    half = len(body) // 2
    chunks = "".join(f"{len(part):x}\r\n{part}\r\n" for part in (body[:half], body[half:])) + "0\r\n\r\n"
    head = f"POST /mailbox/messages HTTP/1.1\r\nHost: x\r\n{AUTH}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    assert b'"accepted":1' in talk(world, (head + chunks).encode())
    with socket.create_connection(("127.0.0.1", world.port), timeout=30) as line:
        line.sendall(f"POST /mailbox/messages HTTP/1.1\r\n{AUTH}Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n".encode())
        assert line.recv(100).startswith(b"HTTP/1.1 100 Continue")
        line.sendall(body.encode())
        assert b"201 Created" in line.recv(65536)


def test_head_and_old_clients(world):
    heard = talk(world, b"HEAD / HTTP/1.0\r\n\r\n")
    assert heard.startswith(b"HTTP/1.1 200 OK")
    assert heard.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"hello\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: ten\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n", b"413"),
        (b"GET /" + b"x" * 40_000, b"431"),
        (b"PUT /gateway/v1/charges HTTP/1.1\r\nConnection: close\r\n\r\n", b"405"),
        (b"GET /%ff%00 HTTP/1.1\r\nConnection: close\r\n\r\n", b"404"),
        (b"GET * HTTP/1.1\r\nConnection: close\r\n\r\n", b"404"),
    ],
)
def test_broken_requests_get_an_answer(world, data, status):
    assert talk(world, data).split(b" ")[1] == status
    assert world.get("/control/health")["status"] == "ok"
