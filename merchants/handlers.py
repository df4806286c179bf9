"""Event handlers of merchants."""

import uuid
from datetime import datetime

from merchants import services
from payments.events import PayoutsConfirmed, PayoutsReversed, PayoutsSettled


def on_payouts_settled(event: PayoutsSettled, *, at: datetime) -> None:
    """Owe again the payouts that a bank refused, and tell which ones are paid now; runs in the publisher's transaction."""
    services.bounce_payouts(payout_ids=[uuid.UUID(key) for key in event.failed], at=at)
    services.note_paid(payout_ids=[uuid.UUID(key) for key in event.succeeded], at=at)


def on_payouts_reversed(event: PayoutsReversed, *, at: datetime) -> None:
    """Owe again the payouts that a bank returned after it had accepted them; runs in the publisher's transaction."""
    services.bounce_payouts(payout_ids=[uuid.UUID(key) for key in event.payouts], at=at)


def on_payouts_confirmed(event: PayoutsConfirmed, *, at: datetime) -> None:
    """Owe no more the payouts that had seemed not to be made and were; runs in the publisher's transaction."""
    services.undo_bounces(payout_ids=[uuid.UUID(key) for key in event.payouts], at=at)
