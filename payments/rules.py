"""How many cards somebody may try: pure calculation over the moments at which cards were declined.

Who tests stolen cards tries many, each once; who mistypes tries one or two again. The limits stand here alone, chosen in November 2026:

- Card schemes take 10 declined tries of one account in a day for an attack, and 15 tries of one card in 30 days for an excess; people who
  have a card at hand need two tries, rarely four.
- A browser may be a family's, hence twice as many as one account's.
- A network may be a whole company's or a phone carrier's: it is never shut. Where much was declined from it, each account there has fewer
  tries, but always a first one, so that nobody who shares it is kept out by others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many in so long; the next is free when the oldest of them is older than that."""

    most: int
    within: timedelta


ACCOUNT = (Limit(5, HOUR), Limit(10, DAY))
DEVICE = (Limit(10, HOUR), Limit(20, DAY))
MOST = max(limit.most for limit in (*ACCOUNT, *DEVICE))
"""So many declined tries at most are looked at."""
BUSY_NETWORK = ((100, Limit(1, HOUR)), (20, Limit(2, HOUR)))
"""From so many declined in an hour from a network on, each account there has only so many tries."""
VISITS = (Limit(10, HOUR), Limit(30, DAY))
"""Visits of an account to the gateway's card page from which no card came; the gateway itself takes few tries in one visit."""


@dataclass(frozen=True, slots=True)
class Declined:
    """When cards were declined, newest first: of the account that asks, in its browser, and how many within an hour from its network."""

    account: Sequence[datetime] = ()
    device: Sequence[datetime] = ()
    network_an_hour: int = 0


def wait_for_card(declined: Declined, at: datetime) -> int:
    """Return how many seconds somebody has to wait before another card is tried; 0 where they need not."""
    busy = [limit for count, limit in BUSY_NETWORK if declined.network_an_hour >= count][:1]
    return max(wait_under((*ACCOUNT, *busy), declined.account, at), wait_under(DEVICE, declined.device, at))


def wait_under(limits: Sequence[Limit], moments: Sequence[datetime], at: datetime) -> int:
    """Return for how many seconds moments, newest first, keep another one out under all limits."""
    free = [moments[limit.most - 1] + limit.within for limit in limits if len(moments) >= limit.most]
    return max([0, *(-int((at - moment).total_seconds() // 1) for moment in free)])
