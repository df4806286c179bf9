"""People who must not be judged without a wish of theirs: who asked to restrict or to object to the use of their data, or to limit it.

It holds from the moment they ask (GDPR, art. 18 (1) (d)) until an operator refuses; after an answer *done* or *in part* for good. Decisions
about a purchase go on: a person asks for each of them.
"""

import uuid
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from accounts.models import ConsumerRequest
from accounts.rules.requests import SPARING
from accounts.states import RequestStatus
from core.arrays import plain_array
from core.db import rows

_KINDS = ", ".join(f"'{kind}'" for kind in SPARING)


def spared(consumer: str) -> str:
    """Return the SQL condition that a consumer, whose key is the expression `consumer`, must not be judged without a wish of theirs."""
    return f"""EXISTS (
        SELECT 1 FROM accounts_consumerrequest spare WHERE spare.consumer_id = {consumer} AND spare.kind IN ({_KINDS})
            AND (spare.status = '{RequestStatus.OPEN}' OR spare.outcome IN ('done', 'partly')))"""  # noqa: S608  (words of our own)


_AMONG = f"SELECT c.id FROM accounts_consumer c WHERE c.id = ANY(%s::uuid[]) AND {spared('c.id')}"  # noqa: S608  (words of our own)


def requests_sparing() -> QuerySet[ConsumerRequest]:
    """Return the requests by which their consumers are spared; for `Exists` in a query of what models learn from."""
    return ConsumerRequest.objects.filter(Q(status=RequestStatus.OPEN) | Q(outcome__in=["done", "partly"]), kind__in=SPARING)


def spared_among(consumer_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Return those of some consumers who must not be judged without a wish of theirs; one query."""
    return {row[0] for row in rows(_AMONG, [plain_array(list(consumer_ids))])}
