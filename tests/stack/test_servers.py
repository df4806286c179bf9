"""The servers that a test run stands on."""

import os

import psycopg2
import redis

from stack import databases, freshness


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


def test_every_process_s_database_is_a_copy_of_one_that_is_migrated_as_the_files_are(settings) -> None:
    url = os.environ["DATABASE_URL"]
    template = settings.DATABASES["default"]["TEST"]["TEMPLATE"]
    assert template == f"migrated_{freshness.migrated_fingerprint()[:16]}"
    assert databases.names(url, "migrat%") == [template]
    assert databases.applied_migrations(url.replace("/bnpl?", f"/{template}?")) > 20


def test_a_changed_migration_or_market_makes_another_one(monkeypatch, tmp_path) -> None:
    (tmp_path / "shop" / "migrations").mkdir(parents=True)
    (tmp_path / "markets" / "data").mkdir(parents=True)
    monkeypatch.setattr(freshness, "ROOT", tmp_path)
    seen = {freshness.migrated_fingerprint()}
    (tmp_path / "core").mkdir()
    for path in ("shop/migrations/0001_initial.py", "core/roles.py", "markets/data/markets.json", "markets/services.py"):
        (tmp_path / path).write_text("x")
        seen.add(freshness.migrated_fingerprint())
    assert len(seen) == 5
