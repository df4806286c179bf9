"""The words for orders and people that several areas of the portal share: pills and names. Pure."""

from dataclasses import dataclass

from accounts.models import Consumer
from portals.contacts import mask


@dataclass(frozen=True, slots=True)
class Pill:
    """A word and its tone."""

    text: str
    tone: str


def order_number(reference: str, public_id: str) -> str:
    """Return the shop's own number of an order, such as `#10482`, otherwise our id."""
    if not reference:
        return public_id
    return f"#{reference}" if reference.isdigit() else reference


def short_name(consumer: Consumer) -> str:
    """Return a customer as a shop sees them: initial and family name, otherwise their masked contact."""
    words = consumer.name.split()
    if not words:
        return mask(consumer.email) or mask(consumer.phone)
    return words[0] if len(words) == 1 else f"{words[0][0].upper()}. {words[-1]}"


def initials_of(consumer: Consumer) -> str:
    """Return the letters of a customer's avatar."""
    words = consumer.name.split()
    return "".join(word[0].upper() for word in (words[:1] + words[1:][-1:])) or "?"
