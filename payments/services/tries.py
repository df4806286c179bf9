"""Tries of cards by people who are present: counted before the gateway is asked, deleted if the card is good, limited if many fail.

Nothing of the card is stored: only the account, the time, and keyed hashes of the browser and the network.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from accounts.models import Consumer
from core.crypto import lookup_hash
from core.db import rows, unit, wait_lock
from core.errors import TooMany
from core.ids import uuid7
from core.prepared import Statement
from core.sentences import Sentence
from payments import rules
from payments.errors import CardRefused
from payments.models import CardTry
from payments.queries import list_proven

log = logging.getLogger("bnpl.payments")
T = TypeVar("T")
_DECLINED_MANY = Sentence("Too many cards were declined.")
_VISITED_MANY = Sentence("You went to the card page many times without saving a card.")


@dataclass(frozen=True, slots=True)
class Asker:
    """The network and browser from which somebody tries a card; empty if unknown."""

    network: str = ""
    device: str = ""

    @property
    def network_hash(self) -> str:
        """A keyed hash of the network."""
        return lookup_hash(f"cards:{self.network}") if self.network else ""

    @property
    def device_hash(self) -> str:
        """A keyed hash of the browser."""
        return lookup_hash(f"cards:{self.device}") if self.device else ""


NOBODY = Asker()


def take_try(*, consumer: Consumer, key: str, asker: Asker, at: datetime) -> None:
    """Count a try of a card under a key, before it is made, as declined until the card proves good; TooMany beyond the limits.

    Concurrent tries get no more than the limit. A try with the same key, such as from a double click, counts once.
    """
    with unit():
        wait_lock(f"cards:{consumer.id}")
        if CardTry.objects.filter(key=key).exists():
            return
        check_tries(consumer=consumer, asker=asker, at=at)
        note_declined(consumer=consumer, key=key, network_hash=asker.network_hash, device_hash=asker.device_hash, at=at)


def note_declined(*, consumer: Consumer, key: str, network_hash: str, device_hash: str, at: datetime) -> None:
    """Record a declined try, once for each key."""
    made = CardTry(consumer=consumer, key=key, network_hash=network_hash, device_hash=device_hash, at=at)
    CardTry.objects.bulk_create([made], ignore_conflicts=True)


def check_tries(*, consumer: Consumer, asker: Asker, at: datetime) -> None:
    """Raise TooMany if so many cards of a person were declined that they have to wait, and log who."""
    wait_s, _visits_s = _waits(consumer, asker, at)
    if wait_s:
        log.warning("cards.limited consumer=%s network=%s wait_s=%s", consumer.public_id, asker.network_hash[:12] or "-", wait_s)
        raise _too_many(_DECLINED_MANY, wait_s, consumer)


def check_visits(*, consumer: Consumer, asker: Asker, at: datetime) -> None:
    """Raise TooMany after too many declined cards, or too many visits to the card page that saved no card."""
    check_tries(consumer=consumer, asker=asker, at=at)
    _cards_s, wait_s = _waits(consumer, asker, at)
    if wait_s:
        log.warning("cards.visits_limited consumer=%s wait_s=%s", consumer.public_id, wait_s)
        raise _too_many(_VISITED_MANY, wait_s, consumer)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Texts that say why and how long a person has to wait before they try or add a card; empty if they need not wait."""

    to_try: str = ""
    to_add: str = ""


def find_waiting(*, consumer: Consumer, asker: Asker, at: datetime) -> Waiting:
    """Return why and how long somebody has to wait, for a page to show before any try."""
    cards_s, visits_s = _waits(consumer, asker, at)
    if cards_s:
        told = _too_many(_DECLINED_MANY, cards_s, consumer).detail
        return Waiting(told, told)
    return Waiting(to_add=_too_many(_VISITED_MANY, visits_s, consumer).detail) if visits_s else Waiting()


