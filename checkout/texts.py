"""What pages and letters say of an order's payments, in the same words."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from payments.texts import card_name

WHEN = {"now": _("Today"), "ships": _("When it ships"), "waived": _("Not charged")}
"""Of a payment that has no day of its own yet, by `ScheduledPayment.when`."""


def refund_sentences(outcome: Mapping[str, Any], money: Callable[[int], str]) -> list[str]:
    """Say what a refund did, from what it keeps of itself: what fell off the payments to come, interest, what goes back to which card."""
    canceled = int(outcome.get("canceled_minor", 0))
    less = [gettext("%(amount)s fell off your coming payments.") % {"amount": money(canceled)}] if canceled else []
    back = [
        gettext("%(amount)s goes back to %(card)s.") % {"amount": money(item["amount_minor"]), "card": _kept_card(item["method"])}
        for item in outcome.get("back", [])
    ]
    interest = int(outcome.get("interest_minor", 0))
    saved = [gettext("%(amount)s of interest fell away with it.") % {"amount": money(interest)}] if interest else []
    return [*less, *saved, *back]


def _kept_card(name: str) -> str:
    """Return a card as the refund's outcome keeps it ("visa 4242") by its name."""
    brand, _sep, digits = name.rpartition(" ")
    return card_name(brand, digits)
