"""Messages about deposits: taken, not taken, given back."""

from datetime import datetime

from core.outbox import Event
from notifications.queries import get_order
from notifications.telling import card_of_charge, tell


def on_deposit_paid(event: Event, *, at: datetime) -> None:
    """Tell the consumer that the deposit was taken, and that it goes back if the shop does not ship."""
    told = event.payload()
    order = get_order(told["reference"])
    context = {"amount_minor": told["amount_minor"], "ships": order.capture == "manual", "card": card_of_charge(told["charge"])}
    tell(order, "deposit_paid", told["charge"], context, at)


def on_deposit_failed(event: Event, *, at: datetime) -> None:
    """Tell the consumer that the deposit could not be taken, and that the shop does not ship before it is paid."""
    told = event.payload()
    context = {
        "amount_minor": told["amount_minor"],
        "failure": told["failure"],
        "next_attempt_at": told["next_attempt_at"],
        "card": card_of_charge(told["charge"]) if told["charge"] else None,
    }
    tell(get_order(told["reference"]), "deposit_failed", f"{told['plan']}:{told['attempt']}", context, at)


def on_deposit_returned(event: Event, *, at: datetime) -> None:
    """Tell the consumer that the deposit, or what of it was not used, goes back."""
    told = event.payload()
    context = {"amount_minor": told["amount_minor"], "card": card_of_charge(told["charge"])}
    tell(get_order(told["reference"]), "deposit_returned", told["charge"], context, at)
