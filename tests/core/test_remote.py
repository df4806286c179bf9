"""Answers of outside services: what no database takes is no answer, whatever else a text holds stays as it is."""

import json

import pytest
import requests

from core.remote import Remote, Unknown


@pytest.fixture
def answer(monkeypatch):
    """Give a function that lets a service answer a body, and returns what is read of it."""

    def read(body: bytes, **how: bool):
        told = requests.Response()
        told.status_code, told._content = 200, body
        monkeypatch.setattr(requests.Session, "request", lambda *_told, **_how: told)
        return Remote("https://paper.example", "k", account="remote", **how).get("/x")

    return read


@pytest.mark.parametrize("text", ["plain", "\\u0000", "\\\\u0000\\", "\\ud800", "\U0001f600", "\n\x01", 'æ"', ""])
@pytest.mark.parametrize("escaped", [True, False])
def test_any_text_that_can_be_stored_is_read_as_it_is(answer, text, escaped):
    told = {text: [text, {"a": text}]}
    assert answer(json.dumps(told, ensure_ascii=escaped).encode()) == told


@pytest.mark.parametrize("text", ["\0", "\\\0", "a\0\0", "\ud800", "\udc00a"])
def test_a_text_that_cannot_be_stored_is_no_answer_or_is_mended(answer, text):
    for body in ({"a": [text]}, {text: 1}):
        for encoding in ("utf-8", "utf-16"):
            with pytest.raises(Unknown):
                answer(json.dumps(body).encode(encoding))
    mended = text.replace("\0", "?").replace("\ud800", "?").replace("\udc00", "?")
    assert answer(json.dumps({text: text}).encode(), mends=True) == {mended: mended}


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"a":' * 200_000, b'{"a": ' + b"9" * 5000 + b"}", b"\xff\xfe", b"null", b"[]", b""])
def test_an_answer_that_cannot_be_read_is_no_answer(answer, body):
    with pytest.raises(Unknown):
        answer(body)
