"""Where a request ends, found piece by piece, and where nobody can say."""

import pytest

from core.api.middleware import (
    MAX_FILES_BYTES,
    MAX_FORM_BYTES,
    MAX_PICTURES_BYTES,
    MAX_TABLE_BYTES,
    OFFICE_PREFIX,
    PICTURE_PREFIXES,
    TABLES_PREFIX,
)
from stack.web.arrival import LARGER, MOST_BODY, MOST_HEAD, Arrival, Part

GET = b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n"
TRAILED = CHUNKED[:-2] + b"X-Sum: 1\r\n\r\n"


def head(*lines: str) -> bytes:
    return "\r\n".join(["POST /a HTTP/1.1", "Host: a", *lines, "", ""]).encode()


@pytest.mark.parametrize("request_", [GET, POST, CHUNKED, TRAILED])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_a_request_is_whole_with_its_last_byte_however_it_comes(request_, size):
    arrival = Arrival()
    pieces = [request_[at : at + size] for at in range(0, len(request_), size)]
    parts = [arrival.feed(piece) for piece in pieces]
    assert parts == [Part.SOME] * (len(pieces) - 1) + [Part.WHOLE]
    assert not arrival.is_last
    assert arrival.take() == request_
    assert (arrival.feed(b""), len(arrival)) == (Part.NOTHING, 0)


def test_what_follows_belongs_to_the_next_one():
    arrival = Arrival()
    assert arrival.feed(POST + GET + CHUNKED + GET[:10]) is Part.WHOLE
    taken = []
    while arrival.feed(b"") is Part.WHOLE:
        taken.append(arrival.take())
    assert taken == [POST, GET, CHUNKED]
    assert arrival.feed(GET[10:]) is Part.WHOLE
    assert arrival.take() == GET


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 5", "Content-Length: 5"),
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: gzip, chunked",),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: identity",),
        ("Content-Length: -5",),
        ("Content-Length: +5",),
        ("Content-Length: 0x5",),
        ("Content-Length: 5, 5",),
        ("Content-Length:",),
        ("Content-Length : 5",),
        ("X: a", " Content-Length: 5"),
        ("no field at all",),
        (f"Content-Length: {MOST_BODY + 1}",),
        ("Content-Length: 99999999999999999999",),
    ],
)
def test_a_head_that_leaves_doubt_ends_the_connection_with_its_answer(lines):
    arrival = Arrival()
    assert arrival.feed(head(*lines) + b"hello" + GET) is Part.WHOLE
    assert arrival.is_last
    assert arrival.take() == head(*lines)


@pytest.mark.parametrize("body", [b"x\r\n", b"5 5\r\n", b"-1\r\nhello\r\n", b"5;" + b"a" * 2000, b"123456789\r\n"])
def test_a_chunk_that_is_none_is_handed_over_to_be_refused(body):
    arrival = Arrival()
    sent = head("Transfer-Encoding: chunked") + body
    assert arrival.feed(sent) is Part.WHOLE
    assert arrival.is_last
    assert arrival.take() == sent


