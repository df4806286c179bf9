"""What rules let the accounts of a late person do."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts import queries
from accounts.models import Consumer
from core.db import unit


def assign_behavior(*, holder_id: uuid.UUID, behavior: Mapping[str, Any], at: datetime) -> bool:
    """Let all accounts of a person do what rules say while they are late, and nothing for a person who is not; return whether that is new.

    `holder_id` is the key of the person's first account. The caller holds the person's lock.
    """
    with unit():
        found = Consumer.objects.filter(pk__in=queries.account_ids(holder_id)).exclude(behavior=dict(behavior))
        return bool(found.update(behavior=dict(behavior)))
