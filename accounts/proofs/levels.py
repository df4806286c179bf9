"""What a market asks a person to prove by pictures, by the amount of a purchase."""

from datetime import datetime

from accounts.models.people import Consumer
from accounts.proofs.queries import proved_level
from accounts.states import ProofLevel
from core.clock import local_date
from markets.queries import find_identity_levels


def level_missing(consumer: Consumer, amount_minor: int, market: str, at: datetime) -> str:
    """Return the `ProofLevel` that a person still has to prove for a purchase of an amount in the shop's `market`; empty if none.

    That market's setting in force on the person's day decides, wherever the person's account is from, since the amount is in its currency;
    where there is none, the data match is enough. One query, and only from the smallest amount that asks for pictures.
    """
    setting = find_identity_levels(market, local_date(at, consumer.time_zone))
    asked = setting.value if setting else {}
    selfie, document = (asked.get(name) for name in ("selfie_from_minor", "document_from_minor"))
    if selfie is not None and amount_minor >= selfie:
        return "" if proved_level(consumer) == ProofLevel.SELFIE else ProofLevel.SELFIE.value
    if document is not None and amount_minor >= document:
        return "" if proved_level(consumer) else ProofLevel.DOCUMENT.value
    return ""
