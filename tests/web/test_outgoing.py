"""What goes out is sent in order, kept while the client does not read, and given up where there is too much of it."""

import socket
import threading
import time

import pytest
from gunicorn.config import Config

from stack.web import outgoing
from stack.web.outgoing import Outgoing
from stack.web.worker import Worker


@pytest.fixture
def ends():
    left, right = socket.socketpair()
    with left, right:
        yield Outgoing(left), right


def test_all_arrives_in_order_though_nobody_read_at_first(ends):
    out, client = ends
    sent = b"".join(b"%08d" % number for number in range(300_000))
    began = time.monotonic()
    for at in range(0, len(sent), 100_000):
        out.sendall(sent[at : at + 100_000])
    assert time.monotonic() - began < 5
    assert out.unsent
    got = bytearray()
    while len(got) < len(sent):
        out.flush()
        got += client.recv(1 << 20)
    assert (bytes(got), out.flush()) == (sent, True)


def test_who_makes_more_than_is_kept_waits_for_the_client(ends, monkeypatch):
    out, client = ends
    monkeypatch.setattr(outgoing, "MOST_UNSENT", 100_000)
    got = bytearray()

    def read():
        while len(got) < 3_000_000:
            got.extend(client.recv(1 << 16))

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(30):
        out.sendall(b"a" * 100_000)
        assert len(out.unsent) <= 100_000
    while not out.flush():
        time.sleep(0.001)
    reader.join(20)
    assert len(got) == 3_000_000


def test_a_client_that_never_reads_is_as_good_as_gone(ends, monkeypatch):
    out, _client = ends
    monkeypatch.setattr(outgoing, "MOST_UNSENT", 100_000)
    monkeypatch.setattr(outgoing, "STALLED_S", 0.2)
    with pytest.raises(BrokenPipeError):
        out.sendall(b"a" * 3_000_000)


def test_nothing_makes_it_block(ends):
    out, client = ends
    out.setblocking(True)
    out.settimeout(30)
    assert out.real.gettimeout() == 0
    client.close()
    with pytest.raises(OSError, match=r"Broken pipe|reset"):
        out.sendall(b"a")


def test_no_file_is_sent_by_the_system_whatever_the_command_says():
    """The system's own way of sending a file needs a socket that waits: every static file would end without a byte."""
    config = Config()
    assert config.sendfile is True
    Worker.check_config(config, None)
    assert config.sendfile is False