def test_nothing_is_waited_for_that_is_too_long():
    assert Arrival().feed(b"GET / HTTP/1.1\r\nX: " + b"a" * MOST_HEAD) is Part.TOO_LONG_HEAD
    assert Arrival().feed(b"GET / HTTP/1.1\r\nX: " + b"a" * MOST_HEAD + b"\r\n\r\n") is Part.TOO_LONG_HEAD
    chunked = head("Transfer-Encoding: chunked")
    assert Arrival().feed(chunked + b"%x\r\n" % MOST_BODY) is Part.TOO_LONG_BODY
    arrival = Arrival()
    assert arrival.feed(chunked) is Part.SOME
    parts = [arrival.feed(b"ff\r\n" + b"a" * 255 + b"\r\n") for _ in range(MOST_BODY // 261 + 1)]
    assert (set(parts[:-1]), parts[-1]) == ({Part.SOME}, Part.TOO_LONG_BODY)
    assert Arrival().feed(chunked + b"0\r\nX: " + b"a" * MOST_HEAD) is Part.TOO_LONG_BODY


def test_a_client_that_waits_to_be_asked_is_asked_once():
    arrival = Arrival()
    waiting = head("Expect: 100-Continue", "Content-Length: 5")
    assert (arrival.feed(waiting), arrival.reply) == (Part.SOME, b"HTTP/1.1 100 Continue\r\n\r\n")
    assert (arrival.feed(b"he"), arrival.reply) == (Part.SOME, b"")
    assert (arrival.feed(b"llo"), arrival.reply) == (Part.WHOLE, b"")
    assert arrival.take() == head("Content-Length: 5") + b"hello"


@pytest.mark.parametrize(
    ("sent", "handed"),
    [
        (head("Expect: 100-continue", f"Content-Length: {MOST_BODY + 1}"), head(f"Content-Length: {MOST_BODY + 1}")),
        (head("Content-Length: 5", "Expect: 100-continue") + b"hello", head("Content-Length: 5") + b"hello"),
        (head("Expect: 100-continue").replace(b"1.1", b"1.0"), head("Expect: 100-continue").replace(b"1.1", b"1.0")),
    ],
)
def test_nobody_is_asked_for_what_is_there_or_not_wanted(sent, handed):
    arrival = Arrival()
    assert (arrival.feed(sent), arrival.reply) == (Part.WHOLE, b"")
    assert arrival.take() == handed


def test_a_body_may_have_the_greatest_length_and_no_byte_more():
    arrival = Arrival()
    arrival.feed(head(f"Content-Length: {MOST_BODY}"))
    piece = b"a" * 1024
    parts = [arrival.feed(piece) for _ in range(MOST_BODY // 1024)]
    assert (set(parts[:-1]), parts[-1]) == ({Part.SOME}, Part.WHOLE)
    assert arrival.take() == head(f"Content-Length: {MOST_BODY}") + piece * (MOST_BODY // 1024)


def upload(length: int, *lines: str) -> bytes:
    told = "".join(f"{line}\r\n" for line in (f"Content-Length: {length}", *lines))
    return f"POST /admin/learning/training/add/ HTTP/1.1\r\nHost: x\r\n{told}\r\n".encode()


def test_a_large_body_of_the_back_office_waits_outside_of_memory():
    length, piece = 3 * MOST_BODY, b"a" * 65_536
    arrival = Arrival()
    assert (arrival.feed(upload(length, "Expect: 100-continue") + piece), arrival.reply[:12]) == (Part.SOME, b"HTTP/1.1 100")
    parts = [arrival.feed(piece) for _ in range(length // 65_536 - 1)]
    assert (set(parts[:-1]), parts[-1], arrival.is_last) == ({Part.SOME}, Part.WHOLE, True)
    assert len(arrival) < MOST_HEAD
    body = b"".join(arrival.pieces())
    assert (arrival.take(), body) == (upload(length), b"a" * length)


def test_a_body_above_the_limit_of_its_path_is_refused_unread():
    most = dict(LARGER)[b"/admin/learning/training/"]
    for sent in (upload(most + 1), upload(MOST_BODY + 1).replace(b"/admin/learning/training/add/", b"/sign-in")):
        arrival = Arrival()
        assert arrival.feed(sent + b"aaa") is Part.WHOLE
        assert (arrival.is_last, list(arrival.pieces()), arrival.take()) == (True, [], sent)


def test_the_application_and_the_server_have_the_same_limits():
    assert {prefix.decode(): most for prefix, most in LARGER} == {
        TABLES_PREFIX: MAX_TABLE_BYTES,
        OFFICE_PREFIX: MAX_FILES_BYTES,
        **dict.fromkeys(PICTURE_PREFIXES, MAX_PICTURES_BYTES),
    }
    assert MOST_BODY == MAX_FORM_BYTES
