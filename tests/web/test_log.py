"""What the web server itself logs of requests that nobody can read tells of nobody."""

import socket
import time

from stack import programs
from stack.ports import LOOPBACK, free_port

UNREADABLE = [
    b"BAD anna@example.com\r\n\r\n",
    b"GET /livez HTTP/1.1\r\nHost: localhost\r\nBad Header anna@example.com\r\n\r\n",
    b"GET /livez?to=anna@example.com HTTP/9.9\r\nHost: localhost\r\n\r\n",
]


def test_a_request_that_cannot_be_read_is_logged_without_what_a_person_typed(transactional_db, spawn, process_env):
    port = free_port()
    folders = spawn(programs.web(port, process_env)).folders
    for sent in UNREADABLE:
        with socket.create_connection((LOOPBACK, port), timeout=30) as one:
            one.sendall(sent)
            assert one.recv(65_536).startswith(b"HTTP/1.1 400 ")
    until = time.monotonic() + 10
    while (said := (folders.log / "web.log").read_text()).count("Invalid request from") < len(UNREADABLE) and time.monotonic() < until:
        time.sleep(0.05)
    assert said.count("Invalid request from") == len(UNREADABLE)
    assert "anna" not in said
    assert "'BAD [removed]'" in said