_COUNT = Statement(
    "payments_count_declined",
    """
    SELECT greatest(
        (SELECT count(*) FROM payments_cardtry WHERE at > %(day)s AND at <= %(at)s AND consumer_id = %(consumer)s),
        (SELECT count(*) FROM payments_cardtry WHERE at > %(day)s AND at <= %(at)s AND device_hash = nullif(%(device)s, '')))""",
)


def count_declined(*, consumer: Consumer, asker: Asker, at: datetime) -> int:
    """Return how many cards were declined within a day for a person's account, or from their browser, whichever is more. One query."""
    told = {"consumer": consumer.id, "device": asker.device_hash, "day": at - rules.DAY, "at": at}
    return int(_COUNT.rows(**told)[0][0])


def forget_try(*, key: str) -> None:
    """Delete a try: the card was good, or the gateway gave no answer."""
    CardTry.objects.filter(key=key).delete()


def trying(
    call: Callable[[], T],
    *,
    consumer: Consumer,
    asker: Asker,
    at: datetime,
    key: str = "",
    is_declined: Callable[[T], bool] = lambda _found: False,
) -> T:
    """Make a call that shows whether a card is good, and count it as one try; CardRefused counts as declined. TooMany before the call.

    Calls with the same `key` count as one try.
    """
    key = key or f"card:{uuid7()}"
    take_try(consumer=consumer, key=key, asker=asker, at=at)
    declined = False
    try:
        found = call()
        declined = is_declined(found)
    except CardRefused:
        declined = True
        raise
    finally:
        if not declined:
            forget_try(key=key)
    return found


# One query: declines of the account and of the person's other accounts in the same place, of the browser, and of the network (a count);
# visits that saved no card.
_DECLINED = """
    SELECT
        ARRAY(SELECT at FROM payments_cardtry WHERE at > %(day)s AND (consumer_id = %(consumer)s OR (
            consumer_id IN (SELECT id FROM accounts_consumer WHERE id = %(holder)s OR person_id = %(holder)s)
            AND (device_hash = nullif(%(device)s, '') OR network_hash = nullif(%(network)s, '')))) ORDER BY at DESC LIMIT %(most)s),
        ARRAY(SELECT at FROM payments_cardtry WHERE at > %(day)s AND device_hash = nullif(%(device)s, '') ORDER BY at DESC LIMIT %(most)s),
        (SELECT count(*) FROM payments_cardtry WHERE at > %(hour)s AND network_hash = nullif(%(network)s, '')),
        ARRAY(SELECT created_at FROM payments_cardsetup WHERE consumer_id = %(consumer)s AND payment_method_id IS NULL
            AND checks_id IS NULL AND created_at > %(day)s ORDER BY created_at DESC LIMIT %(visits)s)"""


def _waits(consumer: Consumer, asker: Asker, at: datetime) -> tuple[int, int]:
    """Return how many seconds a person has to wait before they try a card, and before they visit the card page."""
    params = {
        "day": at - rules.DAY,
        "hour": at - rules.HOUR,
        "consumer": consumer.id,
        "holder": consumer.holder_id,
        "device": asker.device_hash,
        "network": asker.network_hash,
        "most": rules.MOST,
        "visits": rules.VISITS[-1].most,
    }
    *declined, visits = rows(_DECLINED, params)[0]
    return rules.wait_for_card(rules.Declined(*declined), at), rules.wait_under(rules.VISITS, visits, at)


def _too_many(why: str, wait_s: int, consumer: Consumer) -> TooMany:
    """Return the error that says why and how long somebody waits; it mentions cards that have paid before if there are any."""
    wait = _wait(-(-wait_s // 60))
    if list_proven(consumer):
        detail = Sentence("%(why)s Try again in %(wait)s, or use a card that you have paid with before.", why=why, wait=wait)
    else:
        detail = Sentence("%(why)s Try again in %(wait)s.", why=why, wait=wait)
    return TooMany(detail, retry_after_s=wait_s)


def _wait(minutes: int) -> Sentence:
    if minutes > 90:
        return Sentence("%(n)s hours", n=-(-minutes // 60))
    return Sentence("%(n)s minutes", n=minutes) if minutes > 1 else Sentence("a minute")
