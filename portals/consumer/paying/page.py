"""One payment in the form that the template takes."""

from dataclasses import dataclass

from payments.models import Charge


@dataclass(frozen=True, slots=True)
class ShownCharge:
    """A payment as its page shows it: the amount in minor units, and the bank's address for confirming it (or an empty text)."""

    minor: int
    currency: str
    confirm_path: str


def shown_charge(charge: Charge) -> ShownCharge:
    """Return a charge as its page shows it."""
    return ShownCharge(charge.amount_minor, charge.currency, charge.action_url)
