"""The database goes away: before a request, in the midst of one, for good. All are told to come back, and nothing is half done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest
from django.db import DatabaseError, connection
from django.test import Client

from checkout.models import Capture
from core import clock
from core.api.unreachable import is_away
from tests.api.conftest import Api
from tests.shops import make_key

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def broken_off(when: Callable[[str], bool], times: int = 1) -> Iterator[list[str]]:
    """End the session itself, as an administrator may, at the first statements that fit."""
    hit: list[str] = []

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if len(hit) < times and when(sql):
            hit.append(sql)
            other = connection.copy()
            pid = connection.connection.info.backend_pid
            with other.cursor() as cursor:
                cursor.execute("SET ROLE NONE")
                cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
            other.close()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield hit


@pytest.fixture
def browser() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def shop_api(merchant) -> Api:
    api = Api(make_key(merchant))
    api.client.raise_request_exception = False
    return api


def test_what_only_reads_is_answered_on_another_session(buy, merchant, shop_api):
    order = buy(merchant, 22_900, at=clock.now())
    with broken_off(lambda sql: "plans_installment" in sql) as hit:
        answer = shop_api.get(f"orders/{order.public_id}")
    assert len(hit) == 1
    assert (answer.status_code, answer.json()["id"]) == (200, order.public_id)
    assert "Retry-After" not in answer


def test_it_is_asked_twice_and_no_more(buy, merchant, shop_api):
    order = buy(merchant, 22_900, at=clock.now())
    with broken_off(lambda sql: "plans_installment" in sql, times=5) as hit:
        answer = shop_api.get(f"orders/{order.public_id}")
    assert len(hit) == 2
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "unavailable", "5")
    assert answer.json()["request_id"] == answer["X-Request-Id"]


def test_a_server_that_ends_in_the_midst_of_an_answer_is_away_too(browser):
    def ends(_execute: Any, _sql: str, _params: Any, _many: bool, _context: Any) -> Any:
        with connection.wrap_database_errors:
            raise psycopg2.DatabaseError("server closed the connection unexpectedly")

    with connection.execute_wrapper(ends):
        answer = browser.get("/checkout/chk_agrckrsbgv5rjjfgt5mnlat4hy")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


def test_an_error_of_our_own_is_not_taken_for_one_of_the_server():
    assert not is_away(DatabaseError("Save with update_fields did not affect any rows."))


def test_what_writes_is_not_repeated_by_us_and_is_done_once_by_the_caller(buy, merchant, shop_api):
    order = buy(merchant, 22_900, at=clock.now())
    path, body = f"orders/{order.public_id}/captures", {"amount": 22_900}
    with broken_off(lambda sql: "INSERT INTO" in sql and "checkout_capture" in sql, times=5) as hit:
        answer = shop_api.post(path, body, key="one")
    assert len(hit) == 1
    assert (answer.status_code, answer["Retry-After"], answer["Content-Type"]) == (503, "5", "application/problem+json")
    assert Capture.objects.count() == 0
    for _ in range(2):
        assert shop_api.post(path, body, key="one").status_code == 201
    assert Capture.objects.count() == 1


@pytest.fixture
def stopped() -> Iterator[None]:
    """Let nobody reach the database."""
    known = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict["HOST"] = "/nowhere"
    yield
    connection.settings_dict["HOST"] = known
    connection.close()


@pytest.mark.parametrize("path", ["/sign-in", "/merchant/sign-in", "/admin/", "/merchant/orders", "/checkout/chk_1"])
def test_people_are_told_to_come_back(stopped, browser, path):
    browser.cookies["bnpl_session"] = "abcdefghijklmnopqrstuvwxyz012345"
    answer = browser.get(path)
    if answer.status_code != 503:
        # A page that needs nothing of the database is shown.
        assert answer.status_code in {200, 302}
        return
    assert answer["Retry-After"] == "5"
    assert "Try again in a moment" in answer.content.decode()


def test_shops_are_told_to_come_back(stopped, browser):
    for answer in (
        browser.get("/api/v1/orders", headers={"Authorization": "Bearer sk_sandbox_" + "a" * 40}),
        browser.post("/api/v1/checkouts", {}, content_type="application/json", headers={"Authorization": "Bearer sk_sandbox_" + "a" * 40}),
    ):
        assert (answer.status_code, answer["Retry-After"], answer.json()["code"]) == (503, "5", "unavailable")


def test_whoever_asks_whether_it_can_work_hears_that_it_cannot(stopped, browser):
    assert browser.get("/readyz").status_code == 503
    assert browser.get("/livez").status_code == 200
