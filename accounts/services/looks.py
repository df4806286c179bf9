"""The log of operators' looks at personal data. Its rows have real times, which a sandbox's clock does not move, and never change."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from accounts.models import Look, User
from core.crypto import lookup_hash
from core.db import unit, wait_lock
from core.errors import TooMany

A_MINUTE, A_DAY = 30, 1_000
"""How many searches an operator may make: enough for a day of calls, too few to read out everybody."""


def note_look(*, user: User, consumers: Iterable[uuid.UUID], page: str, address: str, at: datetime, purpose: str = "") -> None:
    """Record that an operator sees personal data of some consumers on a page (`Look.PAGES`); `purpose` is the text of a search."""
    hashed = lookup_hash(f"purpose:{purpose}") if purpose else ""
    Look.objects.bulk_create(
        [
            Look(user=user, consumer_id=consumer, page=page, purpose_hash=hashed, address=address[:45], at=at)
            for consumer in dict.fromkeys(consumers)
        ]
    )


def note_search(*, user: User, purpose: str, address: str, at: datetime) -> None:
    """Record an operator's search before it is made; TooMany if the operator has made too many."""
    with unit():
        wait_lock(f"looks:{user.pk}")
        mine = Look.objects.filter(user=user, page="find", consumer=None)
        for most, span in ((A_MINUTE, timedelta(minutes=1)), (A_DAY, timedelta(days=1))):
            # The oldest search that still counts: once it is older than the span, the operator may search again.
            oldest = mine.filter(at__gt=at - span).order_by("-at").values_list("at", flat=True)[most - 1 : most].first()
            if oldest is not None:
                wait = max(1, int((oldest + span - at).total_seconds()))
                raise TooMany("You searched very often. Wait a little, then search again.", retry_after_s=wait)
        Look.objects.create(user=user, page="find", purpose_hash=lookup_hash(f"purpose:{purpose}"), address=address[:45], at=at)
