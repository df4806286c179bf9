"""Redis, for data that may be lost at any time: counts of calls, and alarms that were raised already."""

from functools import cache

import redis
from django.conf import settings

TIMEOUT_S = 0.05
NO_ANSWER = (redis.RedisError, OSError, ValueError)
"""What a call raises where Redis does not answer: its client also reads from a connection that it has closed itself (ValueError)."""


@cache
def store() -> redis.Redis:
    """Return the process's client, with short timeouts; one of NO_ANSWER where Redis does not answer."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)
