"""Event handlers of orders."""

from datetime import datetime

from checkout.services import resolve_referral
from core.ids import parse_id
from credit.events import ReferralResolved


def on_referral_resolved(event: ReferralResolved, *, at: datetime) -> None:
    """Decide the orders that waited for a data source's review."""
    resolve_referral(decision_id=parse_id("dec", event.decision), outcome=event.outcome, at=at)
