"""The words for what to do about a payment that failed. Pure but for translation."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from collection.rules import DeclineClass, classify

WHAT_NEXT = {
    DeclineClass.HARD: gettext_noop("Use another card."),
    DeclineClass.FUNDS: gettext_noop("Use another card, or try again when there is money on it."),
    DeclineClass.TECHNICAL: gettext_noop("Try again in a few minutes, or use another card."),
    DeclineClass.AUTHENTICATION: gettext_noop("Confirm it with your bank, or use another card."),
    DeclineClass.TOO_SMALL: gettext_noop("You do not have to do anything. It is taken with the next payment."),
}


def next_text(code: str) -> str:
    """Say what to do about a payment that failed."""
    return _(WHAT_NEXT[classify(code)])
