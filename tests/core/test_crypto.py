"""Personal data at rest: unreadable, bound to its field, found by hash, and readable through a change of keys."""

import base64
import json

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Consumer
from core import crypto
from core.db import execute, rows
from markets.models import Market

KEY_A = base64.b64encode(b"a" * 32).decode()
KEY_B = base64.b64encode(b"b" * 32).decode()


@pytest.fixture
def keys(settings):
    """Give a function that sets the key ring."""

    def ring(value: str) -> None:
        settings.FIELD_KEYS = value
        crypto._keys.cache_clear()

    yield ring
    crypto._keys.cache_clear()


@given(st.text(min_size=0, max_size=200))
def test_there_and_back(text):
    sealed = crypto.encrypt(text, context="t.c")
    assert crypto.decrypt(sealed, context="t.c") == text
    assert len(text) < 4 or text not in sealed


def test_equal_texts_look_different():
    assert len({crypto.encrypt("Anna", context="t.c") for _ in range(50)}) == 50


def test_another_field_cannot_read_it():
    sealed = crypto.encrypt("Anna", context="accounts_consumer.name")
    with pytest.raises(InvalidTag):
        crypto.decrypt(sealed, context="accounts_consumer.email")


@pytest.mark.parametrize("position", [0, 11, 12, 15, -1])
def test_a_changed_byte_is_noticed(position):
    version, kid, sealed = crypto.encrypt("Anna Nielsen", context="t.c").split(":")
    raw = bytearray(base64.b64decode(sealed))
    raw[position] ^= 1
    with pytest.raises(InvalidTag):
        crypto.decrypt(f"{version}:{kid}:{base64.b64encode(raw).decode()}", context="t.c")


def test_the_first_key_encrypts_and_all_decrypt(keys):
    keys(f"a:{KEY_A}")
    old = crypto.encrypt("Anna", context="t.c")
    keys(f"b:{KEY_B},a:{KEY_A}")
    new = crypto.encrypt("Anna", context="t.c")
    assert (old.split(":")[1], new.split(":")[1]) == ("a", "b")
    assert crypto.decrypt(old, context="t.c") == crypto.decrypt(new, context="t.c") == "Anna"
    keys(f"b:{KEY_B}")
    assert crypto.decrypt(new, context="t.c") == "Anna"
    with pytest.raises(KeyError):
        crypto.decrypt(old, context="t.c")


def test_a_key_under_another_s_name_opens_nothing(keys):
    keys(f"a:{KEY_A}")
    sealed = crypto.encrypt("Anna", context="t.c")
    keys(f"a:{KEY_B}")
    with pytest.raises(InvalidTag):
        crypto.decrypt(sealed, context="t.c")


def test_look_up_does_not_mind_case_and_space_and_needs_the_pepper(settings):
    found = crypto.lookup_hash(" Anna@People.example ")
    assert found == crypto.lookup_hash("anna@people.example")
    assert (len(found), found == crypto.lookup_hash("anna@people.examplf")) == (64, False)
    settings.LOOKUP_KEYS = [b"another"]
    assert crypto.lookup_hash("anna@people.example") != found


@pytest.fixture
def person(db, at):
    """Give a function that makes a consumer."""

    def make(**details: object) -> Consumer:
        market = Market.objects.get(code="US")
        return Consumer.objects.create(market=market, locale="en_US", time_zone="UTC", email_hash="x", created_at=at, **details)

    return make


def test_the_row_holds_nothing_readable(person):
    person = person(email="anna@people.example", name="Anna Nielsen", address={"line1": "1 Harbor Street", "city": "Portland"})
    stored = json.dumps([str(value) for value in rows("SELECT * FROM accounts_consumer WHERE id = %s", [str(person.id)])[0]])
    for secret in ("anna", "Anna", "Nielsen", "Harbor", "Portland"):
        assert secret not in stored
    again = Consumer.objects.get(id=person.id)
    assert (again.email, again.name, again.address["city"]) == ("anna@people.example", "Anna Nielsen", "Portland")


def test_a_value_moved_to_another_column_is_not_read(person):
    person = person(email="a@b.example", name="Anna")
    execute("UPDATE accounts_consumer SET name = email WHERE id = %s", [str(person.id)])
    with pytest.raises(InvalidTag):
        Consumer.objects.get(id=person.id)


def test_empty_stays_empty(person):
    person = person(email="")
    assert rows("SELECT email, name FROM accounts_consumer WHERE id = %s", [str(person.id)]) == [("", "")]
    assert Consumer.objects.get(id=person.id).address == {}
