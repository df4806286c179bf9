"""Event handlers of merchants."""

import uuid
from datetime import datetime

from merchants import services
from payments.events import PayoutsConfirmed, PayoutsReversed, PayoutsSettled


def on_payouts_settled(event: PayoutsSettled, *, at: datetime) -> None:
    """Make payouts that a bank refused owed again, and publish which earlier ones are now paid; runs in the publisher's transaction."""
    services.bounce_payouts(payout_ids=[uuid.UUID(key) for key in event.failed], at=at)
    services.note_paid(payout_ids=[uuid.UUID(key) for key in event.succeeded], at=at)


def on_payouts_reversed(event: PayoutsReversed, *, at: datetime) -> None:
    """Make payouts owed again that a bank returned after accepting them; runs in the publisher's transaction."""
    services.bounce_payouts(payout_ids=[uuid.UUID(key) for key in event.payouts], at=at)


def on_payouts_confirmed(event: PayoutsConfirmed, *, at: datetime) -> None:
    """Undo the returns of payouts that were made after all; runs in the publisher's transaction."""
    services.undo_bounces(payout_ids=[uuid.UUID(key) for key in event.payouts], at=at)
