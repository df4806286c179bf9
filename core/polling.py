"""When to ask a provider again about a pending request; pure."""

from datetime import datetime, timedelta

SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(hours=12)


def next_look(*, since: datetime, at: datetime) -> datetime:
    """Return when to ask again about a request made at `since`: after half the request's age, at least a minute, at most twelve hours."""
    return at + min(max((at - since) / 2, SHORTEST), LONGEST)
