"""Links to pay that were sent to a late person, and what was found out about how to reach them, as plain values."""

import uuid
from typing import Any

from collection.models import PayLink, Trace
from core.moments import amount_words
from operations.wording import names_of
from payments.models import Charge
from payments.states import MovementStatus

SHOWN = 10


def link_facts(consumer_id: uuid.UUID) -> list[dict[str, Any]]:
    """Return the newest links that were sent to a person, with whether each was opened and paid; three queries."""
    found = list(PayLink.objects.filter(consumer=consumer_id).select_related("plan").order_by("-id")[:SHOWN])
    charges = Charge.objects.in_bulk([one.charge_id for one in found if one.charge_id])
    names = names_of({one.sent_by for one in found})
    return [
        {
            "channel": one.get_channel_display(),
            "amount": amount_words(one.late_minor, one.plan.currency),
            "by": names.get(one.sent_by, ""),
            "at": one.sent_at,
            "opened_at": one.opened_at,
            "paid": _paid(charges.get(one.charge_id) if one.charge_id else None),
        }
        for one in found
    ]


def _paid(charge: Charge | None) -> dict[str, Any] | None:
    if charge is None:
        return None
    succeeded, failed = charge.status == MovementStatus.SUCCEEDED, charge.status == MovementStatus.FAILED
    return {"amount": amount_words(charge.amount_minor, charge.currency), "done": succeeded, "failed": failed}


def trace_facts(consumer_id: uuid.UUID) -> dict[str, Any]:
    """Return what was found out about a person, the newest first, and what may be noted; two queries."""
    found = list(Trace.objects.filter(consumer=consumer_id).order_by("-id")[:SHOWN])
    names = names_of({key for one in found for key in (one.noted_by, one.ended_by)} - {""})
    return {
        "kinds": Trace.KINDS,
        "sources": Trace.SOURCES,
        "rows": [
            {
                "id": one.public_id,
                "kind": one.get_kind_display(),
                "source": one.get_source_display(),
                "found": one.found,
                "state": one.get_state_display(),
                "is_open": one.ended_at is None,
                "by": names.get(one.noted_by, ""),
                "at": one.noted_at,
                "ended_by": names.get(one.ended_by, ""),
            }
            for one in found
        ],
    }
