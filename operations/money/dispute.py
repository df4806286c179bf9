"""Content of a dispute's page: what the cardholder says, where the money is, what the bank decides, and what happens to the plan."""

from typing import Any

from collection.desk import dispute_words
from core.moments import amount_words
from operations.money.traces import breaks_about, entries_about, events_about, order_of, turns_told
from operations.wording import status_of
from payments.models import Dispute
from payments.texts import bank_heading, method_name


def facts_of(dispute: Dispute) -> dict[str, Any]:
    """Return all parts of a dispute's page, in a constant number of queries."""
    charge, order = dispute.charge, order_of(dispute.reference)
    method, consumer = charge.payment_method, charge.payment_method.consumer
    turns = list(dispute.events.order_by("id"))
    what, advice = dispute_words(dispute, amount_words(dispute.amount_minor, dispute.currency))
    return {
        "dispute": dispute,
        "status": status_of(dispute.status),
        "reason": bank_heading(dispute.reason),
        "what": what,
        "next": advice,
        "charge": charge,
        "method": method_name(method.kind, method.shown),
        "consumer": consumer,
        "person": consumer.name or consumer.public_id,
        "order": order,
        "merchant": order.merchant if order else None,
        "turns": turns_told(turns),
        "breaks": breaks_about(dispute.public_id),
        "entries": entries_about(*(turn.public_id for turn in turns)),
        "events": events_about(dispute.gateway, dispute.public_id, dispute.gateway_ref),
    }
