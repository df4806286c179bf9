"""Sentences about an order's payments, shared by pages and letters."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from payments.texts import card_name

WHEN = {"now": _("Today"), "ships": _("When it ships"), "waived": _("Not charged")}
"""Of a payment that has no day of its own yet, by `ScheduledPayment.when`."""


def refund_sentences(outcome: Mapping[str, Any], money: Callable[[int], str]) -> list[str]:
    """Describe a refund from its stored outcome: the reduction of future payments, interest, and the amount to each card."""
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
    """Return the display name of a card that the refund's outcome stores as "visa 4242"."""
    brand, _sep, digits = name.rpartition(" ")
    return card_name(brand, digits)
