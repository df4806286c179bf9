"""What a proxy asks."""

import pytest
from django.db import connection


def test_livez_answers_without_the_database(client):
    answer = client.get("/livez")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_readyz_asks_the_database_once(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_readyz_fails_without_the_database(client, monkeypatch):
    monkeypatch.setattr(connection, "cursor", lambda: (_ for _ in ()).throw(ConnectionError("gone")))
    client.raise_request_exception = False
    assert client.get("/readyz").status_code == 500
