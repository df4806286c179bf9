"""Events that plans hear."""

import uuid
from datetime import datetime

from payments.events import ChargesSettled
from plans.services import settle_charges


def on_charges_settled(event: ChargesSettled, *, at: datetime) -> None:
    """Let the charges that succeeded pay their installments, in the transaction that records them."""
    if event.succeeded:
        settle_charges(charge_ids=[uuid.UUID(key) for key in event.succeeded], at=at)
