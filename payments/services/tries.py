"""Tries of cards whose person is present: counted before the gateway is asked, forgotten where the card is good, limited where many fail.

Nothing of the card is kept: only whose account it was, when, and keyed hashes of the browser and the network.
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
from payments import rules
from payments.errors import CardRefused
from payments.models import CardSetup, CardTry

log = logging.getLogger("bnpl.payments")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asker:
    """From where somebody tries a card: their network and their browser, as the page knows them; empty where there is none."""

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
    """Count a card that is about to be tried under a key, as declined until it turns out good; TooMany where there were too many.

    Many at once get no more than the limit. The same try at the same time, as by pressing twice, counts once.
    """
    with unit():
        wait_lock(f"cards:{consumer.id}")
        if CardTry.objects.filter(key=key).exists():
            return
        check_tries(consumer=consumer, asker=asker, at=at)
        note_declined(consumer=consumer, key=key, network_hash=asker.network_hash, device_hash=asker.device_hash, at=at)


def note_declined(*, consumer: Consumer, key: str, network_hash: str, device_hash: str, at: datetime) -> None:
    """Write down a declined try; again under the same key: nothing."""
    made = CardTry(consumer=consumer, key=key, network_hash=network_hash, device_hash=device_hash, at=at)
    CardTry.objects.bulk_create([made], ignore_conflicts=True)


def check_tries(*, consumer: Consumer, asker: Asker, at: datetime) -> None:
    """TooMany where somebody had so many cards declined that they have to wait; the log says who."""
    wait_s = rules.wait_for_card(_declined(consumer, asker, at), at)
    if wait_s:
        log.warning("cards.limited consumer=%s network=%s wait_s=%s", consumer.public_id, asker.network_hash[:12] or "-", wait_s)
        raise _too_many("Too many cards were declined.", wait_s)


def check_visits(*, consumer: Consumer, asker: Asker, at: datetime) -> None:
    """TooMany where somebody had too many cards declined, or went to the card page too often for nothing."""
    check_tries(consumer=consumer, asker=asker, at=at)
    visits = CardSetup.objects.filter(consumer=consumer, payment_method=None, created_at__gt=at - rules.DAY).order_by("-created_at")
    wait_s = rules.wait_under(rules.VISITS, list(visits.values_list("created_at", flat=True)[: rules.VISITS[-1].most]), at)
    if wait_s:
        log.warning("cards.visits_limited consumer=%s wait_s=%s", consumer.public_id, wait_s)
        raise _too_many("You went to the card page many times without saving a card.", wait_s)


def forget_try(*, key: str) -> None:
    """Forget a try: the card was good, or nobody answered."""
    CardTry.objects.filter(key=key).delete()


def forget_old_tries(*, at: datetime) -> int:
    """Drop declined tries older than 30 days; a timer. Return how many."""
    return CardTry.objects.filter(at__lt=at - rules.KEEP).delete()[0]


def trying(
    call: Callable[[], T],
    *,
    consumer: Consumer,
    asker: Asker,
    at: datetime,
    key: str = "",
    is_declined: Callable[[T], bool] = lambda _found: False,
) -> T:
    """Do something that shows whether a card is good, as one try; CardRefused counts as declined. TooMany before it is done.

    Under a `key` it is the same try, however many ask for it at once.
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


# One read: of the account, and of its person's others from the same place; of the browser; of the network.
_DECLINED = """
    SELECT
        ARRAY(SELECT at FROM payments_cardtry WHERE at > %(day)s AND (consumer_id = %(consumer)s OR (
            consumer_id IN (SELECT id FROM accounts_consumer WHERE id = %(holder)s OR person_id = %(holder)s)
            AND (device_hash = nullif(%(device)s, '') OR network_hash = nullif(%(network)s, '')))) ORDER BY at DESC LIMIT %(most)s),
        ARRAY(SELECT at FROM payments_cardtry WHERE at > %(day)s AND device_hash = nullif(%(device)s, '') ORDER BY at DESC LIMIT %(most)s),
        (SELECT count(*) FROM payments_cardtry WHERE at > %(hour)s AND network_hash = nullif(%(network)s, ''))"""


def _declined(consumer: Consumer, asker: Asker, at: datetime) -> rules.Declined:
    """Return what was declined of late."""
    params = {
        "day": at - rules.DAY,
        "hour": at - rules.HOUR,
        "consumer": consumer.id,
        "holder": consumer.holder_id,
        "device": asker.device_hash,
        "network": asker.network_hash,
        "most": rules.MOST,
    }
    return rules.Declined(*rows(_DECLINED, params)[0])


def _too_many(why: str, wait_s: int) -> TooMany:
    minutes = -(-wait_s // 60)
    wait = f"{minutes} minutes" if minutes > 1 else "a minute"
    if minutes > 90:
        wait = f"{-(-minutes // 60)} hours"
    return TooMany(f"{why} Try again in {wait}, or use a card that you have paid with before.", retry_after_s=wait_s)
