"""The signed address by which a person takes pictures with their phone for a page on another screen; it is good for this alone."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core import signing

from accounts.models.people import Consumer
from accounts.proofs.queries import find_open_proof, find_proof
from accounts.queries import get_consumer
from core.errors import NotFound

VALID = timedelta(minutes=15)
STEP_S = 300
"""Within so many seconds a page shows the same address, so that its picture does not change under the camera."""
_BY_PHONE = "accounts.pictures_by_phone"


@dataclass(frozen=True, slots=True)
class ByPhone:
    """What such an address names: whose pictures, the `ProofLevel`, the checkout that asks for them (or nothing), and since when."""

    consumer: Consumer
    level: str
    reference: str
    since: datetime
    is_over: bool

    @property
    def is_sent(self) -> bool:
        """Whether pictures of the person are looked at, or were accepted since the address was shown."""
        newest = find_proof(self.consumer)
        return find_open_proof(self.consumer) is not None or (newest is not None and newest.is_accepted and newest.sent_at >= self.since)


def phone_path(consumer: Consumer, *, level: str, reference: str = "", at: datetime) -> str:
    """Return the path at which a person takes pictures without signing in, for at most a quarter of an hour."""
    since = int(at.timestamp()) // STEP_S * STEP_S
    return f"/pictures/by-phone/{signing.dumps([consumer.public_id, level, reference, since], salt=_BY_PHONE)}"


def by_phone(token: str, at: datetime) -> ByPhone:
    """Return what an address names; NotFound for one that was not signed for this."""
    try:
        public_id, level, reference, since_s = signing.loads(token, salt=_BY_PHONE)
    except signing.BadSignature:
        raise NotFound("There is no such page.") from None
    since = datetime.fromtimestamp(since_s, UTC)
    is_over = not timedelta(0) <= at - since < VALID
    return ByPhone(consumer=get_consumer(public_id), level=level, reference=reference, since=since, is_over=is_over)
