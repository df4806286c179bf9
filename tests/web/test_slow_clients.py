"""Clients that send half of a request, one byte at a time, or read nothing: the web server answers everybody else meanwhile."""

import contextlib
import http.client
import json
import re
import socket
import time
from collections.abc import Iterator

import pytest
import requests

from stack import programs
from stack.ports import LOOPBACK, free_port
from stack.web.arrival import MOST_BODY
from tests.operators import make_boss

HALF_HEAD = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
HALF_BODY = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\ncontact=a"
# Two workers have eight threads.
MANY = 60


@pytest.fixture
def web(transactional_db, spawn, process_env) -> int:
    """The port of a running web server as the demo starts it."""
    port = free_port()
    spawn(programs.web(port, process_env))
    return port


@contextlib.contextmanager
def clients(port: int, count: int, sends: bytes) -> Iterator[list[socket.socket]]:
    """Open so many connections that send something and wait."""
    with contextlib.ExitStack() as stack:
        opened = [stack.enter_context(socket.create_connection((LOOPBACK, port), timeout=30)) for _ in range(count)]
        for one in opened:
            one.sendall(sends)
        yield opened


def ask(port: int, path: str = "/livez", method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, float]:
    """Return the status of an answer and after how many seconds it came."""
    began = time.monotonic()
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=20)
    connection.request(method, path, body, headers)
    status = connection.getresponse().status
    connection.close()
    return status, time.monotonic() - began


def all_of(one: socket.socket) -> bytes:
    """Return what a server sends until it closes."""
    found = b""
    while data := one.recv(65_536):
        found += data
    return found


@pytest.mark.parametrize("sends", [b"", HALF_HEAD, HALF_BODY], ids=["nothing", "half a head", "half a body"])
def test_half_sent_requests_keep_nobody_waiting(web, sends):
    with clients(web, MANY, sends):
        answers = [ask(web) for _ in range(20)]
    assert {status for status, _ in answers} == {200}
    assert max(took for _, took in answers) < 2


def test_a_client_that_closes_late_keeps_nobody_waiting(web):
    with clients(web, MANY, b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n") as late:
        answers = [ask(web) for _ in range(20)]
        assert all_of(late[0]).endswith(b"ok\n")
    assert {status for status, _ in answers} == {200}
    assert max(took for _, took in answers) < 2


LARGE = "/static/unfold/css/styles.css"
TIMES = 10


def reads_little(port: int) -> socket.socket:
    """Return a connection that takes a few kilobytes and no more until it is read."""
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    one.settimeout(30)
    one.connect((LOOPBACK, port))
    return one


def test_clients_that_do_not_read_keep_nobody_waiting_and_get_all_in_the_end(web):
    whole = requests.get(f"http://{LOOPBACK}:{web}{LARGE}", headers={"Accept-Encoding": "identity"}, timeout=20).content
    assert len(whole) > 300_000
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(reads_little(web)) for _ in range(MANY)]
        for one in slow:
            # Nobody reads what is asked for here, which is more than the system keeps.
            one.sendall(f"GET {LARGE} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * TIMES)
        answers = [ask(web) for _ in range(20)]
        found = bytearray()
        while len(found) < TIMES * len(whole) or not found.endswith(whole):
            found += slow[0].recv(1 << 20)
    assert found.count(whole) == TIMES
    assert {status for status, _ in answers} == {200}
    assert max(took for _, took in answers) < 2


def test_a_request_in_single_bytes_is_answered(web):
    with socket.create_connection((LOOPBACK, web), timeout=30) as one:
        for byte in b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n":
            one.sendall(bytes([byte]))
            time.sleep(0.002)
        assert all_of(one).startswith(b"HTTP/1.1 200 OK")


def test_a_body_that_comes_in_parts_is_read_whole(web):
    body = json.dumps({"amount": 22_900, "currency": "USD", "x": "a" * 100_000}).encode()
    with socket.create_connection((LOOPBACK, web), timeout=30) as one:
        one.sendall(b"POST /api/v1/quotes HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Type: application/json\r\n")
        one.sendall(b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
        assert one.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        for at in range(0, len(body), 30_000):
            piece = body[at : at + 30_000]
            one.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
        one.sendall(b"0\r\n\r\n")
        answer = all_of(one)
    # Without a key: the body was there, and the answer is the API's.
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"application/problem+json" in answer


def test_what_is_too_long_is_refused_before_a_thread_is_taken(web):
    with socket.create_connection((LOOPBACK, web), timeout=30) as one:
        one.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 40_000)
        assert all_of(one).startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n")
    with socket.create_connection((LOOPBACK, web), timeout=30) as one:
        one.sendall(b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % (MOST_BODY + 1))
        assert all_of(one).startswith(b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\n")
    with socket.create_connection((LOOPBACK, web), timeout=30) as one:
        one.sendall(b"POST /api/v1/quotes HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % (MOST_BODY + 1))
        answer = all_of(one)
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b"application/problem+json" in answer


def test_who_sends_half_a_head_is_told_and_let_go(web):
    began = time.monotonic()
    with socket.create_connection((LOOPBACK, web), timeout=30) as one:
        one.sendall(HALF_HEAD)
        assert all_of(one).startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert 9 < time.monotonic() - began < 20


def test_more_clients_than_a_worker_keeps_make_room_for_new_ones(transactional_db, spawn, process_env):
    port = free_port()
    few = programs.web(port, process_env)
    spawn(few.__class__(**{**vars(few), "argv": (*few.argv, "--worker-connections", "20")}))
    with clients(port, 100, HALF_HEAD):
        answers = [ask(port) for _ in range(10)]
    assert {status for status, _ in answers} == {200}
    assert max(took for _, took in answers) < 2


def test_two_requests_that_gunicorn_reads_otherwise_are_never_mixed(web):
    for lines in (b"Content-Length: 5\r\nContent-Length: 5", b"Content-Length: 5\r\nTransfer-Encoding: chunked", b"Content-Length : 5"):
        with socket.create_connection((LOOPBACK, web), timeout=30) as one:
            one.sendall(b"POST /livez HTTP/1.1\r\nHost: localhost\r\n" + lines + b"\r\n\r\nGET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
            answer = all_of(one)
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert answer.count(b"HTTP/1.1") == 1


def test_an_operator_sends_a_file_larger_than_a_form(web):
    make_boss("rita@kvart.example")
    platform, browser = f"http://{LOOPBACK}:{web}", requests.Session()
    # A kept connection may be closed by the server at the moment when the next request is sent.
    browser.headers["Connection"] = "close"
    door = f"{platform}/admin/login/"

    def token(page: str) -> str:
        return re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(page, timeout=30).text)[0]

    told = {"csrfmiddlewaretoken": token(door), "username": "rita@kvart.example", "password": "demo-password", "next": "/admin/"}
    assert browser.post(door, told, headers={"Referer": door}, timeout=30).status_code == 200
    page = f"{platform}/admin/learning/training/"
    sent = {"csrfmiddlewaretoken": token(page)}
    table = "a,b,bad\n" + "1,2,0\n3,4,1\n" * 250_000
    answer = browser.post(page, sent, files={"table": ("t.csv", table)}, headers={"Referer": page}, timeout=60)
    assert (len(table) > 2 * MOST_BODY, answer.status_code) == (True, 200)
