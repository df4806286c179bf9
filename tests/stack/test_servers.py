"""The servers that a test run stands on."""

import os

import psycopg2
import redis


def test_postgres_is_version_18_and_tests_do_not_wait_for_the_disk() -> None:
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int / 10000, current_setting('fsync'), current_setting('max_connections')"
        )
        assert cursor.fetchone() == (18, "off", "200")
    connection.close()


def test_redis_answers_on_loopback() -> None:
    url = os.environ["REDIS_URL"]
    assert url.startswith("redis://127.0.0.1:")
    assert redis.Redis.from_url(url).ping() is True
