"""deploy/nginx.conf as it stands, in Debian's nginx before a real web server: what it keeps away, and what it passes on."""

import contextlib
import http.client
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bnpl.env import ROOT
from core.api.middleware import MAX_FILES_BYTES
from stack.ports import LOOPBACK, answers, free_port

MANY = 100


@pytest.fixture(scope="module")
def nginx() -> str:
    found = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
    if found is None:
        pytest.skip("no nginx on this machine (on Debian: apt-get install nginx-light)")
    return found


def moved(text: str, old: str, new: str) -> str:
    """Return the file with one thing of this machine in place of one of the container."""
    assert text.count(old) == 1, old
    return text.replace(old, new)


def written(folder: Path, *, port: int, upstream: int) -> Path:
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    text = moved(text, "server web:8000;", f"server {LOOPBACK}:{upstream};")
    text = moved(text, "listen 8080;", f"listen {LOOPBACK}:{port};")
    text = moved(text, "/var/run/nginx.pid", str(folder / "nginx.pid"))
    text = moved(text, "/dev/stderr", str(folder / "error.log"))
    text = moved(text, "/etc/nginx/tls/", f"{folder}/tls/")
    (folder / "tls").mkdir(exist_ok=True)
    (folder / "nginx.conf").write_text(text)
    return folder / "nginx.conf"


@contextlib.contextmanager
def running(nginx: str, folder: Path, upstream: int) -> Iterator[int]:
    port = free_port()
    command = [nginx, "-p", str(folder), "-c", str(written(folder, port=port, upstream=upstream)), "-e", str(folder / "error.log")]
    with subprocess.Popen([*command, "-g", "daemon off;"]) as process:
        deadline = time.monotonic() + 20
        while not answers(port):
            assert process.poll() is None, (folder / "error.log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield port
        process.terminate()


class Platform:
    """A platform of one thread that counts who reaches it and tells what it was sent: one slow client would stop it."""

    def __init__(self) -> None:
        self.listener = socket.create_server((LOOPBACK, 0), backlog=200)
        self.port: int = self.listener.getsockname()[1]
        self.seen: list[bytes] = []

    def serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                client.settimeout(30)
                with client:
                    self._answer(client)

    def _answer(self, client: socket.socket) -> None:
        request = b""
        while b"\r\n\r\n" not in request:
            request += client.recv(65_536)
        head, _, body = request.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        while length and len(body) < int(length[1]):
            body += client.recv(65_536)
        self.seen.append(head + b"\r\n\r\n" + body)
        answer = b"a" * (400_000 if head.startswith(b"GET /large") else 2)
        client.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(answer) + answer)


@pytest.fixture
def platform() -> Iterator[Platform]:
    stub = Platform()
    thread = threading.Thread(target=stub.serve, daemon=True)
    thread.start()
    yield stub
    stub.listener.shutdown(socket.SHUT_RDWR)
    stub.listener.close()
    thread.join(10)


@pytest.fixture
def door(nginx, platform, tmp_path) -> Iterator[int]:
    with running(nginx, tmp_path, platform.port) as port:
        yield port


def ask(port: int, path: str = "/livez", method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, float]:
    began = time.monotonic()
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=20)
    connection.request(method, path, body, headers)
    status = connection.getresponse().status
    connection.close()
    return status, time.monotonic() - began


HALF_HEAD = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
HALF_BODY = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\ncontact=a"
UNREAD = b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize("sends", [b"", HALF_HEAD, HALF_BODY, UNREAD], ids=["nothing", "half a head", "half a body", "reads nothing"])
def test_slow_clients_never_reach_a_platform_of_a_single_thread(door, platform, sends):
    with contextlib.ExitStack() as stack:
        for _ in range(MANY):
            slow = stack.enter_context(socket.socket())
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.connect((LOOPBACK, door))
            slow.sendall(sends)
        answered = [ask(door) for _ in range(20)]
    assert {status for status, _ in answered} == {200}
    assert max(took for _, took in answered) < 5
    assert not any(request.startswith(b"POST") for request in platform.seen)


def test_a_client_s_own_word_on_its_address_is_replaced(door, platform):
    told = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "https",
        "Forwarded": "for=203.0.113.9",
        "X-Forwarded-Host": "evil.example",
    }
    assert ask(door, **told)[0] == 200
    head = platform.seen[-1].decode().lower()
    assert "x-forwarded-for: 127.0.0.1\r\n" in head
    assert "x-forwarded-proto: http\r\n" in head
    assert "203.0.113.9" not in head
    assert "evil.example" not in head
    assert f"host: {LOOPBACK}:{door}" in head


def test_what_is_too_large_is_refused_at_the_door(door, platform):
    assert ask(door, "/sign-in", "POST", b"a" * (1024 * 1024 + 1))[0] == 413
    assert ask(door, **{"X-Long": "a" * 40_000})[0] == 400
    assert platform.seen == []
    assert ask(door, "/sign-in", "POST", b"a" * 1024 * 1024)[0] == 200
    assert platform.seen[-1].endswith(b"a" * 1024 * 1024)


def test_files_of_operators_pass_the_door(door, platform):
    assert ask(door, "/admin/controls/proposal/1/change/", "POST", b"a" * MAX_FILES_BYTES)[0] == 200
    assert ask(door, "/admin/controls/proposal/1/change/", "POST", b"a" * (MAX_FILES_BYTES + 1))[0] == 413
    assert len(platform.seen) == 1
    assert ask(door, "/admin/learning/training/", "POST", b"a" * (MAX_FILES_BYTES + 1))[0] == 200
    assert ask(door, "/pictures/chk_1", "POST", b"a" * (MAX_FILES_BYTES + 1))[0] == 200


def test_one_address_keeps_so_many_connections_and_no_more(door):
    with contextlib.ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(socket.create_connection((LOOPBACK, door))).sendall(HALF_BODY)
        time.sleep(0.5)
        assert ask(door)[0] == 429
    time.sleep(0.5)
    assert ask(door)[0] == 200


def test_tls_ends_at_the_proxy_and_the_platform_hears_of_it(nginx, platform, tmp_path):
    openssl = shutil.which("openssl") or pytest.skip("no openssl on this machine")
    port, folder = free_port(), tmp_path / "tls"
    folder.mkdir()
    keys = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", *keys], check=True, capture_output=True
    )
    text = (ROOT / "deploy" / "tls" / "tls.conf.example").read_text().replace("/etc/nginx/tls/", f"{folder}/")
    (folder / "tls.conf").write_text(moved(text, "listen 8443 ", f"listen {LOOPBACK}:{port} "))
    with running(nginx, tmp_path, platform.port):
        trusting = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection(LOOPBACK, port, timeout=20, context=trusting)
        connection.request("GET", "/livez")
        assert connection.getresponse().status == 200
        connection.close()
    assert b"X-Forwarded-Proto: https\r\n" in platform.seen[-1]
