"""Sessions: read with one statement, and forgotten when their time is over."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session

from core.clock import wall
from core.session_store import SessionStore, sessions

pytestmark = pytest.mark.django_db


@pytest.fixture
def stored() -> str:
    store = SessionStore()
    store["consumer"] = "con_1"
    store.save()
    assert store.session_key is not None
    return store.session_key


def test_a_session_is_read_with_one_statement(stored, django_assert_num_queries):
    store = SessionStore(stored)
    sessions(stored, wall())
    with django_assert_num_queries(1):
        assert store["consumer"] == "con_1"
        assert store.session_key == stored


@pytest.mark.parametrize("key", ["x" * 32, "it's"])
def test_an_unknown_key_is_an_empty_session_without_a_key(stored, key):
    store = SessionStore(key)
    assert (store.get("consumer"), store.session_key) == (None, None)


def test_a_session_that_has_run_out_is_gone(stored):
    Session.objects.update(expire_date=wall() - timedelta(seconds=1))
    store = SessionStore(stored)
    assert (store.get("consumer"), store.session_key) == (None, None)
    assert sessions.queryset(stored, wall()).first() is None
