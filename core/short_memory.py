"""Redis, for what may be forgotten at any time: counts of calls, and which alarms were told already."""

from functools import cache

import redis
from django.conf import settings

TIMEOUT_S = 0.05


@cache
def store() -> redis.Redis:
    """Return the process's client, which gives up soon; RedisError where nothing answers."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)
