"""Handlers of events that matter to collection."""

import logging
import uuid
from datetime import datetime

from django.db import transaction

from checkout.events import OrderCaptured
from collection.services import take_failures, take_reversal
from collection.tasks import charge_plan
from core.ids import parse_id
from core.lanes import Lane, Urgency
from payments.events import ChargeReversed, ChargesSettled
from payments.models import Charge

log = logging.getLogger("bnpl.collection")


def on_charges_settled(event: ChargesSettled, *, at: datetime) -> None:
    """Handle failed charges in the transaction that records them; must run before plans settle the successful ones."""
    if event.failed:
        take_failures(charge_ids=[uuid.UUID(key) for key in event.failed], settled_ids=[uuid.UUID(key) for key in event.succeeded], at=at)


def on_charge_reversed(event: ChargeReversed, *, at: datetime) -> None:
    """Make the installments of a charge that was taken back for good owed again, in the transaction that records it."""
    take_reversal(
        charge_id=parse_id(Charge.PREFIX, event.charge),
        amount_minor=event.amount_minor,
        failure=event.failure,
        source=event.source,
        at=at,
    )


def on_order_captured(event: OrderCaptured, *, at: datetime) -> None:
    """Start a worker task for the first payment; if the task is lost, the due run charges the payment."""
    transaction.on_commit(lambda: _wake(event.plan))


def _wake(plan: str) -> None:
    try:
        charge_plan.apply_async(args=[plan], queue=Lane.OUTSIDE, priority=Urgency.URGENT, retry=False)
    except Exception:  # noqa: BLE001  (whatever is wrong with the broker: the timer does it)
        log.warning("the broker does not answer; %s waits for the due run", plan)
