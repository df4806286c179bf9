"""What merchants hear of others."""

import uuid
from datetime import datetime

from merchants import services
from payments.events import PayoutsReversed, PayoutsSettled


def on_payouts_settled(event: PayoutsSettled, *, at: datetime) -> None:
    """Owe again what a bank did not take; heard in the publisher's transaction."""
    services.bounce_payouts(payout_ids=[uuid.UUID(key) for key in event.failed], at=at)


def on_payouts_reversed(event: PayoutsReversed, *, at: datetime) -> None:
    """Owe again what a bank gave back after it had taken it; heard in the publisher's transaction."""
    services.bounce_payouts(payout_ids=[uuid.UUID(key) for key in event.payouts], at=at)
