"""How often a key may call; without Redis everybody may."""

import pytest
import redis

from core.api import limits


def test_beyond_the_limit_is_429_with_a_time_to_wait(api, stranger, settings, problem):
    settings.API_CALLS_PER_MINUTE = 3
    while limits._count("probe") != 1:  # a fresh minute, so that none ends in between
        limits.store().delete(*limits.store().keys("rate:*"))
    answers = [api.get("orders") for _ in range(5)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert [answer.status_code for answer in answers[:3]] == [200] * 3
    assert refused
    problem(refused[-1], 429, "too_many_requests")
    assert 1 <= int(refused[-1]["Retry-After"]) <= 60
    assert stranger.get("orders").status_code == 200


def test_without_redis_everybody_may_call(api, settings, monkeypatch):
    settings.API_CALLS_PER_MINUTE = 1
    asked = []

    def away():
        asked.append(1)
        return redis.Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=0.05)

    monkeypatch.setattr(limits, "store", away)
    monkeypatch.setattr(limits, "_pause_until", 0.0)
    assert [api.get("orders").status_code for _ in range(4)] == [200] * 4
    assert len(asked) == 1


@pytest.mark.parametrize("fault", [redis.ConnectionError("gone"), OSError("reset"), ValueError("I/O operation on closed file.")])
def test_whatever_the_client_of_redis_raises_as_redis_dies_refuses_nobody(api, settings, monkeypatch, fault):
    settings.API_CALLS_PER_MINUTE = 1

    def die(*_args, **_options):
        raise fault

    monkeypatch.setattr(redis.client.Pipeline, "execute", die)
    monkeypatch.setattr(limits, "_pause_until", 0.0)
    assert [api.get("orders").status_code for _ in range(3)] == [200] * 3
