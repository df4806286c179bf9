"""Translated names of merchants' events; programs use their types."""

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

EVENTS: dict[str, Any] = {
    "checkout.declined": _("Checkout declined"),
    "checkout.expired": _("Checkout expired"),
    "order.authorized": _("Order authorized"),
    "order.held": _("Order held for review"),
    "order.approved": _("Order approved"),
    "order.rejected": _("Order not approved"),
    "order.captured": _("Order captured"),
    "order.refunded": _("Order refunded"),
    "order.voided": _("Order voided"),
    "order.released": _("Rest of an order released"),
    "order.expired": _("Order expired"),
    "order.expiring": _("Order about to expire"),
    "order.extended": _("Order extended"),
    "order.postponed": _("Payments come later"),
    "return.started": _("Goods on their way back"),
    "return.ended": _("Return ended"),
    "plan.completed": _("Plan paid in full"),
    "settlement.created": _("Statement made"),
    "payout.bounced": _("Payout came back"),
    "payout.arrived": _("Payout arrived after all"),
    "payout.resent": _("Payout sent again"),
}
IS_GONE, BY_TEAM = "gone", "by_team"
OFF_REASONS: dict[str, Any] = {IS_GONE: _("It answered 410 Gone."), BY_TEAM: _("switched off by your team")}
"""Why an endpoint is off, by the stored code."""


def off_reason(kept: str) -> str:
    """Say why an endpoint is off, translated; rows from before codes were stored contain the sentence, or a shop's own words."""
    return str(OFF_REASONS.get(kept) or gettext(kept)) if kept else ""


def event_word(event_type: str) -> str:
    """Return the translated name of an event type; an unnamed type is returned unchanged."""
    return str(EVENTS.get(event_type, event_type))


def named_event(event_type: str) -> SafeString:
    """Return an event's name with its type, for developers."""
    return format_html("{} <code>{}</code>", event_word(event_type), event_type)
