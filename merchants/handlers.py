"""Event handlers of merchants."""

import uuid
from datetime import datetime

from merchants import services
from payments.events import PayoutsReversed, PayoutsSettled


def on_payouts_settled(event: PayoutsSettled, *, at: datetime) -> None:
    """Owe again the payouts that a bank refused; runs in the publisher's transaction."""
    services.bounce_payouts(payout_ids=[uuid.UUID(key) for key in event.failed], at=at)


def on_payouts_reversed(event: PayoutsReversed, *, at: datetime) -> None:
    """Owe again the payouts that a bank returned after it had accepted them; runs in the publisher's transaction."""
    services.bounce_payouts(payout_ids=[uuid.UUID(key) for key in event.payouts], at=at)
