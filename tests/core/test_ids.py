"""Ids: sorted by time inside, opaque and prefixed outside; what is not one of ours does not exist."""

import contextlib
import time
import uuid

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import NotFound
from core.ids import UNKNOWN, parse_id, public_id, uuid7

ALPHABET = set("abcdefghijklmnopqrstuvwxyz234567")


@given(st.uuids(), st.sampled_from(sorted(UNKNOWN)))
def test_there_and_back(key, prefix):
    text = public_id(prefix, key)
    head, _, tail = text.partition("_")
    assert (head, len(tail), set(tail) <= ALPHABET) == (prefix, 26, True)
    assert parse_id(prefix, text) == key


@given(st.text(max_size=40) | st.integers() | st.none() | st.binary(max_size=5))
@example("ord_")
@example("ord_" + "a" * 25)
@example("ord_" + "1" * 26)
@example("ord_" + "A" * 26)
@example("ord_" + "é" * 26)
@example("ord_" + "a" * 26 + "\n")
def test_anything_else_does_not_exist(value):
    with pytest.raises(NotFound, match="There is no such order"):
        parse_id("ord", value)


def test_another_prefix_does_not_exist():
    with pytest.raises(NotFound, match="There is no such plan"):
        parse_id("pln", public_id("ord", uuid7()))


@given(st.uuids(), st.integers(min_value=0, max_value=25), st.sampled_from(sorted(ALPHABET)))
def test_an_id_has_one_spelling(key, position, letter):
    text = public_id("ord", key)
    other = text[: 4 + position] + letter + text[5 + position :]
    if other == text:
        return
    with contextlib.suppress(NotFound):
        assert parse_id("ord", other) != key


def test_keys_are_version_seven_and_sort_as_they_were_made():
    before = time.time_ns() // 1_000_000
    keys = [uuid7() for _ in range(20_000)]
    after = time.time_ns() // 1_000_000
    assert keys == sorted(keys)
    assert {(key.version, key.variant) for key in keys} == {(7, uuid.RFC_4122)}
    assert before <= keys[0].int >> 80 < keys[-1].int >> 80 <= after


def test_keys_do_not_repeat():
    assert len({uuid7() for _ in range(20_000)}) == 20_000
