"""What must be kept of a person although they asked to be erased, by app: the law's times, and what is still on its way."""

from accounts import erasure as accounts
from accounts.erasure import any_erasable
from checkout import queries as checkout
from credit import queries as credit
from notifications import queries as notifications
from plans import queries as plans

KEEPERS: dict[str, str] = {
    "accounts": accounts.KEPT,
    "credit": credit.KEPT,
    "plans": plans.KEPT,
    "checkout": checkout.KEPT,
    "notifications": notifications.KEPT,
}
ERASABLE = any_erasable(KEEPERS.values())
"""Whether somebody is to be erased."""
