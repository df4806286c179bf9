"""Redis, for data that may be lost at any time: counts of calls, and which alarms were already raised."""

from functools import cache

import redis
from django.conf import settings

TIMEOUT_S = 0.05
NO_ANSWER = (redis.RedisError, OSError, ValueError)
"""What a call raises if Redis does not answer; ValueError, because the client may read from a connection that it has closed."""


@cache
def store() -> redis.Redis:
    """Return the process's client, with short timeouts; its calls raise one of NO_ANSWER where Redis does not answer."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)
