"""Data that must be kept although a person asked for erasure, by app: legal retention, and open business."""

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
"""SQL: whether anybody can be erased now."""
