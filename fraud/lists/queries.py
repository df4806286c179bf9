"""Reads of block and allow lists."""

import uuid

from fraud.models import ListEntry


def lock_entry(entry_id: uuid.UUID) -> ListEntry:
    """Lock an entry until the transaction ends and return it."""
    return ListEntry.objects.select_for_update().get(pk=entry_id)
