"""How many cards somebody may try: pure calculation over the moments at which cards were declined.

A thief tests many stolen cards, each once; an honest person mistypes one or two. All limits are in this file, chosen in November 2026:

- Card schemes treat 10 declined tries of one account in a day as an attack, and 15 tries of one card in 30 days as an excess. People who
  have a card at hand need two tries, rarely four.
- A family may share a browser, so a browser has twice as many tries as an account.
- A whole company or a phone carrier may share a network, so a network is never blocked. After many declines from a network, each account
  there has fewer tries, but always a first one, so that nobody is kept out by others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` tries `within` a sliding window; a try counts until it is older than the window."""

    most: int
    within: timedelta


ACCOUNT = (Limit(5, HOUR), Limit(10, DAY))
DEVICE = (Limit(10, HOUR), Limit(20, DAY))
MOST = max(limit.most for limit in (*ACCOUNT, *DEVICE))
"""The calculation needs at most this many declined tries, the newest ones."""
BUSY_NETWORK = ((100, Limit(1, HOUR)), (20, Limit(2, HOUR)))
"""Pairs of (declined tries from a network in an hour, limit): from that count on, the limit applies to each account on the network."""
VISITS = (Limit(10, HOUR), Limit(30, DAY))
"""Limits of visits to the gateway's card page that saved no card, by account; the gateway itself allows few tries in one visit."""


@dataclass(frozen=True, slots=True)
class Declined:
    """When cards were declined for the account and for its browser, newest first; and how many for its network within an hour."""

    account: Sequence[datetime] = ()
    device: Sequence[datetime] = ()
    network_an_hour: int = 0


def wait_for_card(declined: Declined, at: datetime) -> int:
    """Return how many seconds a person has to wait before the next try of a card; 0 for no wait."""
    busy = [limit for count, limit in BUSY_NETWORK if declined.network_an_hour >= count][:1]
    return max(wait_under((*ACCOUNT, *busy), declined.account, at), wait_under(DEVICE, declined.device, at))


def wait_under(limits: Sequence[Limit], moments: Sequence[datetime], at: datetime) -> int:
    """Return how many seconds all limits require until the next try, after tries at `moments`, newest first; 0 for no wait."""
    free = [moments[limit.most - 1] + limit.within for limit in limits if len(moments) >= limit.most]
    return max([0, *(-int((at - moment).total_seconds() // 1) for moment in free)])
