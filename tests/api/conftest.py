"""Callers of the API: a shop, its publishable key, another shop."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from core import clock
from merchants.models import Merchant
from tests.shops import make_key, open_shop


class Api:
    """The API as one key sees it."""

    def __init__(self, key: str = "") -> None:
        self.client = Client(headers={"Authorization": f"Bearer {key}"} if key else {})
        self.key = key

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query)

    def post(self, path: str, body: Any = None, *, key: str = "", raw: bytes | None = None, content_type: str = "application/json") -> Any:
        return self.send("POST", path, body, key=key, raw=raw, content_type=content_type)

    def patch(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.send("PATCH", path, body, **options)

    def delete(self, path: str) -> Any:
        return self.client.delete(f"/api/v1/{path}")

    def send(
        self, method: str, path: str, body: Any = None, *, key: str = "", raw: bytes | None = None, content_type: str = "application/json"
    ) -> Any:
        data = raw if raw is not None else json.dumps(body).encode() if body is not None else b""
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.generic(method, f"/api/v1/{path}", data, content_type=content_type, headers=headers)


@pytest.fixture
def shop(db) -> Merchant:
    return open_shop(name="Nordlys Lamps", at=clock.now())


@pytest.fixture
def stranger_shop(db) -> Merchant:
    return open_shop(name="Trailhead", at=clock.now())


@pytest.fixture
def api(shop) -> Api:
    return Api(make_key(shop))


@pytest.fixture
def page_api(shop) -> Api:
    return Api(make_key(shop, "publishable"))


@pytest.fixture
def stranger(stranger_shop) -> Api:
    return Api(make_key(stranger_shop))


@pytest.fixture
def nobody(db) -> Api:
    return Api()


@pytest.fixture
def problem() -> Callable[..., dict[str, Any]]:
    """Give a check that an answer is a problem with a status and code, and return its document."""

    def check(answer: Any, status: int, code: str | None = None, field: str | None = None) -> dict[str, Any]:
        body = json.loads(answer.content)
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), body
        assert body["status"] == status
        assert body["request_id"] == answer["X-Request-Id"]
        assert code is None or body["code"] == code, body
        assert field is None or field in body["fields"], body
        return body

    return check
