"""What merchants hear of others."""

import uuid
from datetime import datetime

from merchants import services
from payments.events import PayoutsSettled


def on_payouts_settled(event: PayoutsSettled, *, at: datetime) -> None:
    """Owe again what a bank did not take; heard in the publisher's transaction."""
    services.bounce_payouts(payout_ids=[uuid.UUID(key) for key in event.failed], at=at)
